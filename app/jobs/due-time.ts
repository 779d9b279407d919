import { CLOCK_TOLERANCE_SECONDS } from '../store/clock-tolerance';
import type { LastRun } from '../store/job-store';

/** How long after a job's start it is due again; each run up to a tenth later, so that processes do not march. */
export const MAX_JITTER = 0.1;

/** The latest due time that is believed now: a run that began this moment, with today's interval, would write it. */
export function latestDueAt(intervalSeconds: number, nowSeconds: number): number {
  return nowSeconds + Math.ceil(Math.max(1, intervalSeconds) * (1 + MAX_JITTER)) + CLOCK_TOLERANCE_SECONDS;
}

/** Whether a job's next due time lies further in the future than today's settings could have written it. */
export function isDueTimeBelievable(
  run: Pick<LastRun, 'nextDueAt'>,
  intervalSeconds: number,
  nowSeconds: number,
): boolean {
  return run.nextDueAt <= latestDueAt(intervalSeconds, nowSeconds);
}

/** When a job is due, in Unix seconds: 0 (now) if it never ran, or its due time cannot be believed. */
export function believedDueAt(
  run: Pick<LastRun, 'nextDueAt'> | undefined,
  intervalSeconds: number,
  nowSeconds: number,
): number {
  return run && isDueTimeBelievable(run, intervalSeconds, nowSeconds) ? run.nextDueAt : 0;
}
