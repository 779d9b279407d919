import type { StepReport, StoredRollbackEntry } from '../../app/store/rollback-history';
import type { JobsControl, JobsRunner } from '../../app/store/job-store';
import type { AlarmEvent } from './alarm-event';
import type { Announcer } from './announcer';
import { causeOf, concludeAlarm, type AlarmResponse } from './conclude-alarm';
import { shorten } from './describe-error';
import { handedOnPersonChangeAt, hasPersonSpokenSince } from './person-change';
import type { RollbackDependencies, RollbackJobsRunner } from './rollback-dependencies';
import {
  confirmStep,
  jobsRunnerStep,
  setServiceStep,
  settle,
  writeParameterStep,
  type RunnerDecision,
  type Settled,
} from './steps';
import { FIRST_LOOK_MS } from './time-budget';

const MAX_CONTROL_REASON_LENGTH = 500;

export interface AlarmResponderDependencies extends RollbackDependencies {
  announcer: Announcer;
  /** Who gets the jobs of a worker that is stopped. */
  jobsRunner: RollbackJobsRunner;
  /** As SANDBOX_BROKER_ENV has it: people are told commands that act on this environment. */
  environmentName: string;
}

/**
 * The automated rollback. An event may be delivered any number of times and the function may die at any point: the next
 * delivery does what is missing. Nothing that cannot be read or written keeps the worker from being stopped.
 */
export class AlarmResponder {
  constructor(private readonly deps: AlarmResponderDependencies) {}

  /** @throws RollbackIncompleteError after everything else was tried, so that the event is delivered again. */
  async respond(event: AlarmEvent): Promise<AlarmResponse> {
    switch (event.action) {
      case 'rollback_worker':
        return this.#rollBackWorker(event);
      case 'freeze_api_jobs':
        return this.#freezeApiJobs(event);
    }
  }

  async #rollBackWorker(event: AlarmEvent): Promise<AlarmResponse> {
    const { deps } = this;
    const [control, entry, before] = await Promise.all([
      settle(deps.jobs.getControl(soon())),
      this.#entryOf(event),
      settle(deps.service.describe(soon())),
    ]);
    if (isFinished(entry)) return { kind: 'finished_before' };
    if (control.isKnown && hasPersonSpokenSince(control.value, event.atMs, deps.nowMs())) {
      return { kind: 'ignored', reason: isOlderThan(control.value) };
    }
    // Side by side: none of them waits for another that hangs. The API may run the jobs before the worker has ended,
    // because each job has a lease.
    const [parameter, service, jobs] = await Promise.all([
      writeParameterStep(deps, 0),
      setServiceStep(deps, 0, before),
      jobsRunnerStep(deps, (seen) => this.#handOver(event, seen)),
    ]);
    const [confirmation, standing] = await Promise.all([
      confirmStep(deps, 0),
      settle(deps.jobs.getControl(soon())),
    ]);
    const runner = standing.isKnown ? standing.value.runner : jobs.runner;
    const isNobodyAtWork = runner === 'worker' && (confirmation.state?.desiredCount ?? 0) === 0;
    const jobsReport =
      isNobodyAtWork && jobs.report.outcome !== 'failed'
        ? nobodyRunsThem(standing.isKnown ? standing.value.changedBy : undefined)
        : jobs.report;
    const steps = [parameter, service, jobsReport, confirmation.report];
    const hasChanged = jobs.isWritten || [parameter, service].some(({ outcome }) => outcome === 'done');
    return concludeAlarm(this.deps, event, entry, { steps, runner, hasChanged });
  }

  async #freezeApiJobs(event: AlarmEvent): Promise<AlarmResponse> {
    const entry = await this.#entryOf(event);
    if (isFinished(entry)) return { kind: 'finished_before' };
    let nothingToDo: string | undefined;
    const jobs = await jobsRunnerStep(this.deps, (seen) => {
      nothingToDo = undefined;
      if (this.#isMine(event, seen)) return { kind: 'keep', outcome: 'done', detail: 'none (was api)' };
      if (hasPersonSpokenSince(seen, event.atMs, this.deps.nowMs())) nothingToDo = isOlderThan(seen);
      else if (seen.runner !== 'api') nothingToDo = 'the API does not run the jobs';
      if (nothingToDo !== undefined) return { kind: 'keep', outcome: 'unchanged', detail: nothingToDo };
      return { kind: 'change', next: this.#word(event, seen, 'none'), detail: 'none (was api)' };
    });
    if (nothingToDo !== undefined && jobs.report.outcome !== 'failed') {
      return { kind: 'ignored', reason: nothingToDo };
    }
    return concludeAlarm(this.deps, event, entry, {
      steps: [jobs.report],
      runner: jobs.runner,
      hasChanged: jobs.isWritten,
    });
  }

  /** Only a worker's jobs are handed over: what a person or an API in trouble has frozen stays frozen. */
  #handOver(event: AlarmEvent, seen: JobsControl): RunnerDecision {
    const { jobsRunner, nowMs } = this.deps;
    const detail = `${jobsRunner} (was worker)`;
    if (this.#isMine(event, seen)) return { kind: 'keep', outcome: 'done', detail };
    if (hasPersonSpokenSince(seen, event.atMs, nowMs())) {
      const detail = `${seen.runner}: ${seen.changedBy ?? 'somebody'} has meanwhile said so`;
      return { kind: 'keep', outcome: 'unchanged', detail: `${detail}; resume the worker if it is to run` };
    }
    if (seen.runner !== 'worker') {
      const detail = `${seen.runner} already, by ${seen.changedBy ?? 'somebody'} (${seen.reason ?? 'no reason given'})`;
      return { kind: 'keep', outcome: 'unchanged', detail };
    }
    return { kind: 'change', next: this.#word(event, seen, jobsRunner), detail };
  }

  #word(event: AlarmEvent, seen: JobsControl, runner: JobsRunner): JobsControl {
    return {
      runner,
      since: Math.floor(this.deps.nowMs() / 1000),
      changedBy: nameOf(event),
      reason: shorten(event.reason, MAX_CONTROL_REASON_LENGTH),
      byAutomation: true,
      personChangedAt: handedOnPersonChangeAt(seen, this.deps.nowMs()),
    };
  }

  #isMine(event: AlarmEvent, seen: JobsControl): boolean {
    return seen.byAutomation === true && seen.changedBy === nameOf(event);
  }

  #entryOf(event: AlarmEvent): Promise<Settled<StoredRollbackEntry | undefined>> {
    return settle(this.deps.history.get({ atMs: event.atMs, cause: causeOf(event) }, soon()));
  }
}

/**
 * A person's resume came between what was seen and what was done: it has given the jobs back to a worker that this
 * event then stopped. The event is older than the resume, so that only a person can say what holds.
 */
function nobodyRunsThem(changedBy = 'somebody'): StepReport {
  const detail = `nobody runs the jobs: the worker was stopped after ${changedBy} had spoken: resume worker`;
  return { step: 'jobs_runner', outcome: 'failed', detail };
}

function isFinished(entry: Settled<StoredRollbackEntry | undefined>): boolean {
  return entry.isKnown && entry.value?.isFinished === true;
}

function isOlderThan({ changedBy, reason }: JobsControl): string {
  return `older than what a person has said since (now: ${changedBy ?? 'somebody'}, ${reason ?? 'no reason given'})`;
}

/** How the event is named as the author of a change; the same at every delivery. */
function nameOf({ alarmName, atMs }: AlarmEvent): string {
  return `alarm ${alarmName} of ${new Date(atMs).toISOString()}`;
}

/** `AbortSignal.timeout` keeps no process alive. */
function soon(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(FIRST_LOOK_MS) };
}
