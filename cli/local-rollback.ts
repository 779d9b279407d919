import type { JobStore } from '../app/store/job-store';
import type { RollbackHistory, RollbackStep, StepReport } from '../app/store/rollback-history';
import type { ActionReport, RollbackDependencies } from '../alarms/rollback/rollback-dependencies';

/** How many workers an action wants. */
export type WantedWorkers = 0 | 1;

/** What the local system has no part for: its worker is a process, which goes on running without jobs. */
const STEPS_OF_AWS: readonly RollbackStep[] = ['desired_count_parameter', 'worker_service', 'confirmation'];

/** The same actions on the local system: there is only the word on who runs the jobs to change. */
export function localRollbackDependencies(
  parts: Pick<RollbackDependencies, 'nowMs' | 'logger'> & { jobs: JobStore; history: RollbackHistory },
  wantedWorkers: WantedWorkers,
): RollbackDependencies {
  const { jobs, nowMs, logger, history } = parts;
  const state = { desiredCount: wantedWorkers, runningCount: wantedWorkers, pendingCount: 0 };
  return {
    jobs,
    nowMs,
    logger,
    service: { describe: () => Promise.resolve(state), setDesiredCount: () => Promise.resolve() },
    parameter: { read: () => Promise.resolve(wantedWorkers), write: () => Promise.resolve() },
    history: {
      get: (key, options) => history.get(key, options),
      list: (page) => history.list(page),
      save: (entry, options) => history.save({ ...entry, steps: localSteps(entry.steps) }, options),
    },
  };
}

/** A report without the steps that were none. */
export function localReport(report: ActionReport): ActionReport {
  return { ...report, steps: localSteps(report.steps), state: undefined };
}

function localSteps(steps: StepReport[]): StepReport[] {
  return steps.filter(({ step }) => !STEPS_OF_AWS.includes(step));
}
