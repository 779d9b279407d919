import type { Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import type { JobsRunner, JobStore } from '../store/job-store';

/** How old the answer may get: a change must take effect within 10 s, the scheduler's tick included. */
const MAX_AGE_MS = 8_500;

/**
 * Tells whether this kind of process is the one that runs the jobs now. Unreadable means: as before; nobody's turn
 * until it has been read once.
 */
export class RunnerSwitch {
  #runner?: JobsRunner;
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
      const { runner, reason } = await this.store.getControl();
      if (runner !== this.#runner) this.logger.info({ runner, reason }, 'who runs the jobs');
      this.#runner = runner;
    } catch (error) {
      this.logger.warn(
        { err: error, runner: this.#runner },
        'cannot read who runs the jobs; staying with it',
      );
    }
  }
}
