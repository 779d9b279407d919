import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JOB_NAMES } from '../../app/store/job-store';
import { startLocalSystem } from '../../local/local-system';
import type { BenchContext } from '../scenario';
import { median } from '../statistics';
import { startCapacityMeter, type CapacityMeter, type TimedCall } from './capacity-meter';
import { isRunnerCheck } from './test-bed';

/** How often processes look by themselves, in milliseconds from one look to the next. */
export interface IdleIntervals {
  /** Who runs the jobs: every process. */
  runnerCheckMs: number;
  /** When one job is due: the process that runs the jobs. */
  dueCheckMs: number;
}

/** So that each interval, the longest being half a minute, comes several times. */
const WATCHED_MS = 100_000;

/** Watches an API process and a worker that have nothing to do, with the intervals of production, for 100 seconds. */
export async function watchIdleProcesses({ bundleDirectory, signal }: BenchContext): Promise<IdleIntervals> {
  const meters: CapacityMeter[] = [];
  // Filled in as soon as it is known where the engine is, which is before any worker starts.
  const workerEnvironment: Record<string, string> = {};
  const system = await startLocalSystem({
    sandboxCount: 20,
    apiTaskCount: 1,
    workerCount: 1,
    apiEntry: join(bundleDirectory, 'api.js'),
    workerEntry: join(bundleDirectory, 'worker.js'),
    signal,
    workerEnvironment,
    processDynamodbEndpoint: async (engineEndpoint) => {
      const apiMeter = await startCapacityMeter(engineEndpoint);
      const workerMeter = await startCapacityMeter(engineEndpoint);
      meters.push(apiMeter, workerMeter);
      workerEnvironment.DDB_ENDPOINT_URL = workerMeter.url;
      return apiMeter.url;
    },
  });
  try {
    await delay(WATCHED_MS, undefined, { signal });
    const [ofApi = [], ofWorker = []] = meters.map((meter) => meter.take());
    const dueChecks = JOB_NAMES.map((job) =>
      ofWorker.filter(({ operation, target }) => operation === 'GetItem' && target === `JOB#${job}`),
    );
    return {
      runnerCheckMs: median([
        ...intervalsMs(ofApi.filter(isRunnerCheck)),
        ...intervalsMs(ofWorker.filter(isRunnerCheck)),
      ]),
      dueCheckMs: median(dueChecks.flatMap(intervalsMs)),
    };
  } finally {
    await system.stop();
    await Promise.all(meters.map((meter) => meter.stop()));
  }
}

/** From each call to the next. Their median stands, even if one look of another kind reads the same item. */
function intervalsMs(calls: readonly TimedCall[]): number[] {
  return calls.slice(1).map((call, index) => call.atMs - (calls[index]?.atMs ?? 0));
}
