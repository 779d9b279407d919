import { lastPersonChangeAt, type JobsControl } from '../../app/store/job-store';

/**
 * Clocks that are kept by NTP differ by less. A change dated further ahead than that comes from a wrong clock: it says
 * nothing about which came first, and must neither silence alarms nor hide an earlier change.
 */
const MAX_CLOCK_SKEW_SECONDS = 5;

/** So far a person's own clock may be behind. A change by automation that is later than that is itself wrongly dated. */
const MAX_PERSON_CLOCK_LAG_SECONDS = 86_400;

/**
 * Whether a person has had a say since an alarm changed its state: then the alarm is history. In the same second the
 * alarm counts, because stopping a worker too often costs less than not stopping it.
 */
export function hasPersonSpokenSince(control: JobsControl, alarmAtMs: number, nowMs: number): boolean {
  const spokeAt = lastPersonChangeAt(control, latestSeconds(nowMs));
  return spokeAt !== undefined && Math.floor(alarmAtMs / 1000) < spokeAt;
}

/**
 * The time to write down for a person's change now, in Unix seconds: after every change that automation has made, even
 * if the person's clock is behind.
 */
export function personChangeTime(seen: JobsControl | undefined, nowMs: number): number {
  const now = Math.floor(nowMs / 1000);
  const since = seen?.since ?? 0;
  const isByAutomation = seen?.byAutomation === true && since <= now + MAX_PERSON_CLOCK_LAG_SECONDS;
  return isByAutomation ? Math.max(now, since + 1) : now;
}

/** The person's change that automation hands on with its own, in Unix seconds; one from a wrong clock is left behind. */
export function handedOnPersonChangeAt(seen: JobsControl, nowMs: number): number | undefined {
  return lastPersonChangeAt(seen, latestSeconds(nowMs));
}

function latestSeconds(nowMs: number): number {
  return nowMs / 1000 + MAX_CLOCK_SKEW_SECONDS;
}
