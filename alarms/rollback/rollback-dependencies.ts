import type { Logger } from 'pino';
import type { JobsControl, JobsRunner, JobStore } from '../../app/store/job-store';
import type { RollbackAction, RollbackHistory, StepReport } from '../../app/store/rollback-history';
import type { DesiredCountParameter } from './desired-count-parameter';
import type { ServiceState, WorkerService } from './worker-service';

/** Who may run the jobs while the worker is stopped. */
export type RollbackJobsRunner = Exclude<JobsRunner, 'worker'>;

/** What every action on the worker needs, by an alarm or by hand. */
export interface RollbackDependencies {
  service: WorkerService;
  parameter: DesiredCountParameter;
  jobs: Pick<JobStore, 'getControl' | 'setControl' | 'changeControl'>;
  history: RollbackHistory;
  /** Milliseconds since the Unix epoch. */
  nowMs: () => number;
  logger: Logger;
}

/** What an action did, for the command line and the message to show. */
export interface ActionReport {
  action: RollbackAction;
  /** In the order of ROLLBACK_STEPS. An action that could not begin ends with the step that failed. */
  steps: StepReport[];
  /** Some step failed: repeat the action, every step is safe to repeat. */
  hasFailed: boolean;
  /** Every step was as wanted before. */
  isUnchanged: boolean;
  durationMs: number;
  /** What the confirmation found; absent where it failed, or nothing was to be confirmed. */
  state?: ServiceState;
  /** Who runs the jobs now, as far as it is known. */
  runner?: JobsControl['runner'];
}
