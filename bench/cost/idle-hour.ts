import type { JobName } from '../../app/store/job-store';
import type { IdleIntervals } from './idle-watch';
import { plus, times, type Usage } from './usage';

/** What the periodic parts of a process use each time. */
export interface PeriodicUsage {
  /** Counting the pool, as the status report does. */
  poolCount: Usage;
  /** A run of each job that finds nothing to do. */
  jobRuns: Record<JobName, Usage>;
}

/** How often the periodic parts come, as configured. */
export interface PeriodicIntervals {
  statusReportSeconds: number;
  poolCountSeconds: number;
  jobSeconds: Record<JobName, number>;
}

const HOUR_SECONDS = 3_600;
/** A run comes up to a tenth later than its interval says (`JobRunner`). */
const MEAN_JITTER = 0.05;
/** A consistent read of an item below 4 KB. */
const ONE_READ: Usage = { calls: 1, readUnits: 1, writeUnits: 0 };

/** What an API task uses in an hour without a request: who runs the jobs, its status, the pool's numbers. */
export function idleApiHour(
  { runnerCheckMs }: IdleIntervals,
  { statusReportSeconds, poolCountSeconds }: PeriodicIntervals,
  { poolCount }: PeriodicUsage,
): Usage {
  const looks = times(ONE_READ, HOUR_SECONDS / (runnerCheckMs / 1_000) + HOUR_SECONDS / statusReportSeconds);
  return plus(looks, times(poolCount, HOUR_SECONDS / poolCountSeconds));
}

/** What the worker uses in an hour in which nothing changes: who runs the jobs, what is due, and the runs. */
export function idleWorkerHour(
  { runnerCheckMs, dueCheckMs }: IdleIntervals,
  { jobSeconds }: PeriodicIntervals,
  { jobRuns }: PeriodicUsage,
): Usage {
  const jobs = Object.keys(jobSeconds) as JobName[];
  const lookCount =
    HOUR_SECONDS / (runnerCheckMs / 1_000) + (jobs.length * HOUR_SECONDS) / (dueCheckMs / 1_000);
  return jobs.reduce(
    (sum, job) => {
      const runCount = HOUR_SECONDS / (jobSeconds[job] * (1 + MEAN_JITTER));
      return plus(sum, times(jobRuns[job], runCount));
    },
    times(ONE_READ, lookCount),
  );
}
