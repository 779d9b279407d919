import { parseApiConfig } from '../../app/config';
import { idleApiHour, idleWorkerHour, type PeriodicIntervals, type PeriodicUsage } from '../cost/idle-hour';
import { watchIdleProcesses } from '../cost/idle-watch';
import { MeteredJobs } from '../cost/job-costs';
import type { Measured } from '../cost/measured';
import { studentCosts, watcherCosts } from '../cost/request-costs';
import { startTestBed } from '../cost/test-bed';
import { dollars, LIST_PRICES, type Usage } from '../cost/usage';
import type { BenchContext, Scenario, ScenarioResult } from '../scenario';

/** What depends on the pool's size is measured at both. */
const POOL_SIZES = { small: 1_000, large: 5_000 };

/** What the things that the system does use of DynamoDB, counted at the engine's door. docs/cost.md turns it into money. */
export const costScenario: Scenario = {
  name: 'cost',
  title: 'Cost: DynamoDB calls and request units, index writes included',
  run: async (context) => {
    const intervals = context.isQuick ? undefined : watchIdleProcesses(context);
    // Awaited below, when the rest is done; until then a failure of it is not one that nobody handles.
    intervals?.catch(() => undefined);
    const { all, idle } = await measureAll(context);
    const hours = intervals ? idleHours(await waitFor(intervals, context), idle) : [];
    return resultOf([...all, ...hours], context.isQuick);
  },
};

interface Findings {
  all: Measured[];
  idle: PeriodicUsage;
}

async function measureAll(context: BenchContext): Promise<Findings> {
  const bed = await startTestBed(context);
  const jobs = new MeteredJobs(bed);
  try {
    context.progress(`filling a pool of ${POOL_SIZES.small}`);
    await bed.addAccounts(POOL_SIZES.small, { inPool: true });
    context.progress('watching idle jobs and requests of admins');
    const small = await jobs.idleRuns();
    const watchers = await watcherCosts(bed, POOL_SIZES.small);
    await bed.addAccounts(POOL_SIZES.large - POOL_SIZES.small, { inPool: true });
    const large = await jobs.idleRuns();
    const largeWatchers = await watcherCosts(bed, POOL_SIZES.large);
    context.progress('a class of students');
    const students = await studentCosts(bed, context.signal);
    context.progress('expiry, deletion and new accounts');
    await jobs.cleanUp();
    const changes = await jobs.changes((count, options) => bed.addAccounts(count, options));

    const [counting, stats] = ['scrape_counting', 'stats'].map((name) => named(largeWatchers, name));
    const poolCount = counting?.usage;
    if (!counting || !stats || !poolCount) throw new Error('Nothing was counted');
    const all = [
      ...students,
      ...changes,
      ...watchers,
      atSize(counting),
      atSize(stats),
      { ...small.sync, title: `${small.sync.title}, ${POOL_SIZES.small.toLocaleString('en-US')} sandboxes` },
      atSize({
        ...large.sync,
        title: `${large.sync.title}, ${POOL_SIZES.large.toLocaleString('en-US')} sandboxes`,
      }),
      large.cleanup,
      large.expiry,
      large.deleteStale,
    ];
    const jobRuns = {
      sync: large.sync.usage,
      cleanup: large.cleanup.usage,
      'auto-expiry': large.expiry.usage,
      'auto-delete-stale': large.deleteStale.usage,
    };
    return { all, idle: { poolCount, jobRuns } };
  } finally {
    jobs.close();
    await bed.stop();
  }
}

function named(all: Measured[], wanted: string): Measured | undefined {
  return all.find(({ name }) => name === wanted);
}

function atSize(measured: Measured): Measured {
  return { ...measured, name: `${measured.name}_${POOL_SIZES.large}` };
}

async function waitFor<T>(intervals: Promise<T>, context: BenchContext): Promise<T> {
  context.progress('watching idle processes, 100 seconds in all');
  return intervals;
}

function idleHours(
  intervals: Awaited<ReturnType<typeof watchIdleProcesses>>,
  idle: PeriodicUsage,
): Measured[] {
  const periods = configuredIntervals();
  const size = POOL_SIZES.large.toLocaleString('en-US');
  return [
    {
      name: 'idle_hour_api_task',
      title: `idle hour of an API task, ${size} sandboxes`,
      usage: idleApiHour(intervals, periods, idle),
    },
    {
      name: 'idle_hour_worker',
      title: `idle hour of the worker, ${size} sandboxes`,
      usage: idleWorkerHour(intervals, periods, idle),
    },
  ];
}

/** The defaults, which are what is deployed. */
function configuredIntervals(): PeriodicIntervals {
  const { statusReport, jobs } = parseApiConfig({
    BROKER_API_TOKEN: 'bench-track',
    BROKER_ADMIN_TOKEN: 'bench-admin',
    AWS_REGION: 'us-east-1',
    CSP_BASE_URL: 'http://127.0.0.1',
    CSP_API_TOKEN: 'bench',
  });
  return {
    statusReportSeconds: statusReport.intervalMs / 1_000,
    poolCountSeconds: statusReport.maxPoolAgeMs / 1_000,
    jobSeconds: jobs.intervalSeconds,
  };
}

function resultOf(all: Measured[], isQuick: boolean): ScenarioResult {
  const { perMillionReadUnits, perMillionWriteUnits } = LIST_PRICES;
  return {
    columns: ['what', 'calls', 'read units', 'write units', '$ per million'],
    rows: all.map(({ title, usage }) => [
      title,
      rounded(usage.calls),
      rounded(usage.readUnits),
      rounded(usage.writeUnits),
      rounded(dollars(usage) * 1e6),
    ]),
    notes: [
      'The units are those that the engine reports for each call; a test holds its reports to the rules of DynamoDB. A refused write counts as one unit for each of its items, in a transaction two.',
      `List prices of us-east-1, on demand: $${perMillionReadUnits} a million read units, $${perMillionWriteUnits} a million write units.`,
      'Jobs: lease, due time and record of the run included. Of a sandbox that expires, is deleted or is new: what it costs beyond the run.',
      isQuick
        ? 'The idle hour is measured in full runs only.'
        : 'The idle hour: how often processes look by themselves was watched for 100 seconds with the intervals of production; runs, status reports and counts are what each uses, times how often they come as configured.',
    ],
    values: Object.fromEntries(all.flatMap(({ name, usage }) => valuesOf(name, usage))),
  };
}

function valuesOf(name: string, { calls, readUnits, writeUnits }: Usage): [string, number][] {
  return [
    [`cost_${name}_calls`, rounded(calls)],
    [`cost_${name}_read_units`, rounded(readUnits)],
    [`cost_${name}_write_units`, rounded(writeUnits)],
  ];
}

/** Sums of halves and hundredths, without the noise of binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
