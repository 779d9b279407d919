import { CLOCK_TOLERANCE_SECONDS, isInFuture } from '../store/clock-tolerance';
import { NEVER_SECONDS, type AllocatedSandbox, type StaleSandbox } from './sandbox';

/*
 * Which stored times are believed. A time in the table may come from another release, from a process whose clock was
 * wrong, or from a person. Whatever holds a job, a sandbox or a student back is believed only as far as today's settings
 * could have written it.
 */

/** The greatest LAB_DURATION_HOURS: a longer allocation comes from no setting. */
export const MAX_LAB_SECONDS = 30 * 86_400;

/** Whether an allocation's times could have been written by any setting and a right clock. */
export function hasBelievableTimes({ allocation }: AllocatedSandbox, nowSeconds: number): boolean {
  const { allocatedAt, expiresAt } = allocation;
  const labSeconds = expiresAt - allocatedAt;
  return !isInFuture(allocatedAt, nowSeconds) && labSeconds > 0 && labSeconds <= MAX_LAB_SECONDS;
}

/** Whether the time since which a sandbox is stale lies within the life of its row. */
export function hasBelievableStaleSince(
  { staleSince, createdAt }: StaleSandbox,
  nowSeconds: number,
): boolean {
  // Rows from before `created_at` was written at the first sync may be a little older than it.
  return !isInFuture(staleSince, nowSeconds) && staleSince >= createdAt - CLOCK_TOLERANCE_SECONDS;
}

/** A stretch of the order of `pending_deletion` or `deletion_failed`, both ends included. */
export interface OrderRange {
  from?: number;
  upTo?: number;
}

/**
 * Where in the order of next attempts everything stands that is due: up to now, and beyond what a delay of
 * `maxDelaySeconds` could have written. What was given up is neither, in a status in which deletions are given up.
 */
export function dueRanges(
  nowSeconds: number,
  { maxDelaySeconds, canBeGivenUp }: { maxDelaySeconds: number; canBeGivenUp: boolean },
): OrderRange[] {
  const beyond = nowSeconds + maxDelaySeconds + CLOCK_TOLERANCE_SECONDS + 1;
  if (!canBeGivenUp) return [{ upTo: nowSeconds }, { from: beyond }];
  return [
    { upTo: nowSeconds },
    ...(beyond < NEVER_SECONDS ? [{ from: beyond, upTo: NEVER_SECONDS - 1 }] : []),
    { from: Math.max(beyond, NEVER_SECONDS + 1) },
  ];
}
