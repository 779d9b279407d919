import { JOB_NAMES, type JobName, type LastRun, type RunTraces } from '../store/job-store';

/**
 * What became of a run. `running`: its lease holds. `ended`: it was recorded. `superseded`: a later run was recorded, so
 * the record of this one is gone. `lost`: its lease is over, and it left no record.
 */
export const RUN_STATUSES = ['running', 'ended', 'superseded', 'lost'] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];

/** A run, as any process can tell it from the table. Times are Unix seconds. */
export interface JobRunState {
  id: string;
  job: JobName;
  status: RunStatus;
  /** Unknown for a run that another process has under way, and for one that left no record. */
  startedAt?: number;
  /** The process that runs it, or ran it. */
  runBy?: string;
  /** Of one that has ended. */
  result?: LastRun;
}

/** Names a run: by its job, and the fencing number of its lease, which no other run of that job has. */
export function runId(job: JobName, fencingNumber: number): string {
  return `${job}-${fencingNumber}`;
}

/** The parts of an id that {@link runId} made; `undefined` for any other text. */
export function parseRunId(id: string): { job: JobName; fencingNumber: number } | undefined {
  const [, name, digits] = /^([a-z-]+)-([1-9]\d{0,14})$/.exec(id) ?? [];
  const job = JOB_NAMES.find((each) => each === name);
  return job && { job, fencingNumber: Number(digits) };
}

/**
 * Tells what became of a run from what the table has. A run that died is never `running` for longer than its lease. A
 * run that is `lost` may still be recorded, if only its last write was late: then it has `ended`.
 *
 * @param latestBelievableEndMs a lease that ends later was not written by a correct clock, and holds nothing.
 * @returns `undefined` if there was no such run yet.
 */
export function runStateOf(
  job: JobName,
  fencingNumber: number,
  { lease, recorded }: RunTraces,
  nowMs: number,
  latestBelievableEndMs: number,
): JobRunState | undefined {
  const known = { id: runId(job, fencingNumber), job };
  if (recorded?.fencingNumber === fencingNumber) {
    const { run } = recorded;
    return { ...known, status: 'ended', startedAt: run.startedAt, runBy: run.runBy, result: run };
  }
  if (recorded && recorded.fencingNumber > fencingNumber) return { ...known, status: 'superseded' };
  if (!lease || lease.fencingNumber < fencingNumber) return undefined;
  // A later holder found the lease free: this run had given it back, or let it end, without a record.
  if (lease.fencingNumber > fencingNumber) return { ...known, status: 'lost' };
  const isHeld = lease.expiresAtMs > nowMs && lease.expiresAtMs <= latestBelievableEndMs;
  return { ...known, status: isHeld ? 'running' : 'lost', runBy: lease.holder };
}
