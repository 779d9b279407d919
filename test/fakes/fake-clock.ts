import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Clock } from '../../app/allocation/clock';

/** Real time after which a promise is given up, a little before Jest would: a test must end even if the code does not. */
const MAX_REAL_WAIT_MS = 20_000;

interface Sleeper {
  wakeAtMs: number;
  wake: () => void;
}

/** A clock that stands still until a test moves it. Sleepers wake in order, each at its own time. */
export class FakeClock implements Clock {
  #sleepers: Sleeper[] = [];
  #nowMs: number;
  #setBackMs = 0;

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs - this.#setBackMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Sets the time of day back, as an operator or NTP may. How long things take stays the same. */
  setBack(durationMs: number): void {
    this.#setBackMs += durationMs;
  }

  /** The clock in seconds, as times are stored. */
  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** How many sleep at the moment. */
  get sleeperCount(): number {
    return this.#sleepers.length;
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ wakeAtMs: this.#nowMs + durationMs, wake });
    });
  }

  /** Makes `AbortSignal.timeout` obey this clock, until the function that it answers with is called. */
  ruleTimeouts(): () => void {
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((durationMs) => {
      const abort = new AbortController();
      void this.sleep(durationMs).then(() => {
        abort.abort(new DOMException('The time is over', 'TimeoutError'));
      });
      return abort.signal;
    });
    return () => {
      timeout.mockRestore();
    };
  }

  /** Lets that much time pass; what the sleepers then do has happened when it resolves. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await everythingElse();
    while (this.#wakeNext(untilMs)) await everythingElse();
    this.#nowMs = untilMs;
  }

  /** Lets time pass until the promise settles, but only while nothing is left to do in the present. */
  async passUntil<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const giveUpAtMs = performance.now() + MAX_REAL_WAIT_MS;
    await everythingElse();
    // The compiler cannot know that `settled` runs meanwhile.
    while (!(isSettled as boolean)) {
      if (performance.now() > giveUpAtMs) throw new Error(`Unsettled, with ${this.sleeperCount} asleep`);
      this.#wakeNext(Number.POSITIVE_INFINITY);
      await everythingElse();
    }
    return promise;
  }

  #wakeNext(untilMs: number): boolean {
    const wakeAtMs = Math.min(...this.#sleepers.map((sleeper) => sleeper.wakeAtMs));
    if (this.#sleepers.length === 0 || wakeAtMs > untilMs) return false;
    this.#nowMs = Math.max(this.#nowMs, wakeAtMs);
    const woken = this.#sleepers.filter((sleeper) => sleeper.wakeAtMs === wakeAtMs);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakeAtMs !== wakeAtMs);
    for (const { wake } of woken) wake();
    return true;
  }
}
