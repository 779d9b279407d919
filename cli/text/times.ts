const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** A time in ISO 8601 on the clock of this machine, with its offset: what the person's watch shows. */
export function localTime(timeMs: number): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return 'a time that no calendar has';
  const offsetMinutes = -date.getTimezoneOffset();
  const shifted = new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const absolute = Math.abs(offsetMinutes);
  return `${shifted}${sign}${twoDigits(Math.floor(absolute / 60))}:${twoDigits(absolute % 60)}`;
}

/** Only the time of day, for lines that follow each other. */
export function localTimeOfDay(timeMs: number): string {
  return localTime(timeMs).slice(11, 19);
}

/** How long ago, or in how long: `3 min ago`, `in 20 s`. */
export function relativeTime(timeMs: number, nowMs: number): string {
  const seconds = Math.round((timeMs - nowMs) / 1000);
  if (seconds === 0) return 'now';
  return seconds < 0 ? `${duration(-seconds)} ago` : `in ${duration(seconds)}`;
}

/** Both: `3 min ago (2026-11-23T15:28:01+01:00)`. */
export function fullTime(timeMs: number, nowMs: number): string {
  return `${relativeTime(timeMs, nowMs)} (${localTime(timeMs)})`;
}

function duration(seconds: number): string {
  if (seconds < MINUTE_SECONDS) return `${seconds} s`;
  if (seconds < HOUR_SECONDS) return `${Math.floor(seconds / MINUTE_SECONDS)} min`;
  if (seconds < 2 * DAY_SECONDS) {
    const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
    return `${Math.floor(seconds / HOUR_SECONDS)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(seconds / DAY_SECONDS)} days`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
