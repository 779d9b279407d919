import { setMaxListeners } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CleanupStack } from '../../local/processes/cleanup-stack';
import type { BundleVariant } from './bundles/bundle-variant';
import { GRACE_SECONDS, LAB_SECONDS } from './bundles/time-lapse';
import { lastingPoolViolations, restlessness } from './checks/at-rest';
import { deletedWhileHeld, holdingsOf, notebookViolations } from './checks/holdings';
import { logViolations, memoryViolations } from './checks/process-logs';
import { falseEmptiness } from './checks/false-emptiness';
import { API_COUNT, startFaultWorld, WORKER_COUNT, type FaultWorld } from './fault-world';
import { Notebook } from './people/notebook';
import { startClasses, takePlace, type Classroom } from './people/student';
import { enginePhases, phaseAt, portalPhases } from './plan/phases';
import { processEvents } from './plan/process-events';
import { seededStreams } from './plan/seeded-streams';

export interface FaultRunOptions {
  /** Decides everything that can be decided beforehand; what real time makes of it differs a little each time. */
  seed: number;
  /** How long the faults last. Coming to rest takes some ten seconds more. */
  seconds: number;
  bundles: BundleVariant;
  /** Ends at the first violation: for systems that are known to be wrong. */
  untilFirst?: boolean;
}

/** What became of a run. */
export interface FaultReport {
  /** What was wrong, in words; empty when all was well. */
  violations: string[];
  /** How much happened: calls by answer, faults by kind, ends of processes. */
  counts: Record<string, Record<string, number>>;
  /** The logs of all processes and the engine's data; kept only when something was wrong. */
  directory: string;
}

const STUDENT_PLACES = 10;
const MAX_INDEX_LAG_MS = 2_000;
const LOOK_MS = 500;
const MAX_SETTLE_MS = 60_000;
const MAX_REPORTED = 40;

/** Runs a whole system under faults, lets it come to rest, and checks all that must hold. */
export async function runFaults(options: FaultRunOptions): Promise<FaultReport> {
  const cleanups = new CleanupStack();
  const directory = await mkdtemp(join(tmpdir(), `fault-run-${options.seed}-`));
  try {
    const report = await run(options, directory, cleanups);
    await cleanups.run();
    if (report.violations.length === 0) await rm(directory, { recursive: true, force: true });
    return report;
  } finally {
    await cleanups.run();
  }
}

async function run(
  options: FaultRunOptions,
  directory: string,
  cleanups: CleanupStack,
): Promise<FaultReport> {
  const { seed, seconds, bundles } = options;
  const durationMs = seconds * 1_000;
  const stream = seededStreams(seed);
  const engineWeather = enginePhases(stream('engine weather'), durationMs);
  const portalWeather = portalPhases(stream('portal weather'), durationMs);
  const events = processEvents(stream('processes'), durationMs, {
    apiCount: API_COUNT,
    workerCount: WORKER_COUNT,
  });

  // Before the start and after the end the weather is fine.
  let startedAtMs = Number.POSITIVE_INFINITY;
  const nowMs = (): number => Date.now() - startedAtMs;
  const over = new AbortController();
  // Everybody listens to it.
  setMaxListeners(0, over.signal);
  const isOn = (): boolean => !over.signal.aborted && nowMs() >= 0;
  const problems: string[] = [];
  const world = await startFaultWorld(
    {
      bundles,
      labSeconds: LAB_SECONDS,
      graceSeconds: GRACE_SECONDS,
      directory,
      stream,
      engineRates: () => (isOn() ? (phaseAt(engineWeather, nowMs())?.rates ?? {}) : {}),
      portalRates: () => (isOn() ? (phaseAt(portalWeather, nowMs())?.rates ?? {}) : {}),
      maxIndexLagMs: () => (isOn() ? MAX_INDEX_LAG_MS : 0),
      onProblem: (what) => problems.push(what),
    },
    cleanups,
  );
  const notebook = new Notebook();
  const seen = async (): Promise<string[]> => [
    ...problems,
    ...world.history.violations,
    ...world.leases.violations,
    ...world.keeper.violations,
    ...notebookViolations(notebook.calls, GRACE_SECONDS),
    ...(await logsOf(world, directory)),
  ];

  await world.portalOwner.create(5, 'gpu-lab');
  startedAtMs = Date.now();
  const people = Promise.all([
    world.keeper.play(events, over.signal),
    world.admin.work(over.signal),
    world.portalOwner.work(over.signal),
    ...students(world, notebook, stream, over.signal, problems),
  ]);
  const isEnough = async (): Promise<boolean> => options.untilFirst === true && (await seen()).length > 0;
  while (nowMs() < durationMs && !(await isEnough())) await delay(LOOK_MS);
  over.abort();
  await people;

  const violations = await seen();
  if (options.untilFirst !== true || violations.length === 0) {
    if (!(await world.keeper.settle(Date.now() + MAX_SETTLE_MS)))
      violations.push('not all processes came back');
    while (!world.engineDoor.isQuiet()) await delay(LOOK_MS);
    violations.push(...(await lastingPoolViolations(world)));
    violations.push(...(await restlessness(world, notebook.calls)));
    violations.push(...(await memoryOf(world)));
    violations.push(...(await deletionsOf(world, notebook)));
    await world.keeper.drainAll();
    violations.push(...(await seen()));
  }
  return {
    violations: summary([...violations, ...world.engineDoor.ownFailures]),
    counts: {
      students: notebook.tally(),
      admin: world.admin.tally,
      engine: world.engineDoor.counts,
      portal: world.portalDoor.counts,
      processes: world.keeper.counts,
      jobs: { leases: world.leases.grantCount, runs: world.leases.recordCount },
    },
    directory,
  };
}

/** A few students who come and go at any time, and whole classes. */
function students(
  world: FaultWorld,
  notebook: Notebook,
  stream: ReturnType<typeof seededStreams>,
  over: AbortSignal,
  problems: string[],
): Promise<void>[] {
  let count = 0;
  const room = (name: string): Classroom => ({
    line: world.line,
    notebook,
    apiUrls: world.apiUrls,
    token: world.system.brokerApiToken,
    random: stream(name),
    nextName: () => `student-${++count}`,
    onProblem: (what) => problems.push(what),
    onEmpty: (call) => {
      problems.push(...falseEmptiness(call, world.history, world.keeper.freezes));
    },
    over,
    labMs: LAB_SECONDS * 1_000,
  });
  const places = Array.from({ length: STUDENT_PLACES }, (_, place) => takePlace(room(`place ${place}`)));
  return [...places, startClasses(room('classes'))];
}

/** From the files, which have everything; the processes' own memory of what they said is bounded. */
async function logsOf({ system }: FaultWorld, directory: string): Promise<string[]> {
  const checks = [...system.apis, ...system.workers].map(async ({ process: each }) =>
    logViolations(each.role, await readFile(join(directory, `${each.role}.log`), 'utf8')),
  );
  return (await Promise.all(checks)).flat();
}

async function memoryOf({ system }: FaultWorld): Promise<string[]> {
  const checks = [...system.apis, ...system.workers].map(async ({ url, process: each }) => {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    return memoryViolations(each.role, await answer.text());
  });
  return (await Promise.all(checks)).flat();
}

async function deletionsOf({ portalOwner }: FaultWorld, notebook: Notebook): Promise<string[]> {
  const deletions = (await portalOwner.deletions()).flatMap((entry) =>
    entry.outcome === 'deleted' && entry.csp_id !== null && !portalOwner.deletedKeys.has(entry.account_key)
      ? [{ sandboxId: String(entry.csp_id), atMs: Date.parse(entry.at) }]
      : [],
  );
  return deletedWhileHeld(deletions, holdingsOf(notebook.calls, GRACE_SECONDS));
}

/** Each once, and not more than anybody reads. */
function summary(violations: string[]): string[] {
  const different = [...new Set(violations)];
  return different.length <= MAX_REPORTED
    ? different
    : [...different.slice(0, MAX_REPORTED), `and ${different.length - MAX_REPORTED} more`];
}
