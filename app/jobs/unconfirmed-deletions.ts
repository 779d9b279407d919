import type { DeletionUnconfirmedSandbox } from '../allocation/sandbox';
import type { Logger } from '../logger';

const MAX_IDS_LOGGED = 20;

/** The sandboxes whose deletion is unconfirmed, as far as one run knows: each as it is now. */
export class UnconfirmedDeletions {
  readonly #rows: Map<string, DeletionUnconfirmedSandbox>;

  constructor(rows: readonly DeletionUnconfirmedSandbox[]) {
    this.#rows = new Map(rows.map((row) => [row.sandboxId, row]));
  }

  get count(): number {
    return this.#rows.size;
  }

  get rows(): DeletionUnconfirmedSandbox[] {
    return [...this.#rows.values()];
  }

  has({ sandboxId }: Pick<DeletionUnconfirmedSandbox, 'sandboxId'>): boolean {
    return this.#rows.has(sandboxId);
  }

  /** Adds a row, or a later state of one. */
  add(row: DeletionUnconfirmedSandbox): void {
    this.#rows.set(row.sandboxId, row);
  }

  remove({ sandboxId }: Pick<DeletionUnconfirmedSandbox, 'sandboxId'>): void {
    this.#rows.delete(sandboxId);
  }

  /** Logs how many there are and how old the oldest one is; nothing when there is none. */
  report(nowSeconds: number, logger: Logger): void {
    if (this.count === 0) return;
    const ages = this.rows.map(({ deletionSentAt }) => nowSeconds - deletionSentAt);
    // An alarm counts these lines (alarms/log-metrics.ts). A time in the future is that of a clock that was wrong.
    logger.warn(
      {
        action: 'deletion',
        outcome: 'unconfirmed',
        unconfirmed_count: this.count,
        oldest_age_seconds: ages.reduce((oldest, age) => Math.max(oldest, age), 0),
        sandbox_ids: this.rows.slice(0, MAX_IDS_LOGGED).map(({ sandboxId }) => sandboxId),
      },
      'deletions are unconfirmed: no list of the portal has shown yet that the accounts are gone',
    );
  }
}
