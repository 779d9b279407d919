import type { Clock, Random } from '../allocation/clock';
import type { Logger } from '../logger';
import { StoreUnavailableError, type WriteOutcome } from '../store/sandbox-store';
import { writePatiently, type RefusedOutcome } from './write-patiently';

/** What a write comes to in the end; `throttled` and `conflict` are none of it. */
export type FinalOutcome<Outcome extends { kind: string }> =
  Exclude<Outcome, { kind: 'conflict' | 'throttled' }> | RefusedOutcome;

export interface RowWriterDependencies {
  clock: Clock;
  random: Random;
  logger: Pick<Logger, 'error'>;
}

/**
 * The writes of one run, row by row. A row that the table refuses is named in the log and counted, and the run goes on
 * with the others.
 */
export class RowWriter {
  #refusedCount = 0;

  constructor(private readonly deps: RowWriterDependencies) {}

  /** Rows that the table refused so far. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** For the counts of a run: nothing, unless rows were refused. */
  counts(): { refused?: number } {
    return this.#refusedCount === 0 ? {} : { refused: this.#refusedCount };
  }

  /**
   * Writes one row with patience. Throws what the store throws, except for a refused row.
   *
   * @throws StoreUnavailableError too when the row is throttled, or in conflict, to the end of that patience: nothing was
   * written, and the run has to say so.
   */
  async write<Outcome extends { kind: string } = WriteOutcome>(
    sandboxId: string,
    write: () => Promise<Outcome>,
  ): Promise<FinalOutcome<Outcome>> {
    const outcome = await writePatiently(write, this.deps);
    const { kind } = outcome;
    if (kind === 'throttled' || kind === 'conflict') {
      const why = kind === 'throttled' ? 'throttled' : 'in conflict with another transaction';
      throw new StoreUnavailableError('a write', { cause: new Error(`${why} at each try`) });
    }
    if (isRefused(outcome)) {
      this.#refusedCount += 1;
      this.deps.logger.error(
        { action: 'write_row', outcome: 'refused', sandbox_id: sandboxId, err: outcome.error },
        'the table refused a row, which was skipped',
      );
    }
    return outcome as FinalOutcome<Outcome>;
  }
}

function isRefused(outcome: { kind: string } | RefusedOutcome): outcome is RefusedOutcome {
  return outcome.kind === 'refused' && 'error' in outcome;
}
