import { nowSeconds, type Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import { UnreadableRecordError, type JobName, type JobStore } from '../store/job-store';
import type { Job } from './job';
import type { JobRunner } from './job-runner';
import type { RunnerSwitch } from './runner-switch';
import { STALL_LIMIT_MS } from './stall-limit';

/** How often to look whether something is due. Looking is free; only what is due costs a call. */
const TICK_MS = 1_000;
/** How long a due time read from the table is believed: an admin, or another process, may have run the job since. */
const DUE_TIME_LIFETIME_MS = 30_000;
/** A scheduler that does not tick for this long has stalled. */
const TICK_OVERDUE_MS = 60_000;

/** When to look again after finding somebody else at a job, or the store out of reach. */
const BUSY_RECHECK_SECONDS = 5;

interface DueTime {
  nextDueAt: number;
  readAtMs: number;
}

export interface SchedulerDependencies {
  runner: JobRunner;
  runnerSwitch: RunnerSwitch;
  store: Pick<JobStore, 'getRun'>;
  clock: Clock;
  logger: Logger;
}

/**
 * Starts each job when its time, as recorded in the table, has come, and it is this process's turn to run jobs. Jobs do
 * not wait for each other, and the failure of one concerns no other.
 */
export class Scheduler {
  readonly #dueTimes = new Map<JobName, DueTime>();
  #timer?: NodeJS.Timeout;
  #tick?: Promise<void>;
  #lastTickAtMs: number;

  constructor(
    private readonly jobs: readonly Job[],
    private readonly deps: SchedulerDependencies,
  ) {
    this.#lastTickAtMs = deps.clock.monotonicMs();
  }

  /** Begins to look for due jobs, until {@link stop}. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#tick ??= this.#lookForDueJobs().finally(() => {
        this.#tick = undefined;
      });
    }, TICK_MS);
  }

  /** Starts nothing more, lets the runs under way finish their item, and resolves when all leases are back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.deps.runner.stop();
    await this.#tick;
  }

  /** The names of what has stalled: jobs, or `scheduler`. */
  stalled(): string[] {
    const nowMs = this.deps.clock.monotonicMs();
    const jobs: string[] = this.jobs
      .map(({ name }) => name)
      .filter((name) => nowMs - (this.deps.runner.silentSinceMs(name) ?? nowMs) > STALL_LIMIT_MS);
    return nowMs - this.#lastTickAtMs > TICK_OVERDUE_MS ? ['scheduler', ...jobs] : jobs;
  }

  async #lookForDueJobs(): Promise<void> {
    this.#lastTickAtMs = this.deps.clock.monotonicMs();
    if (!(await this.deps.runnerSwitch.isOurTurn())) return;
    await Promise.all(this.jobs.map((job) => this.#lookAt(job)));
  }

  async #lookAt(job: Job): Promise<void> {
    const { runner, clock, logger } = this.deps;
    if (runner.isUnderWay(job.name)) return;
    try {
      if ((await this.#nextDueAt(job.name)) > nowSeconds(clock)) return;
    } catch (error) {
      logger.warn({ err: error, job: job.name }, 'cannot read when the job is due; trying again');
      this.#dueTimes.set(job.name, { nextDueAt: Number.POSITIVE_INFINITY, readAtMs: this.#readAgainSoon() });
      return;
    }
    // Not awaited: a long run must not keep the others from being looked at.
    void this.#run(job);
  }

  async #run(job: Job): Promise<void> {
    const { runner, clock, logger } = this.deps;
    try {
      const result = await runner.runIfDue(job);
      const nextDueAt =
        result.kind === 'ran'
          ? result.run.nextDueAt
          : result.kind === 'not_due'
            ? result.nextDueAt
            : undefined;
      // Somebody else is at it: the record will tell, in a while, how that went.
      const believed = nextDueAt ?? nowSeconds(clock) + BUSY_RECHECK_SECONDS;
      this.#dueTimes.set(job.name, { nextDueAt: believed, readAtMs: clock.monotonicMs() });
    } catch (error) {
      logger.error({ err: error, job: job.name }, 'the job could not be run or recorded; trying again');
      this.#dueTimes.set(job.name, {
        nextDueAt: nowSeconds(clock) + BUSY_RECHECK_SECONDS,
        readAtMs: clock.monotonicMs(),
      });
    }
  }

  /** A reading time that lets the due time be read again when somebody busy, or a silent table, has had a moment. */
  #readAgainSoon(): number {
    return this.deps.clock.monotonicMs() - DUE_TIME_LIFETIME_MS + BUSY_RECHECK_SECONDS * 1_000;
  }

  async #nextDueAt(job: JobName): Promise<number> {
    const known = this.#dueTimes.get(job);
    const nowMs = this.deps.clock.monotonicMs();
    if (known && nowMs - known.readAtMs < DUE_TIME_LIFETIME_MS) return known.nextDueAt;
    const nextDueAt = await this.#readDueTime(job);
    this.#dueTimes.set(job, { nextDueAt, readAtMs: nowMs });
    return nextDueAt;
  }

  async #readDueTime(job: JobName): Promise<number> {
    try {
      return this.deps.runner.dueAt(job, await this.deps.store.getRun(job));
    } catch (error) {
      // Due at once: under the lease the runner finds the same, says so, and the next record replaces it.
      if (error instanceof UnreadableRecordError) return 0;
      throw error;
    }
  }
}
