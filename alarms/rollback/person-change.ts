import { lastPersonChangeAt, type JobsControl } from '../../app/store/job-store';

/**
 * Clocks that are kept by NTP differ by less. A change dated further ahead than that comes from a wrong clock: it says
 * nothing about which came first, and must not silence alarms.
 */
const MAX_CLOCK_SKEW_SECONDS = 5;

/**
 * Whether a person has had a say since an alarm changed its state: then the alarm is history. In the same second the
 * alarm counts, because stopping a worker too often costs less than not stopping it.
 */
export function hasPersonSpokenSince(control: JobsControl, alarmAtMs: number, nowMs: number): boolean {
  const spokeAt = lastPersonChangeAt(control);
  if (spokeAt === undefined || spokeAt > nowMs / 1000 + MAX_CLOCK_SKEW_SECONDS) return false;
  return Math.floor(alarmAtMs / 1000) < spokeAt;
}

/**
 * The time to write down for a person's change now, in Unix seconds: after every change that automation has made, even
 * if the person's clock is behind.
 */
export function personChangeTime(seen: JobsControl | undefined, nowMs: number): number {
  const now = Math.floor(nowMs / 1000);
  return seen?.byAutomation === true ? Math.max(now, (seen.since ?? 0) + 1) : now;
}
