import type { Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import { UnreadableRecordError, type JobsControl, type JobsRunner, type JobStore } from '../store/job-store';

/** How old the answer may get: a change must take effect within 10 s, the scheduler's tick included. */
const MAX_AGE_MS = 8_500;

/**
 * Tells whether this kind of process is the one that runs the jobs now. A table that does not answer means: as before;
 * nobody's turn until it has been read once. A runner that this release does not know, or a record that makes no sense,
 * means nobody's turn: somebody has said something, and it was not us.
 */
export class RunnerSwitch {
  #runner?: JobsControl['runner'];
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly me: Exclude<JobsRunner, 'none'>,
    private readonly store: Pick<JobStore, 'getControl'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Reads the table at most once in 8.5 s. Never throws. */
  async isOurTurn(): Promise<boolean> {
    if (this.clock.monotonicMs() - this.#readAtMs >= MAX_AGE_MS) await this.#read();
    return this.#runner === this.me;
  }

  async #read(): Promise<void> {
    this.#readAtMs = this.clock.monotonicMs();
    try {
      const { runner, storedRunner, reason } = await this.store.getControl();
      if (runner !== this.#runner) {
        const line = { runner, stored_runner: storedRunner, reason };
        if (runner === 'unknown') this.logger.error(line, 'who runs the jobs is not known to this release');
        else this.logger.info(line, 'who runs the jobs');
      }
      this.#runner = runner;
    } catch (error) {
      if (error instanceof UnreadableRecordError) {
        if (this.#runner !== 'unknown') this.logger.error({ err: error }, 'who runs the jobs cannot be read');
        this.#runner = 'unknown';
        return;
      }
      this.logger.warn(
        { err: error, runner: this.#runner },
        'cannot read who runs the jobs; staying with it',
      );
    }
  }
}
