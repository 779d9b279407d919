/** Both clocks of a page, in milliseconds. */
export interface PageClocks {
  /** The time of day: counts while the machine sleeps, and may be set back or forward. */
  timeOfDayMs: () => number;
  /** Is never set back, but on some systems stands still while the machine sleeps. */
  monotonicMs: () => number;
}

/**
 * For how long nobody has touched the page. Each check adds what has passed since the check before, by whichever clock
 * shows more: sleep counts, and a clock that is set back takes nothing away. Once the limit is reached it stays reached:
 * whatever revives the page is not a person who was there all the time.
 */
export class IdleLimit {
  #idleMs = 0;
  #isOver = false;
  #timeOfDayMs: number;
  #monotonicMs: number;

  constructor(
    private readonly limitMs: number,
    private readonly clocks: PageClocks,
  ) {
    this.#timeOfDayMs = clocks.timeOfDayMs();
    this.#monotonicMs = clocks.monotonicMs();
  }

  /** Whether the limit has been reached. To be asked before anything is done for the person who was there. */
  isOver(): boolean {
    const timeOfDayMs = this.clocks.timeOfDayMs();
    const monotonicMs = this.clocks.monotonicMs();
    this.#idleMs += Math.max(0, timeOfDayMs - this.#timeOfDayMs, monotonicMs - this.#monotonicMs);
    this.#timeOfDayMs = timeOfDayMs;
    this.#monotonicMs = monotonicMs;
    this.#isOver ||= this.#idleMs >= this.limitMs;
    return this.#isOver;
  }

  /** Somebody touched the page. @returns false if that came too late. */
  touch(): boolean {
    if (this.isOver()) return false;
    this.#idleMs = 0;
    return true;
  }
}
