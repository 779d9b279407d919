import { nowSeconds, type Clock } from '../allocation/clock';
import { JobFailedError, JobRunningError, PortalUnavailableError } from '../errors';
import type { Job } from '../jobs/job';
import type { JobRunner } from '../jobs/job-runner';
import {
  JOB_NAMES,
  type JobName,
  type JobRun,
  type JobsControl,
  type JobsRunner,
  type JobStore,
  type Lease,
} from '../store/job-store';

/** A job as an admin sees it. */
export interface JobState {
  name: JobName;
  intervalSeconds: number;
  lastRun?: JobRun;
  /** Who is at it now. */
  lease?: Lease;
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
}

/** What admins may see and do with the jobs. */
export class JobsService {
  constructor(private readonly deps: JobsServiceDependencies) {}

  /**
   * Runs a job now, under its lease, whoever runs the jobs otherwise.
   *
   * @throws JobRunningError when another runner is at it, PortalUnavailableError, JobFailedError
   */
  async run(job: Job): Promise<JobRun> {
    const result = await this.deps.runner.runNow(job);
    if (result.kind !== 'ran') throw new JobRunningError(job.name);
    const { run } = result;
    const message = run.error ?? 'The job failed.';
    if (run.outcome === 'unavailable') throw new PortalUnavailableError(message, run.counts);
    if (run.outcome === 'failed') throw new JobFailedError(message, run.counts);
    return run;
  }

  async overview(): Promise<JobsOverview> {
    const { store, clock, intervalSeconds } = this.deps;
    const states = JOB_NAMES.map(async (name) => ({
      name,
      intervalSeconds: intervalSeconds[name],
      lastRun: await store.getRun(name),
      lease: await store.getLease(name, clock.nowMs()),
    }));
    // All at once: a read that failed while nobody waited for it yet would end the process.
    const [control, jobs] = await Promise.all([store.getControl(), Promise.all(states)]);
    return { control, jobs };
  }

  /**
   * How many accounts that count as deleted the portal listed all the same, as the last sync found; `undefined` when
   * that sync did not compare, or none has run.
   */
  async listedAfterDeletion(): Promise<number | undefined> {
    const lastSync = await this.deps.store.getRun('sync');
    return lastSync?.counts.listed_after_deletion;
  }

  /** Says who runs the jobs from now on. Processes notice within 10 s. */
  async setRunner(runner: JobsRunner, reason: string, changedBy: string): Promise<JobsControl> {
    const control = { runner, reason, changedBy, since: nowSeconds(this.deps.clock) };
    await this.deps.store.setControl(control);
    return control;
  }
}
