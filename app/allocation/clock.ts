import { setTimeout as delay } from 'node:timers/promises';

/** Time, handed in so that tests can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May be set back at any moment: only for times that are stored or sent. */
  nowMs(): number;
  /** Milliseconds since some moment, never set back: for how long something took, or has been known. */
  monotonicMs(): number;
  /** Resolves after `durationMs`. */
  sleep(durationMs: number): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs) => delay(durationMs),
};

/** The clock in the unit in which times are stored and sent. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}

/** A number in [0, 1), handed in so that tests can choose it. */
export type Random = () => number;
