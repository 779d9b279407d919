import { StoreUnavailableError } from '../store/sandbox-store';
import { shardOf } from '../store/table';
import type { JobContext, JobReport } from './job';

/** So many rows in a row without an answer are not the rows' fault: the rest waits for the next run. */
const MAX_FAULTS_IN_A_ROW = 5;

/**
 * The rows of one run for which the table gave no answer, or was too busy to the end of all patience. Such a row costs that
 * row only; the run goes on, and ends `unavailable` with everything else done.
 *
 * A partition of an index that takes no writes stops every write to the rows of one shard, and no other: that shard is
 * left alone, and the others are worked on. Only faults in several shards are taken for those of the table.
 */
export class TableFaults {
  readonly #rows = new Set<string>();
  /** By shard. */
  readonly #inARowOf = new Map<number, number>();
  /** Since the last answer. */
  #inARow = 0;
  readonly #shardsInARow = new Set<number>();
  #last?: StoreUnavailableError;

  constructor(private readonly logger: Pick<JobContext['logger'], 'warn'>) {}

  /** Rows without an answer so far, those included that were left alone because of it. */
  get count(): number {
    return this.#rows.size;
  }

  /** What got no answer, in words for people. */
  get message(): string {
    return `The sandbox table did not answer for ${this.count} rows.`;
  }

  /** True when the table answers for no row any more: end the run. */
  get isTableDown(): boolean {
    return this.#inARow >= MAX_FAULTS_IN_A_ROW && this.#shardsInARow.size > 1;
  }

  /**
   * The outcome of the work on a row; `undefined` when the table did not answer in it, or answers for no row of that
   * shard.
   */
  async attempt<Outcome>(sandboxId: string, work: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const shard = shardOf(sandboxId);
    if ((this.#inARowOf.get(shard) ?? 0) >= MAX_FAULTS_IN_A_ROW) {
      this.#rows.add(sandboxId);
      return undefined;
    }
    try {
      const outcome = await work();
      this.#inARow = 0;
      this.#shardsInARow.clear();
      this.#inARowOf.delete(shard);
      return outcome;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#rows.add(sandboxId);
      this.#inARow += 1;
      this.#shardsInARow.add(shard);
      this.#inARowOf.set(shard, (this.#inARowOf.get(shard) ?? 0) + 1);
      this.#last = error;
      this.logger.warn(
        { err: error, sandbox_id: sandboxId },
        'the table did not answer for a row of the job',
      );
      return undefined;
    }
  }

  /** The end of the run: as it is, or `unavailable` when a row got no answer. */
  conclude(report: JobReport): JobReport {
    if (!this.#last || report.outcome !== 'success') return report;
    const error = `${this.message} The next run works on them. ${this.#last.message}`;
    return { outcome: 'unavailable', cause: 'table', counts: report.counts, error };
  }
}
