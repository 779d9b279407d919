import type { RollbackPage, Runner } from './api-types';

/** Who gets the jobs back, and what the console cannot do itself. */
export interface ResumePlan {
  runner: Exclude<Runner, 'none' | 'unknown'>;
  /** Starts the worker: only a person whose own AWS rights allow it can. Absent while the worker is not stopped. */
  command?: string;
}

/**
 * Whom the jobs go to when they are unfrozen: to the worker if one is wanted, otherwise to the API, as
 * `npm run broker -- unfreeze` decides it. The API may not change services, so starting a stopped worker stays a command.
 */
export function resumePlan(
  rollbacks: Pick<RollbackPage, 'worker_stop'> | undefined,
  environmentName: string,
): ResumePlan {
  if (!rollbacks?.worker_stop) return { runner: 'worker' };
  const target = environmentName === 'local' ? '--local' : `--env ${environmentName}`;
  return { runner: 'api', command: `npm run broker -- resume worker ${target}` };
}
