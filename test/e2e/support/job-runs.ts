import type { JobName } from '../../../app/store/job-store';
import type { LocalSystem } from '../../../local/local-system';

/** A run, as the process that made it logged it. Times are Unix seconds. */
export interface LoggedRun {
  job: JobName;
  outcome: string;
  counts: Record<string, number>;
  started_at: number;
  next_due_at: number;
  /** `api` or `worker`. */
  service: string;
}

/** Every job run that the processes of a system have logged, in the order in which they began. */
export function loggedRuns(system: LocalSystem): LoggedRun[] {
  return [...system.apis, ...system.workers]
    .flatMap(({ process }) => process.stdout.split('\n'))
    .filter((line) => line.includes('"msg":"job run"'))
    .map((line) => JSON.parse(line) as LoggedRun)
    .sort((one, other) => one.started_at - other.started_at);
}

/** The runs that began before they were due, which means that two processes ran the job for the same due time. */
export function earlyRuns(runs: LoggedRun[], job: JobName): LoggedRun[] {
  const ofJob = runs.filter((run) => run.job === job);
  return ofJob.filter((run, index) => run.started_at < (ofJob[index - 1]?.next_due_at ?? 0));
}
