import { nowSeconds, type Clock } from '../allocation/clock';
import { JobFailedError, JobRunningError, PortalUnavailableError, RunNotFoundError } from '../errors';
import type { Job } from '../jobs/job';
import type { JobRunner, StartedRun } from '../jobs/job-runner';
import type { Logger } from '../logger';
import {
  JOB_NAMES,
  type JobName,
  type JobRun,
  type JobsControl,
  type JobsRunner,
  type JobStore,
  type Lease,
} from '../store/job-store';
import { parseRunId, runId, runStateOf, type JobRunState } from './job-run-state';

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
  logger: Logger;
  intervalSeconds: Record<JobName, number>;
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
   * JobFailedError.
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
    const { run } = first;
    const message = run.error ?? 'The job failed.';
    if (run.outcome === 'unavailable') throw new PortalUnavailableError(message, run.counts);
    if (run.outcome === 'failed') throw new JobFailedError(message, run.counts);
    return { kind: 'ended', run };
  }

  /**
   * What became of a run, whichever process has it.
   *
   * @throws RunNotFoundError if there was no such run.
   */
  async follow(id: string): Promise<JobRunState> {
    const { store, clock } = this.deps;
    const parts = parseRunId(id);
    if (!parts) throw new RunNotFoundError();
    const traces = await store.getRunTraces(parts.job);
    const state = runStateOf(parts.job, parts.fencingNumber, traces, clock.nowMs());
    if (!state) throw new RunNotFoundError();
    return state;
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
