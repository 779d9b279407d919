import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { Logger } from '../logger';
import {
  UnreadableRecordError,
  type JobName,
  type JobRun,
  type JobStore,
  type LastRun,
} from '../store/job-store';
import { believedDueAt, MAX_JITTER } from './due-time';
import { endOfFailure } from './end-of-failure';
import type { Job, JobReport, UnavailableCause } from './job';
import { keepLease } from './lease-keeper';
import { STALL_LIMIT_MS } from './stall-limit';

export interface JobRunnerOptions {
  /** Names this process among the holders of leases. */
  holder: string;
  leaseTtlMs: number;
  intervalSeconds: Record<JobName, number>;
}

/** What a run lets its observers count and measure. */
export interface JobEvents {
  onLease(job: JobName, isHeld: boolean): void;
  onRun(run: JobRun): void;
}

export interface JobRunnerDependencies {
  store: JobStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  events: JobEvents;
}

/**
 * `ran`: with its record, and for an `unavailable` run what was out of reach. `busy`: somebody else has the lease.
 * `not_due`: somebody else has just run it.
 */
export type RunResult =
  | { kind: 'ran'; run: JobRun; cause?: UnavailableCause }
  | { kind: 'busy' }
  | { kind: 'not_due'; nextDueAt: number };

/** A run that has begun, known by the lease under which it goes. */
export interface StartedRun {
  job: JobName;
  /** Of the lease: no two runs of a job have the same one. */
  fencingNumber: number;
  /** Unix seconds, as the record of the run will have it. */
  startedAt: number;
  runBy: string;
}

interface RunUnderWay {
  abort: AbortController;
  lastProgressAtMs: number;
  /** Ends the waiting for a run that has stalled; set while the job works. */
  abandon?: () => void;
  isAbandoned: boolean;
  done: Promise<RunResult>;
}

/** A run that was abandoned, until its job returns after all. */
interface HungRun {
  run: RunUnderWay;
  /** By the monotonic clock: until then its lease may hold, and nothing is started in its place. */
  leaseEndsAtMs: number;
}

/**
 * Runs jobs, each at most once at a time among all processes: the lease comes first, is renewed while the job works,
 * and when it cannot be, the job is told to stop before somebody else may begin. The scheduler and the admin API share
 * one runner, so that in one process, too, a job has one run.
 *
 * A run without progress for {@link STALL_LIMIT_MS} is told to stop and no longer waited for. Its lease is neither renewed
 * nor given back: when it has ended, any process may run the job again, this one included. What the run still writes rests
 * on its own conditions.
 */
export class JobRunner {
  readonly #underWay = new Map<JobName, RunUnderWay>();
  readonly #hung = new Map<JobName, HungRun>();
  #isStopping = false;

  constructor(
    private readonly deps: JobRunnerDependencies,
    private readonly options: JobRunnerOptions,
  ) {}

  /** Runs a job if it is due, and nobody else is at it. Throws what the store throws. */
  async runIfDue(job: Job): Promise<RunResult> {
    return this.#start(job, true);
  }

  /** Runs a job now, due or not. Throws what the store throws. `onStarted` is called once the run has its lease. */
  async runNow(job: Job, onStarted?: (started: StartedRun) => void): Promise<RunResult> {
    return this.#start(job, false, onStarted);
  }

  /** When a job is due by its last run, in Unix seconds; 0 (now) if it never ran, or its due time cannot be believed. */
  dueAt(job: JobName, last: Pick<LastRun, 'nextDueAt'> | undefined): number {
    return believedDueAt(last, this.options.intervalSeconds[job], nowSeconds(this.deps.clock));
  }

  /** Whether a run of the job is under way in this process, or may still hold its lease. */
  isUnderWay(job: JobName): boolean {
    const hung = this.#hung.get(job);
    const mayHoldLease = hung !== undefined && this.deps.clock.monotonicMs() < hung.leaseEndsAtMs;
    return this.#underWay.has(job) || mayHoldLease;
  }

  /**
   * Since when (monotonic) the job's run has shown no progress, one that was abandoned included; `undefined` when there is
   * none.
   */
  silentSinceMs(job: JobName): number | undefined {
    return (this.#hung.get(job)?.run ?? this.#underWay.get(job))?.lastProgressAtMs;
  }

  /** Tells all runs to finish the item in hand, and waits until they have, and have given their leases back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const runs = [...this.#underWay.values()];
    for (const { abort } of runs) abort.abort();
    await Promise.allSettled(runs.map(({ done }) => done));
  }

  async #start(job: Job, onlyIfDue: boolean, onStarted?: (started: StartedRun) => void): Promise<RunResult> {
    if (this.#isStopping || this.isUnderWay(job.name)) return { kind: 'busy' };
    const abort = new AbortController();
    const underWay: RunUnderWay = {
      abort,
      lastProgressAtMs: this.deps.clock.monotonicMs(),
      isAbandoned: false,
      done: Promise.resolve({ kind: 'busy' }),
    };
    this.#underWay.set(job.name, underWay);
    underWay.done = this.#runUnderLease(job, onlyIfDue, underWay, onStarted).finally(() =>
      this.#underWay.delete(job.name),
    );
    return underWay.done;
  }

  async #runUnderLease(
    job: Job,
    onlyIfDue: boolean,
    underWay: RunUnderWay,
    onStarted?: (started: StartedRun) => void,
  ): Promise<RunResult> {
    const { store, clock, events, logger } = this.deps;
    const { holder, leaseTtlMs } = this.options;
    const askedAtMs = clock.monotonicMs();
    const lease = await store.acquireLease(job.name, holder, clock.nowMs(), leaseTtlMs);
    if (!lease) return { kind: 'busy' };
    const keeper = keepLease(
      { lease, acquiredAtMs: askedAtMs, ttlMs: leaseTtlMs },
      this.deps,
      underWay.abort,
      () => {
        this.#abandonIfStalled(job.name, underWay);
      },
    );
    events.onLease(job.name, true);
    try {
      // Only under the lease is the record final: another process may have run the job a moment ago.
      const last = await this.#lastRun(job.name);
      const dueAt = this.dueAt(job.name, last);
      if (last && dueAt !== last.nextDueAt) {
        logger.error(
          { job: job.name, next_due_at: last.nextDueAt },
          'the due time cannot be right: the job is due',
        );
      }
      if (onlyIfDue && dueAt > nowSeconds(clock)) return { kind: 'not_due', nextDueAt: dueAt };
      if (keeper.isNearItsEnd()) {
        // The answers took so long that somebody else may be at it by now.
        logger.warn({ job: job.name }, 'the lease was over before the job could begin');
        return { kind: 'busy' };
      }
      const startedAt = nowSeconds(clock);
      onStarted?.({ job: job.name, fencingNumber: lease.fencingNumber, startedAt, runBy: holder });
      const { run, cause } = await this.#run(job, last, underWay, startedAt, () => keeper.endsAtMs());
      const isRecorded = await store.recordRun(run, lease);
      if (!isRecorded)
        logger.warn({ job: job.name }, 'a later holder of the lease has recorded its run already');
      events.onRun(run);
      return { kind: 'ran', run, ...(cause ? { cause } : {}) };
    } finally {
      keeper.stop();
      events.onLease(job.name, false);
      // The lease of a run that hangs ends by itself: the run may be in the middle of a write.
      if (!underWay.isAbandoned)
        await store.releaseLease(lease).catch((error: unknown) => {
          logger.warn({ err: error, job: job.name }, 'could not give the lease back; it ends by itself');
        });
    }
  }

  /** The last run; one that cannot be read counts as none, and the next record replaces it. */
  async #lastRun(job: JobName): Promise<LastRun | undefined> {
    try {
      return await this.deps.store.getRun(job);
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      this.deps.logger.error(
        { err: error, job },
        'the record of the last run cannot be read: the job is due',
      );
      return undefined;
    }
  }

  async #run(
    job: Job,
    last: LastRun | undefined,
    underWay: RunUnderWay,
    startedAt: number,
    leaseEndsAtMs: () => number,
  ): Promise<{ run: JobRun; cause?: UnavailableCause }> {
    const { clock, random } = this.deps;
    const logger = this.deps.logger.child({ job: job.name });
    const startedAtMs = clock.monotonicMs();
    const { cause: reported, ...report } = await this.#attempt(job, underWay, leaseEndsAtMs, logger);
    const cause = report.outcome === 'unavailable' ? (reported ?? 'portal') : undefined;
    const intervalSeconds = this.options.intervalSeconds[job.name] * (1 + random() * MAX_JITTER);
    const isSuccess = report.outcome === 'success';
    const run: JobRun = {
      ...report,
      job: job.name,
      startedAt,
      durationMs: Math.round(clock.monotonicMs() - startedAtMs),
      runBy: this.options.holder,
      // What was stopped half-way is due at once, for whoever comes next.
      nextDueAt:
        report.outcome === 'stopped' ? startedAt : startedAt + Math.max(1, Math.round(intervalSeconds)),
      lastSuccessAt: isSuccess ? startedAt : last?.lastSuccessAt,
    };
    const { outcome, counts, durationMs, error } = run;
    const line = {
      action: 'job',
      outcome,
      counts,
      duration_ms: durationMs,
      started_at: run.startedAt,
      next_due_at: run.nextDueAt,
      cause,
      error,
    };
    if (outcome === 'failed') logger.error(line, 'job run');
    else if (outcome === 'success' || outcome === 'stopped') logger.info(line, 'job run');
    else logger.warn(line, 'job run');
    return { run, cause };
  }

  /** Ends with the job, or, when that has stalled, without it. */
  async #attempt(
    job: Job,
    underWay: RunUnderWay,
    leaseEndsAtMs: () => number,
    logger: Logger,
  ): Promise<JobReport> {
    const work = this.#work(job, underWay, logger);
    const stalled = new Promise<JobReport>((resolve) => {
      underWay.abandon = () => {
        const hung = { run: underWay, leaseEndsAtMs: leaseEndsAtMs() };
        this.#hung.set(job.name, hung);
        void work.finally(() => {
          logger.warn({}, 'an abandoned run has ended after all');
          if (this.#hung.get(job.name) === hung) this.#hung.delete(job.name);
        });
        resolve({
          outcome: 'failed',
          counts: {},
          error: `The run showed no progress for ${STALL_LIMIT_MS / 1000} s and was abandoned.`,
        });
      };
    });
    return Promise.race([work, stalled]);
  }

  #abandonIfStalled(job: JobName, underWay: RunUnderWay): void {
    const { clock, logger } = this.deps;
    const isStalled = clock.monotonicMs() - underWay.lastProgressAtMs > STALL_LIMIT_MS;
    if (!isStalled || !underWay.abandon || underWay.isAbandoned) return;
    logger.error({ job }, 'the run shows no progress: abandoning it, and letting its lease end');
    underWay.isAbandoned = true;
    underWay.abort.abort();
    underWay.abandon();
  }

  async #work(job: Job, underWay: RunUnderWay, logger: Logger): Promise<JobReport> {
    const { signal } = underWay.abort;
    const onProgress = (): void => {
      underWay.lastProgressAtMs = this.deps.clock.monotonicMs();
    };
    try {
      return await job.run({ signal, onProgress, logger });
    } catch (error) {
      if (signal.aborted) return { outcome: 'stopped', counts: {} };
      logger.error({ err: error }, 'the job failed');
      return endOfFailure(error);
    }
  }
}
