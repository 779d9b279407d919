import { performance } from 'node:perf_hooks';
import { scenarioRecord, type ScenarioRecord } from './report/run-record';
import type { BarChart, BenchContext, Scenario, ScenarioResult } from './scenario';

export interface ScenarioRun {
  records: ScenarioRecord[];
  charts: BarChart[];
}

export interface RunOptions extends Omit<BenchContext, 'progress' | 'result'> {
  progress: (scenario: Scenario, message: string) => void;
  onResult: (scenario: Scenario, result: ScenarioResult) => void;
}

/** Runs scenarios one after the other. Rejects with the first that fails, or when the signal fires. */
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
    const result = await scenario.run({
      ...options,
      progress: (message) => {
        progress(scenario, message);
      },
      result: (name) => results.get(name),
    });
    run.records.push(scenarioRecord(scenario, result, performance.now() - startedAtMs));
    run.charts.push(...(result.charts ?? []));
    results.set(scenario.name, result);
    onResult(scenario, result);
  }
  return run;
}
