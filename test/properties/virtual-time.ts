/** Who a timer belongs to: a process that dies takes its timers along. */
export type TimerOwner = symbol;

interface Timer {
  owner: TimerOwner;
  dueAtMs: number;
  /** Timers that are due together fire in the order in which they were set. */
  sequence: number;
  intervalMs?: number;
  /** Work waits for it; an interval, or a time limit, is no work. */
  isWork: boolean;
  fire: () => void;
}

const START_MS = Date.UTC(2026, 0, 1);

/**
 * The time of a simulated world. It stands still until somebody lets it pass; all that waits for it fires in order.
 * While {@link install}ed, `setInterval` and `AbortSignal.timeout` obey it, too, so that leases are kept and time
 * budgets run out in the same time.
 */
export class VirtualTime {
  /** Whom timers set by code that names no owner belong to: the process that is at work at the moment. */
  currentOwner: TimerOwner = Symbol('nobody');

  #nowMs = START_MS;
  #sequence = 0;
  readonly #timers = new Map<number, Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(owner: TimerOwner, durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#set({ owner, dueAtMs: this.#nowMs + Math.max(0, durationMs), isWork: true, fire: resolve });
    });
  }

  /** True when somebody whom nobody has stopped sleeps. */
  get hasSleepers(): boolean {
    return [...this.#timers.values()].some(({ isWork }) => isWork);
  }

  /** When the next timer of these owners is due; `undefined` when there is none. */
  nextDueAtMs(isAwake: (owner: TimerOwner) => boolean): number | undefined {
    return this.#next(isAwake)?.dueAtMs;
  }

  /** Lets time pass up to then; never back. Fires nothing. */
  passTo(untilMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Fires the first timer that is due, if its owner is awake. False when there is none. */
  fireOneDue(isAwake: (owner: TimerOwner) => boolean): boolean {
    const timer = this.#next(isAwake);
    if (!timer || timer.dueAtMs > this.#nowMs) return false;
    if (timer.intervalMs === undefined) this.#timers.delete(timer.sequence);
    // A process that was held up for long finds one beat waiting, not a hundred.
    else timer.dueAtMs = this.#nowMs + timer.intervalMs;
    this.currentOwner = timer.owner;
    timer.fire();
    return true;
  }

  /** Takes away all that a dead process waits for. */
  forget(owner: TimerOwner): void {
    for (const [sequence, timer] of this.#timers) if (timer.owner === owner) this.#timers.delete(sequence);
  }

  /** Makes the process's own timers obey this time, until the function that it answers with is called. */
  install(): () => void {
    const interval = jest
      .spyOn(globalThis, 'setInterval')
      .mockImplementation((fire: () => void, intervalMs = 0) => {
        const dueAtMs = this.#nowMs + intervalMs;
        return this.#set({ owner: this.currentOwner, dueAtMs, intervalMs, isWork: false, fire }) as never;
      });
    const clear = jest.spyOn(globalThis, 'clearInterval').mockImplementation((id) => {
      this.#timers.delete(id as unknown as number);
    });
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((durationMs) => {
      const abort = new AbortController();
      const fire = (): void => {
        abort.abort(new DOMException('The time budget is over', 'TimeoutError'));
      };
      const dueAtMs = this.#nowMs + durationMs;
      this.#set({ owner: this.currentOwner, dueAtMs, isWork: false, fire });
      return abort.signal;
    });
    return () => {
      for (const spy of [interval, clear, timeout]) spy.mockRestore();
    };
  }

  #set(timer: Omit<Timer, 'sequence'>): number {
    this.#sequence += 1;
    this.#timers.set(this.#sequence, { ...timer, sequence: this.#sequence });
    return this.#sequence;
  }

  #next(isAwake: (owner: TimerOwner) => boolean): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (!isAwake(timer.owner)) continue;
      // In order of setting: a later one with the same time does not come first.
      if (!next || timer.dueAtMs < next.dueAtMs) next = timer;
    }
    return next;
  }
}
