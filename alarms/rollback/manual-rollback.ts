import type { JobsControl, JobsRunner } from '../../app/store/job-store';
import type { RollbackAction, StepReport, StoredRollbackEntry } from '../../app/store/rollback-history';
import type { Page } from '../../app/store/sandbox-store';
import { personChangeTime } from './person-change';
import type { ActionReport, RollbackDependencies, RollbackJobsRunner } from './rollback-dependencies';
import {
  attempt,
  confirmStep,
  failedSteps,
  jobsRunnerStep,
  setServiceStep,
  settle,
  writeParameterStep,
  type RunnerDecision,
  type RunnerResult,
  type Settled,
} from './steps';
import type { ServiceState } from './worker-service';

/** Who asks, and why. */
export interface PersonRequest {
  /** The person's name, as others will read it. */
  by: string;
  reason: string;
  /** Tells what would be done, and changes nothing. */
  isDryRun?: boolean;
}

/**
 * What on-call people do by hand, with the same steps as the automated rollback. No method throws for a step that
 * failed: it is told in the report. Every action may be repeated.
 */
export class ManualRollback {
  constructor(private readonly deps: RollbackDependencies) {}

  /**
   * Stops the worker and, if it ran the jobs, hands them to the API, or to nobody. Nobody gets them from the API, too, if
   * that is asked for; the API gets none that are frozen.
   */
  async rollbackWorker(request: PersonRequest & { jobsRunner: RollbackJobsRunner }): Promise<ActionReport> {
    const { deps } = this;
    const { isDryRun, jobsRunner } = request;
    const startedAtMs = deps.nowMs();
    const before = await settle(deps.service.describe());
    const [parameter, service, runner] = await Promise.all([
      writeParameterStep(deps, 0, isDryRun),
      setServiceStep(deps, 0, before, isDryRun),
      this.#setRunner(request, ({ runner: standing }) =>
        standing === 'worker' || standing === 'unknown' || (standing === 'api' && jobsRunner === 'none')
          ? { runner: jobsRunner, detail: `${jobsRunner} (was ${standing})` }
          : `${standing} already`,
      ),
    ]);
    return this.#conclude('rollback_worker', request, startedAtMs, [parameter, service], runner, 0);
  }

  /**
   * Starts the worker again and gives it the jobs, unless a person has frozen them. Who runs them is written first: from
   * then on older alarms are ignored, and if that cannot be written nothing else is done.
   */
  async resumeWorker(request: PersonRequest): Promise<ActionReport> {
    const { deps } = this;
    const { isDryRun } = request;
    const startedAtMs = deps.nowMs();
    const runner = await this.#setRunner(request, (seen) => {
      if (seen.runner === 'none' && seen.byAutomation !== true) {
        const detail = `none still: ${seen.changedBy ?? 'somebody'} froze them (${seen.reason ?? 'no reason given'})`;
        return { keepWord: true, detail: `${detail}; unfreeze them when the time has come` };
      }
      const was = seen.runner === 'worker' ? 'already' : `(was ${seen.runner})`;
      return { runner: 'worker', detail: `worker ${was}; now by ${request.by}` };
    });
    if (runner.report.outcome === 'failed') {
      return this.#report('resume_worker', startedAtMs, [runner.report], runner.runner);
    }
    const before = await settle(deps.service.describe());
    const steps = [
      await writeParameterStep(deps, 1, isDryRun),
      await setServiceStep(deps, 1, before, isDryRun),
    ];
    return this.#conclude('resume_worker', request, startedAtMs, steps, runner, 1);
  }

  /** Lets nobody run the jobs, e.g. while the portal is under maintenance. The worker itself goes on running. */
  async freeze(request: PersonRequest): Promise<ActionReport> {
    const startedAtMs = this.deps.nowMs();
    const runner = await this.#setRunner(request, (seen) => {
      if (seen.runner !== 'none') return { runner: 'none', detail: `none (was ${seen.runner})` };
      const detail = `none already, by ${seen.changedBy ?? 'somebody'}`;
      // Made this person's own, so that a resume does not end it.
      return seen.byAutomation === true
        ? { runner: 'none', detail: `${detail}; now by ${request.by}` }
        : detail;
    });
    return this.#conclude('freeze', request, startedAtMs, [], runner);
  }

  /** Lets the jobs run again: in the worker if one is wanted now and at the next deploy, otherwise in the API. */
  async unfreeze(request: PersonRequest): Promise<ActionReport> {
    const startedAtMs = this.deps.nowMs();
    const [parameter, service] = await Promise.all([
      settle(this.deps.parameter.read()),
      settle(this.deps.service.describe()),
    ]);
    if (!parameter.isKnown && !service.isKnown) {
      const detail = `whether a worker is wanted cannot be read: ${parameter.why}`;
      return this.#report('unfreeze', startedAtMs, [{ step: 'jobs_runner', outcome: 'failed', detail }]);
    }
    const next: JobsRunner = isWorkerWanted(parameter, service) ? 'worker' : 'api';
    const wanted = [
      `parameter ${parameter.isKnown ? parameter.value : 'not known'}`,
      `service ${service.isKnown ? service.value.desiredCount : 'not known'}`,
    ].join(', ');
    const runner = await this.#setRunner(request, (seen) =>
      seen.runner === 'none' || seen.runner === 'unknown'
        ? { runner: next, detail: `${next} (workers wanted: ${wanted})` }
        : `not frozen: ${seen.runner} runs them`,
    );
    return this.#conclude('unfreeze', request, startedAtMs, [], runner);
  }

  /** What was done so far, newest first. @throws StoreUnavailableError */
  history(page: { limit: number; cursor?: string }): Promise<Page<StoredRollbackEntry>> {
    return this.deps.history.list(page);
  }

  /** `decide` says what the person wants, or (a text) why there is nothing to change. */
  #setRunner(
    { by, reason, isDryRun }: PersonRequest,
    decide: (
      seen: JobsControl,
    ) => { runner: JobsRunner; detail: string } | { keepWord: true; detail: string } | string,
  ): Promise<RunnerResult> {
    const wordFor = (runner: JobsRunner, seen?: JobsControl): JobsControl => ({
      runner,
      since: personChangeTime(seen, this.deps.nowMs()),
      changedBy: by,
      reason,
    });
    const toDecision = (seen: JobsControl): RunnerDecision => {
      const wish = decide(seen);
      if (typeof wish === 'string') return { kind: 'keep', outcome: 'unchanged', detail: wish };
      const next =
        'keepWord' in wish
          ? { ...seen, personChangedAt: personChangeTime(seen, this.deps.nowMs()) }
          : wordFor(wish.runner, seen);
      return { kind: 'change', next, detail: wish.detail };
    };
    const unreadable = decide({ runner: 'worker' });
    const overwrite = typeof unreadable === 'object' && 'runner' in unreadable;
    return jobsRunnerStep(this.deps, toDecision, {
      isDryRun,
      overwriteUnreadable: overwrite ? wordFor(unreadable.runner) : undefined,
    });
  }

  /** Confirms, records and reports. */
  async #conclude(
    action: RollbackAction,
    request: PersonRequest,
    startedAtMs: number,
    countSteps: StepReport[],
    runner: RunnerResult,
    wantedCount?: number,
  ): Promise<ActionReport> {
    const { deps } = this;
    const steps = [...countSteps, runner.report];
    const isDryRun = request.isDryRun ?? false;
    let state: ServiceState | undefined;
    if (wantedCount !== undefined && !isDryRun) {
      const confirmation = await confirmStep(deps, wantedCount);
      steps.push(confirmation.report);
      state = confirmation.state;
    }
    const report = this.#report(action, startedAtMs, steps, runner.runner, state);
    if (isDryRun || report.isUnchanged) return report;
    steps.push(await this.#record(request, startedAtMs, report));
    return this.#report(action, startedAtMs, steps, runner.runner, state);
  }

  #record(request: PersonRequest, startedAtMs: number, report: ActionReport): Promise<StepReport> {
    return attempt('history', this.deps.logger, async () => {
      const { action, steps, durationMs } = report;
      const cause = { kind: 'person', name: request.by, reason: request.reason } as const;
      const entry = { atMs: startedAtMs, cause, action, steps, durationMs, attempts: 1, isFinished: true };
      if (!(await this.deps.history.save(entry))) throw new Error('there is an entry of the same moment');
      return { outcome: 'done', detail: 'recorded' };
    });
  }

  #report(
    action: RollbackAction,
    startedAtMs: number,
    steps: StepReport[],
    runner?: JobsControl['runner'],
    state?: ServiceState,
  ): ActionReport {
    const changes = steps.filter(({ step }) => step !== 'confirmation' && step !== 'history');
    return {
      action,
      steps: [...steps],
      hasFailed: failedSteps(steps).length > 0,
      isUnchanged: failedSteps(steps).length === 0 && changes.every(({ outcome }) => outcome === 'unchanged'),
      durationMs: this.deps.nowMs() - startedAtMs,
      state,
      runner,
    };
  }
}

/** The jobs go to no worker that the parameter or the service, as far as they are known, does not want. */
function isWorkerWanted(parameter: Settled<number>, service: Settled<ServiceState>): boolean {
  return (
    (!parameter.isKnown || parameter.value >= 1) && (!service.isKnown || service.value.desiredCount >= 1)
  );
}
