import type { Clock } from './allocation/clock';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import type { KnownCounts, SandboxStore } from './store/sandbox-store';

/** How long a scrape waits for the pass under way. */
const MAX_WAIT_MS = 2_000;

/** The sandboxes by status, as far as they could be counted, and when that was. */
export interface PoolCount {
  counts: KnownCounts;
  /** By the monotonic clock. */
  countedAtMs: number;
}

/**
 * Keeps the pool gauges no older than the cache time, at the price of at most one counting pass in that time, however
 * often and however simultaneously `/metrics` is read. A failed pass counts as one, and keeps the last values;
 * one that could not count every status shows the others.
 */
export class PoolGauges {
  #lastPass?: { startedAtMs: number; isDone: boolean; done: Promise<void> };
  #lastCount?: PoolCount;

  constructor(
    private readonly store: Pick<SandboxStore, 'countByStatus'>,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly cacheMs: number,
  ) {}

  /** Counts if it is time to, waits for the pass under way if there is one, and never throws. */
  async refresh(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (!this.#lastPass || nowMs - this.#lastPass.startedAtMs >= this.cacheMs) {
      const pass = { startedAtMs: nowMs, isDone: false, done: this.#count() };
      void pass.done.then(() => {
        pass.isDone = true;
      });
      this.#lastPass = pass;
    }
    // While the table is slow, somebody is looking at these metrics: they get the last values.
    if (!this.#lastPass.isDone) await Promise.race([this.#lastPass.done, this.clock.sleep(MAX_WAIT_MS)]);
    if (this.#lastCount) this.metrics.setPoolAge(this.#ageMs(this.#lastCount) / 1000);
  }

  /**
   * A count that is no older than that, a new one if need be; `undefined` when none can be had. Counts as often as the
   * cache time allows at most. Never throws.
   */
  async noOlderThan(maxAgeMs: number): Promise<PoolCount | undefined> {
    if (!this.#lastCount || this.#ageMs(this.#lastCount) >= maxAgeMs) await this.refresh();
    return this.#lastCount && this.#ageMs(this.#lastCount) <= maxAgeMs ? this.#lastCount : undefined;
  }

  #ageMs({ countedAtMs }: PoolCount): number {
    return this.clock.monotonicMs() - countedAtMs;
  }

  async #count(): Promise<void> {
    try {
      const counts = await this.store.countByStatus();
      this.metrics.setPool(counts);
      this.#lastCount = { counts, countedAtMs: this.clock.monotonicMs() };
    } catch (error) {
      this.logger.warn({ err: error }, 'could not count the pool; the gauges keep their last values');
    }
  }
}
