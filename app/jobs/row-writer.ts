import type { Clock, Random } from '../allocation/clock';
import type { Logger } from '../logger';
import type { WriteOutcome } from '../store/sandbox-store';
import { writePatiently, type RefusedOutcome } from './write-patiently';

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

  /** Writes one row with patience. Throws what the store throws, except for a refused row. */
  async write<Outcome extends { kind: string } = WriteOutcome>(
    sandboxId: string,
    write: () => Promise<Outcome>,
  ): Promise<Outcome | RefusedOutcome> {
    const outcome = await writePatiently(write, this.deps);
    if (isRefused(outcome)) {
      this.#refusedCount += 1;
      this.deps.logger.error(
        { action: 'write_row', outcome: 'refused', sandbox_id: sandboxId, err: outcome.error },
        'the table refused a row, which was skipped',
      );
    }
    return outcome;
  }
}

function isRefused(outcome: { kind: string } | RefusedOutcome): outcome is RefusedOutcome {
  return outcome.kind === 'refused' && 'error' in outcome;
}
