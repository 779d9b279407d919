import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { Logger } from '../logger';
import type { JobName, JobRun, JobStore, Lease } from '../store/job-store';
import type { Job, JobReport } from './job';

/** How long after a job's start it is due again; each run up to a tenth later, so that processes do not march. */
const MAX_JITTER = 0.1;

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

/** `ran`: with its record. `busy`: somebody else has the lease. `not_due`: somebody else has just run it. */
export type RunResult =
  { kind: 'ran'; run: JobRun } | { kind: 'busy' } | { kind: 'not_due'; nextDueAt: number };

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
  done: Promise<RunResult>;
}

/**
 * Runs jobs, each at most once at a time among all processes: the lease comes first, is renewed while the job works,
 * and when it cannot be, the job is told to stop before somebody else may begin. The scheduler and the admin API share
 * one runner, so that in one process, too, a job has one run.
 */
export class JobRunner {
  readonly #underWay = new Map<JobName, RunUnderWay>();
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

  /** Since when (monotonic) the job's run under way has shown no progress; `undefined` when none is under way. */
  silentSinceMs(job: JobName): number | undefined {
    return this.#underWay.get(job)?.lastProgressAtMs;
  }

  /** Tells all runs to finish the item in hand, and waits until they have, and have given their leases back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const runs = [...this.#underWay.values()];
    for (const { abort } of runs) abort.abort();
    await Promise.allSettled(runs.map(({ done }) => done));
  }

  async #start(job: Job, onlyIfDue: boolean, onStarted?: (started: StartedRun) => void): Promise<RunResult> {
    if (this.#isStopping || this.#underWay.has(job.name)) return { kind: 'busy' };
    const abort = new AbortController();
    const underWay: RunUnderWay = {
      abort,
      lastProgressAtMs: this.deps.clock.monotonicMs(),
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
    const keeper = keepLease(lease, askedAtMs, leaseTtlMs, this.deps, underWay.abort);
    events.onLease(job.name, true);
    try {
      // Only under the lease is the record final: another process may have run the job a moment ago.
      const last = await store.getRun(job.name);
      if (onlyIfDue && last && last.nextDueAt > nowSeconds(clock)) {
        return { kind: 'not_due', nextDueAt: last.nextDueAt };
      }
      if (keeper.isNearItsEnd()) {
        // The answers took so long that somebody else may be at it by now.
        logger.warn({ job: job.name }, 'the lease was over before the job could begin');
        return { kind: 'busy' };
      }
      const startedAt = nowSeconds(clock);
      onStarted?.({ job: job.name, fencingNumber: lease.fencingNumber, startedAt, runBy: holder });
      const run = await this.#run(job, last, underWay, startedAt);
      const isRecorded = await store.recordRun(run, lease);
      if (!isRecorded)
        logger.warn({ job: job.name }, 'a later holder of the lease has recorded its run already');
      events.onRun(run);
      return { kind: 'ran', run };
    } finally {
      keeper.stop();
      events.onLease(job.name, false);
      await store.releaseLease(lease).catch((error: unknown) => {
        logger.warn({ err: error, job: job.name }, 'could not give the lease back; it ends by itself');
      });
    }
  }

  async #run(job: Job, last: JobRun | undefined, underWay: RunUnderWay, startedAt: number): Promise<JobRun> {
    const { clock, random } = this.deps;
    const logger = this.deps.logger.child({ job: job.name });
    const startedAtMs = clock.monotonicMs();
    const report = await this.#attempt(job, underWay, logger);
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
      error,
    };
    if (outcome === 'failed') logger.error(line, 'job run');
    else if (outcome === 'success' || outcome === 'stopped') logger.info(line, 'job run');
    else logger.warn(line, 'job run');
    return run;
  }

  async #attempt(job: Job, underWay: RunUnderWay, logger: Logger): Promise<JobReport> {
    const { signal } = underWay.abort;
    const onProgress = (): void => {
      underWay.lastProgressAtMs = this.deps.clock.monotonicMs();
    };
    try {
      return await job.run({ signal, onProgress, logger });
    } catch (error) {
      if (signal.aborted) return { outcome: 'stopped', counts: {} };
      logger.error({ err: error }, 'the job failed');
      return { outcome: 'failed', counts: {}, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

/**
 * Renews a lease when a third of its life is over. When it is lost, or its end is near and the store has not answered,
 * aborts the run: soon somebody else may be at it. How much is left it measures itself, from before it asked: a clock
 * that is set back must not make a lease longer.
 */
function keepLease(
  lease: Lease,
  acquiredAtMs: number,
  ttlMs: number,
  { store, clock, logger }: JobRunnerDependencies,
  run: AbortController,
): { stop: () => void; isNearItsEnd: () => boolean } {
  let current = lease;
  let endsAtMs = acquiredAtMs + ttlMs;
  let isRenewing = false;
  let isOver = false;
  const giveUp = (why: string): void => {
    if (isOver || run.signal.aborted) return;
    logger.warn({ job: lease.job }, why);
    run.abort();
  };
  const renew = async (): Promise<void> => {
    try {
      const askedAtMs = clock.monotonicMs();
      const renewed = await store.renewLease(current, clock.nowMs(), ttlMs);
      if (!renewed) {
        giveUp('the lease has gone to somebody else: stopping the run');
        return;
      }
      current = renewed;
      endsAtMs = askedAtMs + ttlMs;
    } catch (error) {
      logger.warn({ err: error, job: lease.job }, 'could not renew the lease; trying again');
    }
  };
  // A machine that was asleep may not have counted the time, so the time of day has a word, too.
  const leftMs = (): number => Math.min(endsAtMs - clock.monotonicMs(), current.expiresAtMs - clock.nowMs());
  const isNearItsEnd = (): boolean => leftMs() <= ttlMs / 4;
  const timer = setInterval(() => {
    if (isNearItsEnd()) {
      giveUp('the lease could not be renewed in time: stopping the run');
    } else if (leftMs() <= (ttlMs * 2) / 3 && !isRenewing) {
      isRenewing = true;
      void renew().finally(() => {
        isRenewing = false;
      });
    }
  }, ttlMs / 12);
  return {
    isNearItsEnd,
    stop: () => {
      // A renewal under way finds the lease given back, and is refused.
      isOver = true;
      clearInterval(timer);
    },
  };
}
