import { setTimeout as delay } from 'node:timers/promises';
import type { LocalSystem } from '../../local/local-system';
import type { LoggedRun } from '../../test/e2e/support/job-runs';
import { startCapacityMeter } from '../cost/capacity-meter';
import { MeteredJobs } from '../cost/job-costs';
import { memoryOf, type ProcessMemory } from '../process/process-memory';
import { startLateWorker, type LateWorker } from '../process/start-worker';
import type { PoolSystem } from './pool-system';

/** A sync that finds nothing to change, in a worker with the memory of production. */
export interface SyncMeasurement {
  durationMs: number;
  /** Of the worker, before its first sync and at most until its end; `undefined` where it cannot be told. */
  memory?: { before: ProcessMemory; after: ProcessMemory };
  /** Writes to sandboxes and claims, counted at the engine's door in a run of its own. */
  sandboxWriteCount: number;
}

/** A run as it was logged, with how long it took. */
interface TimedRun extends LoggedRun {
  duration_ms: number;
}

/**
 * What Node.js gives JavaScript objects in a container of 512 MB, the worker's: a quarter of the memory, doubled on
 * 64-bit machines (V8, `Heap::HeapSizeFromPhysicalMemory`).
 */
const WORKER_HEAP_MB = 256;
const SYNC_TIMEOUT_MS = 300_000;
const POLL_MS = 50;

/**
 * Runs it, in a worker that is started for it and stopped afterwards. The API process is stopped for good: its counting
 * of the pool would keep the engine busy, which does one thing at a time.
 */
export async function measureSync(
  { system, size }: PoolSystem,
  bundleDirectory: string,
  signal: AbortSignal,
): Promise<SyncMeasurement> {
  await Promise.all(system.apis.map((api) => api.process.stop()));
  const worker = await startLateWorker(system, bundleDirectory, {
    NODE_OPTIONS: `--max-old-space-size=${WORKER_HEAP_MB}`,
    NODE_ENV: 'production',
  });
  let memory: SyncMeasurement['memory'];
  let run: TimedRun;
  try {
    // The first job begins a second after the start.
    const before = await memoryOf(worker.process);
    run = await syncRun(worker, signal);
    const after = await memoryOf(worker.process);
    memory = before && after ? { before, after } : undefined;
  } finally {
    await worker.stop();
  }
  if (run.outcome !== 'success' || run.counts.listed !== size) {
    throw new Error(`Sync of ${size} sandboxes: ${JSON.stringify(run)}`);
  }
  return { durationMs: run.duration_ms, memory, sandboxWriteCount: await countWrites(system) };
}

async function syncRun({ process: worker }: LateWorker, signal: AbortSignal): Promise<TimedRun> {
  const deadlineMs = Date.now() + SYNC_TIMEOUT_MS;
  while (worker.isRunning && Date.now() < deadlineMs) {
    const line = worker.stdout
      .split('\n')
      .find((each) => each.includes('"msg":"job run"') && each.includes('"job":"sync"'));
    if (line !== undefined) return JSON.parse(line) as TimedRun;
    await delay(POLL_MS, undefined, { signal });
  }
  const how = worker.isRunning ? 'has not synced in time' : `ended: ${JSON.stringify(worker.lastExit)}`;
  throw new Error(`The worker ${how}\n${worker.stderr.slice(-2_000)}`);
}

async function countWrites(system: LocalSystem): Promise<number> {
  const meter = await startCapacityMeter(system.dynamodbEndpoint);
  const jobs = new MeteredJobs({ system, meter });
  try {
    return await jobs.writesOfSync();
  } finally {
    jobs.close();
    await meter.stop();
  }
}
