import type { Clock } from './clock';

export interface PatienceOptions {
  /** How long a call may take from when it begins. */
  budgetMs: number;
  /** How long it may wait before that. */
  maxWaitMs: number;
}

/**
 * How long one call may go on. While it waits in line: for as long as the line moves, `maxWaitMs` at most. From
 * {@link begin} on: for its time budget, of which pauses are no part.
 */
export class Patience {
  readonly #abort = new AbortController();
  readonly #endsWaitingAtMs: number;
  #hasBegun = false;
  /** Time of the budget that does not count: the budget is extended by it when it would end. */
  #pausedMs = 0;
  #pausedSinceMs?: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly options: PatienceOptions,
  ) {
    this.#endsWaitingAtMs = clock.monotonicMs() + options.maxWaitMs;
  }

  /** Fires when the patience is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * The call waits in line from now on. Its patience is over when the line has not moved during one whole budget.
   *
   * @param progress any number that changes whenever the line moves.
   */
  waitInLine(progress: () => number): void {
    const progressBefore = progress();
    const leftMs = this.#endsWaitingAtMs - this.clock.monotonicMs();
    this.#after(Math.max(0, Math.min(this.options.budgetMs, leftMs)), () => {
      if (this.#hasBegun) return;
      const hasMoved = progress() !== progressBefore;
      if (hasMoved && !this.#isTooLate()) this.waitInLine(progress);
      else this.#end();
    });
  }

  /** The call's turn has come: its budget begins, once. Its patience is over if the turn has come too late. */
  begin(): AbortSignal {
    if (this.#hasBegun || this.isOver()) return this.signal;
    this.#hasBegun = true;
    if (this.#isTooLate()) this.#end();
    else {
      this.#after(this.options.budgetMs, () => {
        this.#endUnlessPaused();
      });
    }
    return this.signal;
  }

  /** Time from now on is no part of the budget, until the function that it answers with is called. */
  pause(): () => void {
    this.#pausedSinceMs = this.clock.monotonicMs();
    return () => {
      this.#pausedMs += this.#pauseSoFarMs();
      this.#pausedSinceMs = undefined;
    };
  }

  #pauseSoFarMs(): number {
    return this.#pausedSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.#pausedSinceMs;
  }

  #isTooLate(): boolean {
    return this.clock.monotonicMs() > this.#endsWaitingAtMs;
  }

  #endUnlessPaused(): void {
    const owedMs = this.#pausedMs + this.#pauseSoFarMs();
    if (owedMs <= 0) {
      this.#end();
      return;
    }
    this.#pausedMs = 0;
    if (this.#pausedSinceMs !== undefined) this.#pausedSinceMs = this.clock.monotonicMs();
    this.#after(owedMs, () => {
      this.#endUnlessPaused();
    });
  }

  #end(): void {
    this.#abort.abort(new DOMException('The time of this call is over', 'TimeoutError'));
  }

  #after(durationMs: number, then: () => void): void {
    AbortSignal.timeout(Math.ceil(durationMs)).addEventListener('abort', then, { once: true });
  }
}
