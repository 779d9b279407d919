import type { Clock } from './allocation/clock';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import type { SandboxStore } from './store/sandbox-store';

/** How long a scrape waits for the pass under way. */
const MAX_WAIT_MS = 2_000;

/**
 * Keeps the pool gauges no older than the cache time, at the price of at most one counting pass in that time, however
 * often and however simultaneously `/metrics` is read. A failed pass counts as one, and keeps the last values.
 */
export class PoolGauges {
  #lastPass?: { startedAtMs: number; done: Promise<void> };
  #countedAtMs?: number;

  constructor(
    private readonly store: Pick<SandboxStore, 'countByStatus'>,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly cacheMs: number,
  ) {}

  /** Counts if it is time to, waits for the pass under way if there is one, and never throws. */
  async refresh(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (!this.#lastPass || nowMs - this.#lastPass.startedAtMs >= this.cacheMs) {
      this.#lastPass = { startedAtMs: nowMs, done: this.#count() };
    }
    // While the table is slow, somebody is looking at these metrics: they get the last values.
    await Promise.race([this.#lastPass.done, this.clock.sleep(MAX_WAIT_MS)]);
    if (this.#countedAtMs !== undefined)
      this.metrics.setPoolAge((this.clock.nowMs() - this.#countedAtMs) / 1000);
  }

  async #count(): Promise<void> {
    try {
      this.metrics.setPool(await this.store.countByStatus());
      this.#countedAtMs = this.clock.nowMs();
    } catch (error) {
      this.logger.warn({ err: error }, 'could not count the pool; the gauges keep their last values');
    }
  }
}
