import { setTimeout as delay } from 'node:timers/promises';

/** Waits, unless the run is told to stop. */
export type Pause = (durationMs: number, signal: AbortSignal) => Promise<void>;

/** A {@link Pause} in real time; ends early, without an error, when the signal fires. */
export const pause: Pause = async (durationMs, signal) => {
  if (durationMs <= 0 || signal.aborted) return;
  await delay(durationMs, undefined, { signal }).catch(() => undefined);
};
