import { performance } from 'node:perf_hooks';
import { scenarioRecord, type ScenarioRecord } from './report/run-record';
import type { BarChart, BenchContext, Scenario, ScenarioResult } from './scenario';

export interface ScenarioRun {
  records: ScenarioRecord[];
  charts: BarChart[];
  /** What ended the run before its time; what had been measured until then is there. */
  failure?: { scenario: string; cause: unknown };
}

export interface RunOptions extends Omit<BenchContext, 'progress' | 'result'> {
  progress: (scenario: Scenario, message: string) => void;
  onResult: (scenario: Scenario, result: ScenarioResult) => void;
}

/** Runs scenarios one after the other, until one fails. Rejects when the signal fires. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  { progress, onResult, ...options }: RunOptions,
): Promise<ScenarioRun> {
  const results = new Map<string, ScenarioResult>();
  const run: ScenarioRun = { records: [], charts: [] };
  for (const scenario of scenarios) {
    options.signal.throwIfAborted();
    progress(scenario, 'starting');
    const startedAtMs = performance.now();
    let result: ScenarioResult;
    try {
      result = await scenario.run({
        ...options,
        progress: (message) => {
          progress(scenario, message);
        },
        result: (name) => results.get(name),
      });
    } catch (cause) {
      options.signal.throwIfAborted();
      return { ...run, failure: { scenario: scenario.name, cause } };
    }
    run.records.push(scenarioRecord(scenario, result, performance.now() - startedAtMs));
    run.charts.push(...(result.charts ?? []));
    results.set(scenario.name, result);
    onResult(scenario, result);
  }
  return run;
}
