import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Screen } from '../local/screen/screen';
import { buildBundles } from './build-bundles';
import { parseBenchOptions, type BenchOptions } from './options';
import { formatTable } from './report/format-table';
import { describeMachine, readRevision } from './report/run-record';
import { writeResults } from './report/write-results';
import { runScenarios } from './run-scenarios';
import type { Scenario, ScenarioResult } from './scenario';
import { SCENARIOS } from './scenarios';

/*
 * `npm run bench`: measures the broker on this machine, and writes down what came out.
 */

const ROOT = join(__dirname, '..');
/** Stopping in order takes seconds. What is still there then ends with us: each process watches for that. */
const STOP_TIMEOUT_MS = 15_000;

/** Resolves with the exit code. */
async function main(): Promise<number> {
  const options = parseBenchOptions(
    process.argv.slice(2),
    SCENARIOS.map(({ name }) => name),
  );
  const screen = new Screen(process.stdout);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ending.abort();
      setTimeout(() => process.exit(130), STOP_TIMEOUT_MS).unref();
    });
  }
  try {
    await run(options, screen, ending.signal);
    return 0;
  } catch (error) {
    screen.end();
    if (ending.signal.aborted) {
      screen.say('Broken off. Everything is stopped, and no results are written.');
      return 130;
    }
    console.error(error);
    return 1;
  }
}

async function run(options: BenchOptions, screen: Screen, signal: AbortSignal): Promise<void> {
  const { only, quick } = options;
  const scenarios = SCENARIOS.filter(({ name }) => only?.includes(name) ?? true);
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const machine = describeMachine();
  const revision = await readRevision(ROOT);
  const told = new Set<string>();
  const scratchDirectory = await mkdtemp(join(tmpdir(), 'sandbox-broker-bench-'));
  try {
    if (options.bundles === undefined) {
      screen.showStatus('Bundling the processes …');
      await buildBundles(scratchDirectory);
    }
    const { records, charts, failure } = await runScenarios(scenarios, {
      isQuick: quick,
      signal,
      bundleDirectory: resolve(options.bundles ?? scratchDirectory),
      progress: ({ name }, message) => {
        screen.showStatus(`${name}: ${message} …`);
      },
      onResult: (scenario, result) => {
        screen.end();
        screen.say(describeResult(scenario, result, told));
        for (const note of result.notes) told.add(note);
      },
    });
    const directory = resolve(options.output ?? defaultOutput(options, failure === undefined));
    const record = {
      started_at: startedAt.toISOString(),
      duration_seconds: Math.round((performance.now() - startedAtMs) / 1_000),
      revision,
      options: { quick, only: scenarios.map(({ name }) => name) },
      machine,
      scenarios: records,
    };
    await writeResults(directory, record, charts);
    screen.say(`Written to ${relative(process.cwd(), directory) || '.'}: latest.json, latest.svg, latest.md`);
    if (failure) throw new Error(`${failure.scenario} failed, and what comes after it did not run`, failure);
  } finally {
    await rm(scratchDirectory, { recursive: true, force: true });
  }
}

/** Only a whole run replaces the results that are kept with the sources. */
function defaultOutput({ quick, only, bundles }: BenchOptions, isWhole: boolean): string {
  return quick || only !== undefined || bundles !== undefined || !isWhole
    ? join(ROOT, '.local', 'bench')
    : join(ROOT, 'bench', 'results');
}

/** What has been told of an earlier scenario is not told again. */
function describeResult({ title }: Scenario, result: ScenarioResult, told: ReadonlySet<string>): string {
  const notes = result.notes.filter((note) => !told.has(note)).map((note) => `- ${note}`);
  return ['', title, '='.repeat(title.length), '', formatTable(result), '', ...notes, ''].join('\n');
}

void main().then((exitCode) => {
  // The connections that may still be open are no reason to wait.
  process.exit(exitCode);
});
