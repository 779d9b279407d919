import { ApiError } from './api-error';

/** Whether anybody can see the page. */
export interface Visibility {
  isVisible: () => boolean;
  /** Calls back at every change; returns what ends that. */
  onChange: (listener: () => void) => () => void;
}

export interface PollerOptions<Data> {
  visibility: Visibility;
  load: () => Promise<Data>;
  onData: (data: Data) => void;
  /** The last data stay shown, marked as old, until the next look. */
  onError: (error: ApiError, nextLookAtMs: number) => void;
  /** From the end of one call to the next; may depend on what the last one told. */
  periodMs: () => number;
}

const MAX_BACKOFF_MS = 30_000;
/** Whoever watches an incident must not be blind for an hour because one answer said so. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Pages that were opened together do not stay in step. */
const JITTER = 0.2;

/**
 * Asks again and again: never twice at a time, not while nobody looks (the tab is hidden), later when the API says so
 * (`Retry-After`, up to a minute), and more seldom while it fails.
 */
export class Poller<Data> {
  #endWatching = (): void => undefined;
  #timer?: ReturnType<typeof setTimeout>;
  #isRunning = false;
  #isUnderWay = false;
  #isWantedAgain = false;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(private readonly options: PollerOptions<Data>) {}

  start(): void {
    this.#isRunning = true;
    this.#endWatching = this.options.visibility.onChange(() => {
      if (this.options.visibility.isVisible()) this.#lookAgain();
      else clearTimeout(this.#timer);
    });
    void this.#round();
  }

  /** Ends for good: what is still under way is told to nobody. */
  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#endWatching();
  }

  /** Asks at once, after a person has changed something: once, even if the API has asked for patience. */
  wake(): void {
    if (!this.#isRunning) return;
    this.#notBeforeMs = 0;
    if (this.#isUnderWay) this.#isWantedAgain = true;
    else this.#schedule(0);
  }

  /** Somebody looks again: at once, but not before the API wants to be asked. */
  #lookAgain(): void {
    if (!this.#isUnderWay) this.#schedule(0);
  }

  async #round(): Promise<void> {
    this.#isUnderWay = true;
    let waitMs = withJitter(this.options.periodMs());
    try {
      const data = await this.options.load();
      this.#failures = 0;
      if (this.#isRunning) this.options.onData(data);
      waitMs = withJitter(this.options.periodMs());
    } catch (error) {
      // Anything else is a fault of ours, told by the page as a whole; the next round comes all the same.
      if (!(error instanceof ApiError)) throw error;
      this.#failures += 1;
      waitMs = this.#isWantedAgain ? 0 : this.#waitAfter(error);
      if (this.#isRunning) this.options.onError(error, Date.now() + waitMs);
    } finally {
      this.#isUnderWay = false;
      const isWantedAgain = this.#isWantedAgain;
      this.#isWantedAgain = false;
      this.#schedule(isWantedAgain ? 0 : waitMs);
    }
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isRunning || !this.options.visibility.isVisible()) return;
    const delayMs = Math.max(waitMs, this.#notBeforeMs - Date.now());
    this.#timer = setTimeout(() => void this.#round(), delayMs);
  }

  #waitAfter({ options, kind }: ApiError): number {
    const periodMs = this.options.periodMs();
    // Whoever has lost the API wants to see at once that it is back.
    const backoffMs =
      kind === 'unreachable'
        ? Math.min(periodMs, 3_000)
        : Math.min(MAX_BACKOFF_MS, periodMs * 2 ** Math.min(this.#failures, 5));
    const toldMs = Math.min(MAX_RETRY_AFTER_MS, (options.retryAfterSeconds ?? 0) * 1_000);
    this.#notBeforeMs = Date.now() + toldMs;
    return Math.max(toldMs, withJitter(backoffMs));
  }
}

function withJitter(waitMs: number): number {
  return waitMs * (1 + Math.random() * JITTER);
}
