import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Screen } from '../local/screen/screen';
import { buildBundles, buildRevision } from './build-bundles';
import { parseBenchOptions, type BenchOptions } from './options';
import { formatTable } from './report/format-table';
import { describeMachine, readRevision } from './report/run-record';
import { writeResults } from './report/write-results';
import { runScenarios } from './run-scenarios';
import type { ComparedBuild, Scenario, ScenarioResult } from './scenario';
import { SCENARIOS } from './scenarios';

/*
 * `npm run bench`: measures the broker on this machine, and writes down what came out.
 */

const ROOT = join(__dirname, '..');
const COMPARING = SCENARIOS.filter(({ canCompare }) => canCompare).map(({ name }) => name);
/** Of the files with the results of a comparison. */
const COMPARISON_NAME = 'partial-failure';
/** Stopping in order takes seconds. What is still there then ends with us: each process watches for that. */
const STOP_TIMEOUT_MS = 15_000;

/** Resolves with the exit code. */
async function main(): Promise<number> {
  const options = parseBenchOptions(process.argv.slice(2), {
    all: SCENARIOS.map(({ name }) => name),
    comparing: COMPARING,
  });
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
    const compared = await buildCompared(options, join(scratchDirectory, 'compared'), screen);
    const { records, charts, failure } = await runScenarios(scenarios, {
      isQuick: quick,
      roundCount: options.rounds,
      compared,
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
      options: {
        quick,
        only: scenarios.map(({ name }) => name),
        ...(compared && { compare: compared.revision }),
      },
      machine,
      scenarios: records,
    };
    const name = compared ? COMPARISON_NAME : 'latest';
    await writeResults(directory, record, charts, name);
    screen.say(
      `Written to ${relative(process.cwd(), directory) || '.'}: ${name}.json, ${name}.svg, ${name}.md`,
    );
    if (failure) throw new Error(`${failure.scenario} failed, and what comes after it did not run`, failure);
  } finally {
    await rm(scratchDirectory, { recursive: true, force: true });
  }
}

async function buildCompared(
  { compare }: BenchOptions,
  bundleDirectory: string,
  screen: Screen,
): Promise<ComparedBuild | undefined> {
  if (compare === undefined) return undefined;
  screen.showStatus(`Bundling the processes of ${compare} …`);
  return { revision: await buildRevision(compare, bundleDirectory), bundleDirectory };
}

/** Only a whole run, or a whole comparison, replaces the results that are kept with the sources. */
function defaultOutput({ quick, only, bundles, compare }: BenchOptions, hasFinished: boolean): string {
  const isWhole =
    only === undefined || (compare !== undefined && COMPARING.every((name) => only.includes(name)));
  return isWhole && hasFinished && !quick && bundles === undefined
    ? join(ROOT, 'bench', 'results')
    : join(ROOT, '.local', 'bench');
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
