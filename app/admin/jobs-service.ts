import { nowSeconds, type Clock } from '../allocation/clock';
import { JobFailedError, JobRunningError, PortalUnavailableError, ServiceUnavailableError } from '../errors';
import { isDueTimeBelievable } from '../jobs/due-time';
import type { Job } from '../jobs/job';
import type { JobRunner } from '../jobs/job-runner';
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
  intervalSeconds: Record<JobName, number>;
  leaseTtlMs: number;
}

/** What admins may see and do with the jobs. */
export class JobsService {
  constructor(private readonly deps: JobsServiceDependencies) {}

  /**
   * Runs a job now, under its lease, whoever runs the jobs otherwise.
   *
   * @throws JobRunningError when another runner is at it, PortalUnavailableError, ServiceUnavailableError when the sandbox
   * table did not answer, JobFailedError
   */
  async run(job: Job): Promise<JobRun> {
    const result = await this.deps.runner.runNow(job);
    if (result.kind !== 'ran') throw new JobRunningError(job.name);
    const { run, cause } = result;
    const message = run.error ?? 'The job failed.';
    if (cause === 'table') throw new ServiceUnavailableError(message, run.counts);
    if (run.outcome === 'unavailable') throw new PortalUnavailableError(message, run.counts);
    if (run.outcome === 'failed') throw new JobFailedError(message, run.counts);
    return run;
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
    if (lease && lease.expiresAtMs > latestLeaseEndMs(nowMs, leaseTtlMs)) {
      problems.push('Its lease ends too late to be right: it holds nobody back.');
    }
    return { name, intervalSeconds: intervalSeconds[name], lastRun, lease, problems };
  }

  /** Says who runs the jobs from now on. Processes notice within 10 s. */
  async setRunner(runner: JobsRunner, reason: string, changedBy: string): Promise<JobsControl> {
    const control = { runner, reason, changedBy, since: nowSeconds(this.deps.clock) };
    await this.deps.store.setControl(control);
    return control;
  }
}
