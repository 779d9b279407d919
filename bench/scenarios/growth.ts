import { measureSync, type SyncMeasurement } from '../growth/measure-sync';
import {
  allocateInTurn,
  FORGET_MS,
  watch,
  type Durations,
  type WatcherDurations,
} from '../growth/measure-requests';
import {
  API_HEAP_MB,
  RARE_COUNT,
  RARE_PREFIX,
  startPoolSystem,
  type PoolSystem,
} from '../growth/pool-system';
import { imageBundles } from '../process/image-bundles';
import { memoryOf } from '../process/process-memory';
import type { BenchContext, Cell, Scenario, ScenarioResult } from '../scenario';
import { median, percentile } from '../statistics';

interface Plan {
  sizes: readonly number[];
  allocationCount: number;
  rareAllocationCount: number;
  /** With a pause of more than a second before each. */
  searchCount: number;
  watchCount: number;
}

const FULL: Plan = {
  sizes: [1_000, 10_000, 100_000],
  allocationCount: 400,
  rareAllocationCount: 60,
  searchCount: 30,
  watchCount: 5,
};
const QUICK: Plan = {
  sizes: [1_000, 10_000],
  allocationCount: 100,
  rareAllocationCount: 20,
  searchCount: 8,
  watchCount: 2,
};
/** Thrown away: the first calls of a process are compiled while they run. */
const WARM_UP_COUNT = 40;

/** A p50 of the largest pool, in those of the smallest. */
const MAX_RATIO = 1.25;
const MIN_SIZE_FOR_SLOPE = 100_000;

/** What one pool showed. */
interface Findings {
  size: number;
  /** One right after the other: nearly all are given what an earlier one's search has found. */
  allocationMs: number[];
  /** So far apart that each searches the index. */
  searchingAllocationMs: number[];
  rareAllocationMs: number[];
  watcher: WatcherDurations;
  /** Of the API process: after the warm-up, after the same work in each pool, and after walking its list. MB. */
  apiRssMb?: { before: number; after: number; afterAllPages: number };
  sync: SyncMeasurement;
}

/** Whether pools of 1,000 to 100,000 sandboxes feel the same to those who use them. */
export const growthScenario: Scenario = {
  name: 'growth',
  title: 'Growth: the same work in pools of different sizes, one API process each',
  run: async (context) => {
    const plan = context.isQuick ? QUICK : FULL;
    const directory = await imageBundles(context.bundleDirectory);
    const pools: PoolSystem[] = [];
    try {
      for (const size of plan.sizes) {
        context.progress(`filling a pool of ${withCommas(size)}`);
        pools.push(await startPoolSystem(size, directory, context.signal));
      }
      return resultOf(await measure(context, plan, pools, directory));
    } finally {
      await Promise.all(pools.map((pool) => pool.stop()));
    }
  },
};

async function measure(
  context: BenchContext,
  plan: Plan,
  pools: PoolSystem[],
  directory: string,
): Promise<Findings[]> {
  const { signal } = context;
  await allocateInTurn(pools, { count: WARM_UP_COUNT, signal });
  const before = await rssOf(pools);
  // First, as long as there are enough of them in the smallest pool.
  context.progress('allocating by prefix, in each pool in turn');
  const rare = await allocateInTurn(pools, {
    count: plan.rareAllocationCount,
    namePrefix: RARE_PREFIX,
    signal,
  });
  // While even the smallest pool is nearly full.
  context.progress('allocating once a second, in each pool in turn');
  const searching = await allocateInTurn(pools, { count: plan.searchCount, pauseMs: FORGET_MS, signal });
  context.progress('allocating, in each pool in turn');
  const any = await allocateInTurn(pools, { count: plan.allocationCount, signal });
  const after = await rssOf(pools);

  const findings: Findings[] = [];
  for (const pool of pools) {
    const { size } = pool;
    context.progress(`admins and scrapes, pool of ${withCommas(size)}`);
    const watcher = await watch(pool, plan.watchCount);
    const rss = { before: before.get(size), after: after.get(size), all: (await rssOf([pool])).get(size) };
    context.progress(`sync, pool of ${withCommas(size)}`);
    const sync = await measureSync(pool, directory, signal);
    findings.push({
      size,
      allocationMs: of(any, size),
      searchingAllocationMs: of(searching, size),
      rareAllocationMs: of(rare, size),
      watcher,
      apiRssMb:
        rss.before !== undefined && rss.after !== undefined && rss.all !== undefined
          ? { before: rss.before, after: rss.after, afterAllPages: rss.all }
          : undefined,
      sync,
    });
  }
  return findings;
}

async function rssOf(pools: PoolSystem[]): Promise<Map<number, number | undefined>> {
  const entries = pools.map(async ({ size, system }) => {
    const api = system.apis[0]?.process;
    return [size, api && (await memoryOf(api))?.rssMb] as const;
  });
  return new Map(await Promise.all(entries));
}

function of(durations: Durations, size: number): number[] {
  return durations.get(size) ?? [];
}

/** A row of the table: a figure of each pool. */
interface Row {
  title: string;
  /** In the names of values, with the unit. */
  name: string;
  figure: (findings: Findings) => number | undefined;
}

const ROWS: Row[] = [
  {
    title: 'allocation in a row, p50 (ms)',
    name: 'allocation_p50_ms',
    figure: ({ allocationMs }) => percentile(allocationMs, 50),
  },
  {
    title: 'allocation in a row, p99 (ms)',
    name: 'allocation_p99_ms',
    figure: ({ allocationMs }) => percentile(allocationMs, 99),
  },
  {
    title: 'allocation that searches, p50 (ms)',
    name: 'searching_allocation_p50_ms',
    figure: ({ searchingAllocationMs }) => percentile(searchingAllocationMs, 50),
  },
  {
    title: `allocation by a prefix of ${RARE_COUNT} sandboxes, p50 (ms)`,
    name: 'prefix_allocation_p50_ms',
    figure: ({ rareAllocationMs }) => percentile(rareAllocationMs, 50),
  },
  {
    title: 'API memory before (RSS, MB)',
    name: 'api_rss_before_mb',
    figure: ({ apiRssMb }) => apiRssMb?.before,
  },
  {
    title: 'API memory after the allocations (RSS, MB)',
    name: 'api_rss_after_mb',
    figure: ({ apiRssMb }) => apiRssMb?.after,
  },
  {
    title: 'API memory after stats, scrapes and the whole list (RSS, MB)',
    name: 'api_rss_after_list_mb',
    figure: ({ apiRssMb }) => apiRssMb?.afterAllPages,
  },
  { title: 'stats, median (ms)', name: 'stats_ms', figure: ({ watcher }) => median(watcher.stats) },
  {
    title: 'scrape that counts, median (ms)',
    name: 'counting_scrape_ms',
    figure: ({ watcher }) => median(watcher.countingScrape),
  },
  {
    title: 'admin list, a page of 100, median (ms)',
    name: 'admin_page_ms',
    figure: ({ watcher }) => median(watcher.adminPage),
  },
  {
    title: 'admin list, all pages of 500 (s)',
    name: 'admin_all_pages_s',
    figure: ({ watcher }) => watcher.allPages / 1_000,
  },
  { title: 'sync, nothing changed (s)', name: 'sync_s', figure: ({ sync }) => sync.durationMs / 1_000 },
  {
    title: 'sync, writes to sandboxes',
    name: 'sync_sandbox_writes',
    figure: ({ sync }) => sync.sandboxWriteCount,
  },
  {
    title: 'worker memory before its first sync (RSS, MB)',
    name: 'worker_rss_before_mb',
    figure: ({ sync }) => sync.memory?.before.rssMb,
  },
  {
    title: 'worker memory at most, during the sync (RSS, MB)',
    name: 'worker_rss_peak_mb',
    figure: ({ sync }) => sync.memory?.after.peakRssMb,
  },
];

function resultOf(findings: Findings[]): ScenarioResult {
  const first = findings[0];
  const last = findings.at(-1);
  if (!first || !last) throw new Error('Nothing was measured');
  const values: Record<string, number> = {};
  for (const { name, figure } of ROWS) {
    for (const each of findings) {
      const value = figure(each);
      if (value !== undefined) values[`growth_${each.size}_${name}`] = value;
    }
  }
  const inRowRatio = percentile(last.allocationMs, 50) / percentile(first.allocationMs, 50);
  const searchingRatio =
    percentile(last.searchingAllocationMs, 50) / percentile(first.searchingAllocationMs, 50);
  values.growth_allocation_p50_ratio = inRowRatio;
  values.growth_searching_allocation_p50_ratio = searchingRatio;
  const notes = [
    `In a row, the p50 of an allocation in the largest pool is ${judged(inRowRatio)}.`,
    `When it searches, the p50 of an allocation in the largest pool is ${judged(searchingRatio)}.`,
    'In a row, an allocation is mostly given what the search of an earlier one found, which the process keeps for a ' +
      `second. One that searches comes ${FORGET_MS} ms after the one before it in the same pool, and queries the index ` +
      `first; there are ${last.searchingAllocationMs.length} of them in each pool.`,
    'Allocations come one after the other, each in the next pool, and each engine, portal and API process is its own: what slows the machine down for a moment slows pools of all sizes.',
    `API memory: after a warm-up, after the same allocations in each pool, and after stats, counting scrapes and a walk through the whole list. The heap is held to ${API_HEAP_MB} MB, an eighth of production's, so that garbage that waits to be collected does not count.`,
    'The worker runs with the heap that Node.js takes in a container of 512 MB (256 MB) and the portal lists the whole pool. Memory is read from /proc, and is missing on systems without it.',
  ];
  const perTenThousand = workerMbPerTenThousand(first, last);
  if (perTenThousand !== undefined) {
    values.growth_worker_mb_per_10000 = perTenThousand;
    notes.push(
      `A sync needs about ${perTenThousand.toFixed(1)} MB for each 10,000 accounts that the portal lists.`,
    );
  }
  return {
    columns: ['what', ...findings.map(({ size }) => `${withCommas(size)} sandboxes`)],
    rows: ROWS.map(({ title, figure }) => [title, ...findings.map((each): Cell => figure(each) ?? '–')]),
    notes,
    values,
    charts: [
      {
        title: 'Allocation latency by pool size, one after the other',
        axis: 'p50 in milliseconds',
        bars: findings.map(({ size, allocationMs }) => ({
          label: withCommas(size),
          value: percentile(allocationMs, 50),
        })),
      },
      {
        title: 'Allocation latency by pool size, each with a search',
        axis: 'p50 in milliseconds',
        bars: findings.map(({ size, searchingAllocationMs }) => ({
          label: withCommas(size),
          value: percentile(searchingAllocationMs, 50),
        })),
      },
    ],
  };
}

function judged(ratio: number): string {
  const verdict = ratio <= MAX_RATIO ? 'as it should be' : 'which is too much';
  return `${ratio.toFixed(2)} × that in the smallest, ${verdict}: at most ${MAX_RATIO} ×`;
}

/** `undefined` for small pools: there the garbage collector's moods are larger than what an account takes. */
function workerMbPerTenThousand(small: Findings, large: Findings): number | undefined {
  if (large.size < MIN_SIZE_FOR_SLOPE) return undefined;
  const smallMb = small.sync.memory?.after.peakRssMb;
  const largeMb = large.sync.memory?.after.peakRssMb;
  if (smallMb === undefined || largeMb === undefined) return undefined;
  return ((largeMb - smallMb) / (large.size - small.size)) * 10_000;
}

function withCommas(count: number): string {
  return count.toLocaleString('en-US');
}
