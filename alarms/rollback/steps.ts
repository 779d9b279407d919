import { UnreadableRecordError, type JobsControl } from '../../app/store/job-store';
import type { RollbackStep, StepOutcome, StepReport } from '../../app/store/rollback-history';
import { describeError } from './describe-error';
import type { RollbackDependencies } from './rollback-dependencies';
import { ServiceNotFoundError, type ServiceState } from './worker-service';

/*
 * The steps that every action is made of. Each is safe to repeat and none throws: what failed is told in its report,
 * so that one step's failure never keeps another from being tried.
 */

/** How often a change of who runs the jobs is decided anew because somebody else was faster. */
const MAX_DECISIONS = 5;

type StepResult = Omit<StepReport, 'step'>;

/** Writes the count that the next deploy reads. What it was before is only for the report. */
export function writeParameterStep(
  { parameter, logger }: RollbackDependencies,
  desiredCount: number,
  isDryRun = false,
): Promise<StepReport> {
  return attempt('desired_count_parameter', logger, async () => {
    const before = await settle(parameter.read());
    const was = before.isKnown ? `was ${before.value}` : `what it was is not known: ${before.why}`;
    if (before.isKnown && before.value === desiredCount) {
      return { outcome: 'unchanged', detail: `${desiredCount} already` };
    }
    if (!isDryRun) await parameter.write(desiredCount);
    return { outcome: doneOr(isDryRun), detail: `${desiredCount} (${was})` };
  });
}

/**
 * Sets how many tasks the service wants. It is told so even if it seems to want that number already: what was seen
 * before may be out of date.
 */
export function setServiceStep(
  { service, logger }: RollbackDependencies,
  desiredCount: number,
  before: Settled<ServiceState>,
  isDryRun = false,
): Promise<StepReport> {
  return attempt('worker_service', logger, async () => {
    if (!isDryRun) await service.setDesiredCount(desiredCount);
    else if (!before.isKnown) throw before.error;
    if (before.isKnown && before.value.desiredCount === desiredCount) {
      return { outcome: 'unchanged', detail: `desired ${desiredCount} already` };
    }
    const was = before.isKnown
      ? `was ${before.value.desiredCount}`
      : `what it was is not known: ${before.why}`;
    return { outcome: doneOr(isDryRun), detail: `desired ${desiredCount} (${was})` };
  });
}

/** Asks the service itself whether it now wants that number of tasks. */
export async function confirmStep(
  { service, logger }: RollbackDependencies,
  desiredCount: number,
): Promise<{ report: StepReport; state?: ServiceState }> {
  let state: ServiceState | undefined;
  const report = await attempt('confirmation', logger, async () => {
    state = await service.describe();
    const detail = describeState(state);
    const isAsWanted = state.desiredCount === desiredCount;
    return {
      outcome: isAsWanted ? 'done' : 'failed',
      detail: isAsWanted ? detail : `${detail}; wanted ${desiredCount}`,
    };
  });
  return { report, state };
}

/** What is to become of the word on who runs the jobs, decided from what it is. */
export type RunnerDecision =
  | { kind: 'change'; next: JobsControl; detail: string }
  /** `outcome` is `done` if an earlier attempt at the same did it. */
  | { kind: 'keep'; outcome: Extract<StepOutcome, 'done' | 'unchanged'>; detail: string };

export interface RunnerResult {
  report: StepReport;
  /** Who runs the jobs after it; absent if it failed. */
  runner?: JobsControl['runner'];
  /** The word was written now, not by an earlier attempt. */
  isWritten: boolean;
}

/**
 * Changes who runs the jobs, only ever from the word that the decision was made on. A word of the same person with the
 * same runner and reason is written anew, because its time counts, but called `unchanged`.
 */
export async function jobsRunnerStep(
  { jobs, logger }: RollbackDependencies,
  decide: (seen: JobsControl) => RunnerDecision,
  options: { isDryRun?: boolean; overwriteUnreadable?: JobsControl } = {},
): Promise<RunnerResult> {
  let runner: JobsControl['runner'] | undefined;
  let isWritten = false;
  const report = await attempt('jobs_runner', logger, async () => {
    for (let decisions = 0; decisions < MAX_DECISIONS; decisions += 1) {
      const seen = await settle(jobs.getControl());
      if (!seen.isKnown) {
        const { overwriteUnreadable: next } = options;
        // A word that is there and makes no sense is nobody's. One that was not told may be somebody's.
        const isNonsense = seen.error instanceof UnreadableRecordError;
        if (!next || !isNonsense || options.isDryRun === true) throw seen.error;
        await jobs.setControl(next);
        runner = next.runner;
        isWritten = true;
        return { outcome: 'done', detail: `${next.runner} (who ran them could not be read: ${seen.why})` };
      }
      const decision = decide(seen.value);
      if (decision.kind === 'keep') {
        runner = seen.value.runner;
        return { outcome: decision.outcome, detail: decision.detail };
      }
      const isDryRun = options.isDryRun ?? false;
      if (isDryRun || (await jobs.changeControl(seen.value, decision.next))) {
        runner = decision.next.runner;
        isWritten = !isDryRun;
        const isSame = isSameWord(seen.value, decision.next);
        return { outcome: isSame ? 'unchanged' : doneOr(isDryRun), detail: decision.detail };
      }
    }
    throw new Error('somebody else kept changing who runs the jobs');
  });
  return { report, runner, isWritten };
}

/** Whether two words differ in nothing but their time. */
function isSameWord(one: JobsControl, other: JobsControl): boolean {
  return (
    one.runner === other.runner &&
    one.changedBy === other.changedBy &&
    one.reason === other.reason &&
    (one.byAutomation ?? false) === (other.byAutomation ?? false)
  );
}

/** An answer, or why there is none. */
export type Settled<T> = { isKnown: true; value: T } | { isKnown: false; error: Error; why: string };

/** Waits for an answer without which one can go on. Never throws. */
export async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { isKnown: true, value: await promise };
  } catch (error) {
    const why = describeError(error);
    return { isKnown: false, error: error instanceof Error ? error : new Error(why), why };
  }
}

/** Runs one step; an error becomes its outcome, is logged, and goes no further. */
export async function attempt(
  step: RollbackStep,
  logger: RollbackDependencies['logger'],
  run: () => Promise<StepResult>,
): Promise<StepReport> {
  try {
    return { step, ...(await run()) };
  } catch (error) {
    logger.error({ err: error, step }, 'a step failed');
    const hint = error instanceof ServiceNotFoundError ? ' (check the names of cluster and service)' : '';
    return { step, outcome: 'failed', detail: describeError(error) + hint };
  }
}

/** The steps that failed. */
export function failedSteps(steps: StepReport[]): RollbackStep[] {
  return steps.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step);
}

/** A service's counts, for people. */
export function describeState({ desiredCount, runningCount, pendingCount }: ServiceState): string {
  return `desired ${desiredCount}, running ${runningCount}, pending ${pendingCount}`;
}

function doneOr(isDryRun: boolean): StepOutcome {
  return isDryRun ? 'planned' : 'done';
}
