import type { Clock } from '../allocation/clock';

/**
 * Up to this much the process's own clock is left as it is: in ordinary operation nothing is corrected. Well below the
 * time of a lease, so that two processes never differ by one.
 */
const TOLERANCE_MS = 15_000;
/** Two answers that differ by no more than this tell the same time. */
const AGREEMENT_MS = 10_000;
/** An answer that was under way for longer says too little about when it was sent. */
const MAX_TRANSIT_MS = 10_000;

/** A moment by both clocks of the process. */
export interface ClockReading {
  nowMs: number;
  monotonicMs: number;
}

/**
 * The time of day as the table has it. As long as the process's own clock agrees with the table's answers to within 15
 * seconds, it is the process's own. When two answers in a row agree that it is off by more, it is corrected by that: a
 * process with a wrong clock would otherwise end allocations, or hold jobs back, for everybody.
 */
export class TableClock implements Clock {
  #offsetMs = 0;
  #lastOffsetMs?: number;

  /** @param onCorrection told whenever the correction changes, with the new one in milliseconds; 0 when it ends. */
  constructor(
    private readonly base: Clock,
    private readonly onCorrection: (offsetMs: number) => void = () => undefined,
  ) {}

  nowMs(): number {
    return this.base.nowMs() + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.base.monotonicMs();
  }

  sleep(durationMs: number): Promise<void> {
    return this.base.sleep(durationMs);
  }

  /** What is added to the process's own clock at the moment. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Both clocks as the process has them, uncorrected: taken before a call, for {@link observe}. */
  read(): ClockReading {
    return { nowMs: this.base.nowMs(), monotonicMs: this.base.monotonicMs() };
  }

  /**
   * Takes in the time that an answer of the table was sent at.
   *
   * @param askedAt when the call began. An answer that was under way for long, or during which the clock was set, is left
   * out; without it, the answer counts as just sent.
   */
  observe(tableTimeMs: number, askedAt?: ClockReading): void {
    if (!Number.isFinite(tableTimeMs) || (askedAt && this.#hasLostTrack(askedAt))) return;
    const offsetMs = tableTimeMs - this.base.nowMs();
    const isConfirmed =
      this.#lastOffsetMs !== undefined && Math.abs(offsetMs - this.#lastOffsetMs) <= AGREEMENT_MS;
    this.#lastOffsetMs = offsetMs;
    if (!isConfirmed) return;
    const wantedMs = Math.abs(offsetMs) > TOLERANCE_MS ? offsetMs : 0;
    // The header has whole seconds, and answers take time: a correction is not moved for that.
    const isSame =
      wantedMs !== 0 && this.#offsetMs !== 0 && Math.abs(wantedMs - this.#offsetMs) <= AGREEMENT_MS;
    if (isSame || wantedMs === this.#offsetMs) return;
    this.#offsetMs = wantedMs;
    this.onCorrection(wantedMs);
  }

  #hasLostTrack(askedAt: ClockReading): boolean {
    const now = this.read();
    const transitMs = [now.nowMs - askedAt.nowMs, now.monotonicMs - askedAt.monotonicMs];
    return transitMs.some((ms) => ms < -MAX_TRANSIT_MS || ms > MAX_TRANSIT_MS);
  }
}
