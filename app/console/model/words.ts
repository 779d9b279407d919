const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** How long ago, or in how long, in whole units: `3 min ago`, `in 20 s`. */
export function relativeTime(atSeconds: number, nowMs: number): string {
  const seconds = Math.round(atSeconds - nowMs / 1000);
  if (Math.abs(seconds) < 1) return 'now';
  return seconds < 0 ? `${duration(-seconds)} ago` : `in ${duration(seconds)}`;
}

/** A span of time in at most two units: `85 ms`, `45 s`, `1 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 1 && seconds > 0) return `${Math.ceil(seconds * 1000)} ms`;
  if (seconds < MINUTE_SECONDS) return `${Math.round(seconds)} s`;
  if (seconds < HOUR_SECONDS) return `${Math.floor(seconds / MINUTE_SECONDS)} min`;
  if (seconds < 2 * DAY_SECONDS) {
    const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
    return `${Math.floor(seconds / HOUR_SECONDS)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(seconds / DAY_SECONDS)} days`;
}

/** The time of day on this machine's clock: `14:05:09`. */
export function timeOfDay(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** When it was, as a person would write it down: `14:05:09`, and with the date for what is not of the last 12 hours. */
export function clockTime(atSeconds: number, nowMs: number): string {
  const atMs = atSeconds * 1000;
  if (Number.isNaN(new Date(atMs).getTime())) return 'a time that no calendar has';
  if (Math.abs(nowMs - atMs) < 12 * HOUR_SECONDS * 1000) return timeOfDay(atMs);
  const date = new Date(atMs);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `${parts.map((part) => String(part).padStart(2, '0')).join('-')} ${timeOfDay(atMs)}`;
}

/** A text that ends as a sentence does, so that another may follow. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `pending_deletion` → `pending deletion`. */
export function plainWords(identifier: string): string {
  return identifier.replaceAll('_', ' ');
}

/** `deleted 3, failed 1`, or `nothing`. */
export function countsInWords(counts: Record<string, number>): string {
  const did = Object.entries(counts).filter(([, count]) => count !== 0);
  if (did.length === 0) return 'nothing';
  return did.map(([what, count]) => `${plainWords(snake(what))} ${count}`).join(', ');
}

/** A number as short as a chart's axis wants it: `1,200`, `0.25`. */
export function shortNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

function snake(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
