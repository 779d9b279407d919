import type { Clock } from './allocation/clock';
import { accessFaultOf } from './store/dynamo-errors';

/** Without a call for this long nothing is known about the time in between. */
const MAX_GAP_MS = 60_000;

/** EX_NOPERM of sysexits(3): a new process may get credentials that are valid. */
export const EXIT_CODE_ACCESS_DENIED = 77;

/**
 * Notices that DynamoDB denies this process access, and goes on doing so without a single other outcome: its own
 * credentials or permissions are at fault, and only another process may have valid ones. A time-out, a server error or
 * throttling is evidence of a brownout, which a new process would not mend: after one of those the period begins anew.
 */
export class AccessWatch {
  /** Resolves with the last error when access has been denied for the whole period. */
  readonly lost: Promise<unknown>;
  #resolve: (error: unknown) => void = () => undefined;
  #denied?: { sinceMs: number; lastMs: number };

  constructor(
    private readonly clock: Clock,
    private readonly periodMs: number,
  ) {
    this.lost = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** To be told how each call to DynamoDB ended: with an error, or (`undefined`) without one. */
  readonly onCall = (error: unknown): void => {
    if (accessFaultOf(error) !== 'access_denied') {
      // A call that its caller gave up is evidence of nothing.
      if (!(error instanceof Error && error.name === 'AbortError')) this.#denied = undefined;
      return;
    }
    const nowMs = this.clock.monotonicMs();
    const isContinued = this.#denied !== undefined && nowMs - this.#denied.lastMs <= MAX_GAP_MS;
    this.#denied = { sinceMs: isContinued && this.#denied ? this.#denied.sinceMs : nowMs, lastMs: nowMs };
    if (nowMs - this.#denied.sinceMs >= this.periodMs) this.#resolve(error);
  };
}
