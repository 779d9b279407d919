import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import type { BrokerInstance } from '../../local/processes/broker-process';
import { LoadGenerator } from '../load/load-generator';
import { bundleSizes, type BundleSize } from '../process/bundle-sizes';
import { imageBundles } from '../process/image-bundles';
import { memoryOf } from '../process/process-memory';
import { msUntilOk } from '../process/start-up';
import { synthMs } from '../process/synth';
import type { BenchContext, Cell, Scenario, ScenarioResult } from '../scenario';
import { median } from '../statistics';

const POOL_SIZE = 2_000;
const CLASS_SIZE = 500;
const CLASS_COUNT = 3;
/** Until what a process needs to start is done with. */
const CALM_MS = 3_000;
const BYTES_PER_MB = 2 ** 20;

/** What the processes need: time to start, memory, and the size of what is shipped. */
export const footprintScenario: Scenario = {
  name: 'footprint',
  title: 'Footprint: start, memory, bundles, synthesis',
  run: async (context) => {
    const directory = await imageBundles(context.bundleDirectory);
    const { load, ...rest } = await measureProcesses(context, directory);
    context.progress('synthesis');
    const synthTimesMs: number[] = [];
    for (let turn = 0; turn < (context.isQuick ? 1 : 3); turn += 1) {
      synthTimesMs.push(await synthMs(context.signal));
    }
    const sizes = await bundleSizes(context.bundleDirectory, ['api.js', 'worker.js', 'rollback.js']);
    return resultOf({ ...rest, ...load, synth: median(synthTimesMs) / 1_000 }, sizes);
  },
};

interface StartTimes {
  apiHealthy: number;
  apiReady: number;
  workerHealthy: number;
}

/** Resident memory in MB; absent where it cannot be told. */
interface LoadMemory {
  apiIdle?: number;
  apiPeak?: number;
  apiAfter?: number;
  workerIdle?: number;
}

async function measureProcesses(
  context: BenchContext,
  directory: string,
): Promise<{ starts: StartTimes; load: LoadMemory }> {
  const { signal, isQuick } = context;
  context.progress('starting a system');
  const system = await startLocalSystem({
    sandboxCount: POOL_SIZE,
    apiTaskCount: 1,
    workerCount: 1,
    apiEntry: join(directory, 'api.js'),
    workerEntry: join(directory, 'worker.js'),
    signal,
  });
  try {
    const [api] = system.apis;
    const [worker] = system.workers;
    if (!api || !worker) throw new Error('A process is missing');
    context.progress('starting processes again and again');
    const starts = await measureStarts(api, worker, isQuick ? 3 : 9, signal);
    context.progress('memory');
    return { starts, load: await measureMemory(system, api, worker, signal) };
  } finally {
    await system.stop();
  }
}

async function measureStarts(
  api: BrokerInstance,
  worker: BrokerInstance,
  count: number,
  signal: AbortSignal,
): Promise<StartTimes> {
  const times = { apiHealthy: [] as number[], apiReady: [] as number[], workerHealthy: [] as number[] };
  for (let turn = 0; turn < count; turn += 1) {
    const [healthy, ready] = await timeStart(api, ['/healthz', '/readyz'], signal);
    const [workerHealthy] = await timeStart(worker, ['/healthz'], signal);
    times.apiHealthy.push(healthy ?? Number.NaN);
    times.apiReady.push(ready ?? Number.NaN);
    times.workerHealthy.push(workerHealthy ?? Number.NaN);
  }
  return {
    apiHealthy: median(times.apiHealthy),
    apiReady: median(times.apiReady),
    workerHealthy: median(times.workerHealthy),
  };
}

/** Milliseconds from the start of the process until each of its paths answers 200. */
async function timeStart(
  { url, process }: BrokerInstance,
  paths: string[],
  signal: AbortSignal,
): Promise<number[]> {
  await process.stop();
  const answered = Promise.all(paths.map((path) => msUntilOk(url + path, signal)));
  const [times] = await Promise.all([answered, process.start()]);
  return times;
}

async function measureMemory(
  system: LocalSystem,
  api: BrokerInstance,
  worker: BrokerInstance,
  signal: AbortSignal,
): Promise<LoadMemory> {
  const load = new LoadGenerator([Number(new URL(api.url).port)], system.brokerApiToken, signal);
  try {
    await delay(CALM_MS, undefined, { signal });
    const apiIdle = (await memoryOf(api.process))?.rssMb;
    const workerIdle = (await memoryOf(worker.process))?.rssMb;
    await load.open(CLASS_SIZE);
    for (let turn = 0; turn < CLASS_COUNT; turn += 1) {
      const lanes = Array.from({ length: CLASS_SIZE }, (_, student) => [{ caller: `${turn}-${student}` }]);
      const answers = (await load.allocate(lanes)).flat();
      const refused = answers.find(({ status }) => status !== 201);
      if (refused) throw new Error(`An allocation was answered with ${refused.status}: ${refused.body}`);
    }
    const apiPeak = (await memoryOf(api.process))?.peakRssMb;
    await delay(CALM_MS, undefined, { signal });
    const apiAfter = (await memoryOf(api.process))?.rssMb;
    return { apiIdle, workerIdle, apiPeak, apiAfter };
  } finally {
    await load.stop();
  }
}

function resultOf(
  { starts, synth, ...memory }: LoadMemory & { starts: StartTimes; synth: number },
  sizes: BundleSize[],
): ScenarioResult {
  const figures: [title: string, name: string, value: number | undefined][] = [
    ['API, start until /healthz answers 200 (ms)', 'api_healthy_ms', starts.apiHealthy],
    ['API, start until /readyz answers 200 (ms)', 'api_ready_ms', starts.apiReady],
    ['worker, start until /healthz answers 200 (ms)', 'worker_healthy_ms', starts.workerHealthy],
    ['API memory, idle (RSS, MB)', 'api_idle_rss_mb', memory.apiIdle],
    [`API memory, at most under load (RSS, MB)`, 'api_peak_rss_mb', memory.apiPeak],
    ['API memory, after the load (RSS, MB)', 'api_after_rss_mb', memory.apiAfter],
    [`worker memory, after a sync (RSS, MB)`, 'worker_idle_rss_mb', memory.workerIdle],
    ...sizes.flatMap(({ name, bytes, gzipBytes }): [string, string, number][] => {
      const slug = name.replace('.', '_');
      return [
        [`${name} (MB)`, `${slug}_mb`, bytes / BYTES_PER_MB],
        [`${name}, gzip (MB)`, `${slug}_gzip_mb`, gzipBytes / BYTES_PER_MB],
      ];
    }),
    ['synthesis of the dev stacks (s)', 'synth_s', synth],
  ];
  return {
    columns: ['what', 'figure'],
    rows: figures.map(([title, , value]): Cell[] => [title, value ?? '–']),
    notes: [
      'Bundles without source maps, as in the container image. Starts: the median of several, asked every 5 ms.',
      `The load: ${CLASS_COUNT} classes of ${CLASS_SIZE} students at the same instant, one API process, pool of ${POOL_SIZE.toLocaleString('en-US')}. Memory is read from /proc, and is missing on systems without it.`,
    ],
    values: Object.fromEntries(
      figures.flatMap(([, name, value]) => (value === undefined ? [] : [[`footprint_${name}`, value]])),
    ),
  };
}
