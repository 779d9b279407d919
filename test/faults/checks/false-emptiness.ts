import type { RowHistory } from '../doors/row-history';

/** What a caller was told who heard that there is no sandbox. Times are milliseconds since the Unix epoch. */
export interface EmptyAnswer {
  prefix: string | undefined;
  sentAtMs: number;
  endedAtMs: number;
}

/**
 * How long a sandbox must have lain there, untouched, before a call began, for "there is none" to be wrong: the verdict
 * may be a second old, the turns of the index that led to it a few seconds more when calls are slow or repeated, and the
 * index two seconds behind.
 */
const RESTING_MS = 12_000;
/** A process that stands still goes on with what it was about to say. */
const FREEZE_MS = 8_000;

/** A "there is none" that was not true by any clock, in words. */
export function falseEmptiness(
  { prefix, sentAtMs, endedAtMs }: EmptyAnswer,
  history: Pick<RowHistory, 'restingFrom'>,
  freezes: readonly { fromMs: number; toMs: number }[],
): string[] {
  const isNear = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
    fromMs < endedAtMs && toMs > sentAtMs - RESTING_MS - FREEZE_MS;
  const restingMs = RESTING_MS + (freezes.some(isNear) ? FREEZE_MS : 0);
  const resting = history.restingFrom(sentAtMs - restingMs, endedAtMs, prefix);
  return resting.length === 0
    ? []
    : [
        `a caller was told that there is no sandbox${prefix === undefined ? '' : ` "${prefix}"`}, while ` +
          `${resting.length} lay there for ${restingMs} ms, such as ${resting[0] ?? ''}`,
      ];
}
