import { nowSeconds, type Clock } from '../allocation/clock';
import {
  JobFailedError,
  JobRunningError,
  PortalUnavailableError,
  RunNotFoundError,
  ServiceUnavailableError,
} from '../errors';
import { isDueTimeBelievable } from '../jobs/due-time';
import type { Job } from '../jobs/job';
import type { JobRunner, StartedRun } from '../jobs/job-runner';
import type { Logger } from '../logger';
import { isInFuture } from '../store/clock-tolerance';
import {
  JOB_NAMES,
  latestLeaseEndMs,
  UnreadableRecordError,
  type JobName,
  type JobRun,
  type JobsControl,
  type JobsRunner,
  type JobStore,
  type LastRun,
  type Lease,
} from '../store/job-store';
import { StoreUnavailableError } from '../store/sandbox-store';
import { parseRunId, runId, runStateOf, type JobRunState } from './job-run-state';

/** A job as an admin sees it. */
export interface JobState {
  name: JobName;
  intervalSeconds: number;
  lastRun?: LastRun;
  /** Who is at it now. */
  lease?: Lease;
  /** What in its records cannot be read or believed, in words for people; empty when all is well. */
  problems: string[];
}

export interface JobsOverview {
  control: JobsControl;
  jobs: JobState[];
}

export interface JobsServiceDependencies {
  runner: JobRunner;
  store: JobStore;
  clock: Clock;
  logger: Logger;
  intervalSeconds: Record<JobName, number>;
  leaseTtlMs: number;
}

/** How far a run had come when the answer was due. */
export type RunProgress = { kind: 'ended'; run: JobRun } | { kind: 'running'; run: JobRunState };

/** What admins may see and do with the jobs. */
export class JobsService {
  constructor(private readonly deps: JobsServiceDependencies) {}

  /**
   * Runs a job now, under its lease, whoever runs the jobs otherwise. A run that takes longer than `waitMs` goes on
   * after the answer, whether or not anybody is there to read it.
   *
   * @throws JobRunningError when another runner is at it; of a run that ended in time: PortalUnavailableError,
   * ServiceUnavailableError when the sandbox table did not answer, JobFailedError.
   */
  async run(job: Job, waitMs: number): Promise<RunProgress> {
    const { runner, clock, logger } = this.deps;
    let hasStarted: (started: StartedRun) => void = () => undefined;
    const starting = new Promise<StartedRun>((resolve) => {
      hasStarted = resolve;
    });
    const running = runner.runNow(job, hasStarted);
    // A run without its lease yet has no name under which it could be followed.
    const waiting = Promise.all([starting, clock.sleep(waitMs)]).then(([started]) => started);
    const first = await Promise.race([running, waiting]);
    if (!('kind' in first)) {
      running.catch((error: unknown) => {
        logger.error(
          { err: error, job: job.name },
          'the run ended after its answer and could not be recorded',
        );
      });
      return { kind: 'running', run: underWay(first) };
    }
    if (first.kind !== 'ran') throw new JobRunningError(job.name, await this.#runUnderWay(job.name));
    const { run, cause } = first;
    const message = run.error ?? 'The job failed.';
    if (cause === 'table') throw new ServiceUnavailableError(message, run.counts);
    if (run.outcome === 'unavailable') throw new PortalUnavailableError(message, run.counts);
    if (run.outcome === 'failed') throw new JobFailedError(message, run.counts);
    return { kind: 'ended', run };
  }

  /**
   * What became of a run, whichever process has it.
   *
   * @throws RunNotFoundError if there was no such run, ServiceUnavailableError while the job's records cannot be read: the
   * next run replaces them.
   */
  async follow(id: string): Promise<JobRunState> {
    const { store, clock, leaseTtlMs } = this.deps;
    const parts = parseRunId(id);
    if (!parts) throw new RunNotFoundError();
    const traces = await store.getRunTraces(parts.job).catch((error: unknown) => {
      throw error instanceof UnreadableRecordError ? new ServiceUnavailableError(error.message) : error;
    });
    const nowMs = clock.nowMs();
    const latestEndMs = latestLeaseEndMs(nowMs, leaseTtlMs);
    const state = runStateOf(parts.job, parts.fencingNumber, traces, nowMs, latestEndMs);
    if (!state) throw new RunNotFoundError();
    return state;
  }

  /** What cannot be read of one job is said of that job; the others are shown all the same. */
  async overview(): Promise<JobsOverview> {
    // All at once: a read that failed while nobody waited for it yet would end the process.
    const [control, jobs] = await Promise.all([
      this.#control(),
      Promise.all(JOB_NAMES.map((name) => this.#state(name))),
    ]);
    return { control, jobs };
  }

  async #control(): Promise<JobsControl> {
    try {
      return await this.deps.store.getControl();
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      return { runner: 'unknown', reason: error.message };
    }
  }

  async #state(name: JobName): Promise<JobState> {
    const { store, clock, intervalSeconds, leaseTtlMs } = this.deps;
    const nowMs = clock.nowMs();
    const problems: string[] = [];
    const readable = async <T>(record: Promise<T>): Promise<T | undefined> => {
      try {
        return await record;
      } catch (error) {
        if (!(error instanceof UnreadableRecordError)) throw error;
        problems.push(error.message);
        return undefined;
      }
    };
    const [lastRun, lease] = await Promise.all([
      readable(store.getRun(name)),
      readable(store.getLease(name, nowMs)),
    ]);
    if (lastRun?.outcome === 'unknown') {
      problems.push('Its last run ended in a way that this release does not know.');
    }
    if (lastRun && !isDueTimeBelievable(lastRun, intervalSeconds[name], nowSeconds(clock))) {
      problems.push('Its next due time lies too far in the future to be right: the job is due now.');
    }
    if (lastRun && isInFuture(lastRun.startedAt, nowSeconds(clock))) {
      problems.push('Its last run is dated in the future: a wrong clock wrote it.');
    }
    if (lease && lease.expiresAtMs > latestLeaseEndMs(nowMs, leaseTtlMs)) {
      problems.push('Its lease ends too late to be right: it holds nobody back.');
    }
    return { name, intervalSeconds: intervalSeconds[name], lastRun, lease, problems };
  }

  /**
   * How many accounts that count as deleted the portal listed all the same, as the last sync found; `undefined` when
   * that sync did not compare, none has run, or its record cannot be read, or not at this moment.
   */
  async listedAfterDeletion(): Promise<number | undefined> {
    const lastSync = await this.deps.store.getRun('sync').catch((error: unknown) => {
      if (error instanceof UnreadableRecordError || error instanceof StoreUnavailableError) return undefined;
      throw error;
    });
    return lastSync?.counts.listed_after_deletion;
  }

  /** Says who runs the jobs from now on. Processes notice within 10 s. */
  async setRunner(runner: JobsRunner, reason: string, changedBy: string): Promise<JobsControl> {
    const control = { runner, reason, changedBy, since: nowSeconds(this.deps.clock) };
    await this.deps.store.setControl(control);
    return control;
  }

  /** The id of the run that has the lease; `undefined` when there is none, or the table does not say. */
  async #runUnderWay(job: JobName): Promise<string | undefined> {
    const { store, clock } = this.deps;
    try {
      const lease = await store.getLease(job, clock.nowMs());
      return lease && runId(job, lease.fencingNumber);
    } catch {
      // The caller is refused either way; this would only help to follow the other run.
      return undefined;
    }
  }
}

function underWay({ job, fencingNumber, startedAt, runBy }: StartedRun): JobRunState {
  return { id: runId(job, fencingNumber), job, status: 'running', startedAt, runBy };
}
