import { StoreUnavailableError } from '../store/sandbox-store';
import type { JobContext, JobReport } from './job';

/** So many writes in a row without an answer are not the rows' fault: the rest waits for the next run. */
const MAX_FAULTS_IN_A_ROW = 5;

/**
 * The writes of one run that the table did not answer. A row whose write gets no answer costs that row only; the run goes
 * on, and ends `unavailable` with everything else done.
 */
export class TableFaults {
  #count = 0;
  #inARow = 0;
  #last?: StoreUnavailableError;

  constructor(private readonly logger: Pick<JobContext['logger'], 'warn'>) {}

  /** Writes without an answer so far. */
  get count(): number {
    return this.#count;
  }

  /** True when the table answers no write any more: end the run. */
  get isTableDown(): boolean {
    return this.#inARow >= MAX_FAULTS_IN_A_ROW;
  }

  /** The outcome of a write; `undefined` when the table did not answer it. */
  async attempt<Outcome>(sandboxId: string, write: () => Promise<Outcome>): Promise<Outcome | undefined> {
    try {
      const outcome = await write();
      this.#inARow = 0;
      return outcome;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#count += 1;
      this.#inARow += 1;
      this.#last = error;
      this.logger.warn({ err: error, sandbox_id: sandboxId }, 'the table did not answer a write of the job');
      return undefined;
    }
  }

  /** The end of the run: as it is, or `unavailable` when a write got no answer. */
  conclude(report: JobReport): JobReport {
    if (!this.#last || report.outcome !== 'success') return report;
    const error = `The sandbox table did not answer ${this.#count} writes; the next run repeats them. ${this.#last.message}`;
    return { outcome: 'unavailable', cause: 'table', counts: report.counts, error };
  }
}
