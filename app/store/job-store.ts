import type { CallOptions } from './sandbox-store';

/** The background jobs, by the names under which table, API and metrics know them. */
export const JOB_NAMES = ['sync', 'cleanup', 'auto-expiry', 'auto-delete-stale'] as const;

export type JobName = (typeof JOB_NAMES)[number];

/** Who runs the jobs when they are due; `none` while they are frozen. */
export const JOBS_RUNNERS = ['worker', 'api', 'none'] as const;

export type JobsRunner = (typeof JOBS_RUNNERS)[number];

/** Who runs the jobs, since when, by whose word and why. Times are Unix seconds. */
export interface JobsControl {
  /** `unknown`: the table names a runner that this release does not know. Then it is no process's turn. */
  runner: JobsRunner | 'unknown';
  /** The table's own word for an unknown runner. */
  storedRunner?: string;
  since?: number;
  changedBy?: string;
  reason?: string;
  /** The automated rollback said so. Otherwise a person did. */
  byAutomation?: boolean;
  /**
   * When a person last had a say about the worker or the jobs, if that was not `since`. Automation hands it on, so that
   * an alarm from before it is still known to be old.
   */
  personChangedAt?: number;
}

/**
 * When a person last had a say; `undefined` if none ever had. Times after `latestSeconds` are not believed: a wrong clock
 * or a slip of the hand wrote them, and they must not hide an earlier one.
 */
export function lastPersonChangeAt(control: JobsControl, latestSeconds: number): number | undefined {
  const own = control.byAutomation === true ? undefined : control.since;
  const times = [own, control.personChangedAt].filter(
    (time) => time !== undefined && time <= latestSeconds,
  ) as number[];
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** The right to run one job. It holds until it expires, unless it is renewed. */
export interface Lease {
  job: JobName;
  holder: string;
  /** Grows with every holder: a record with an older number comes from someone who was replaced. */
  fencingNumber: number;
  expiresAtMs: number;
}

/**
 * How a run ended. `guarded`: it did what was safe, and refused the rest. `stopped`: asked to end before it was done,
 * or its lease was lost. `unavailable`: the portal, or the sandbox table, was out of reach. These words are all that is
 * ever written: releases before this one cannot read another one.
 */
export const JOB_OUTCOMES = ['success', 'guarded', 'stopped', 'unavailable', 'failed'] as const;

export type JobOutcome = (typeof JOB_OUTCOMES)[number];

/** A job's run, as it is recorded. Times are Unix seconds. */
export interface JobRun<Outcome extends string = JobOutcome> {
  job: JobName;
  startedAt: number;
  durationMs: number;
  outcome: Outcome;
  /** What was done, e.g. `{ deleted: 3 }`. */
  counts: Record<string, number>;
  /** Why it failed, in words for people. */
  error?: string;
  runBy: string;
  nextDueAt: number;
  lastSuccessAt?: number;
}

/** What the table has of a job's newest runs: enough to tell what became of one of them. */
export interface RunTraces {
  /** The newest lease, whether it is over or not: its item stays. */
  lease?: Lease;
  /** The newest record, with the number of the lease under which that run went. */
  recorded?: { run: LastRun; fencingNumber: number };
}

/** A job's last run, as it is read. `unknown`: another release wrote an outcome that this one does not know. */
export type LastRun = JobRun<JobOutcome | 'unknown'>;

/**
 * An item of the jobs is not what its key says: another release, or a person, wrote it. The table answers, so that asking
 * again does not help.
 */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';

  constructor(key: string, why: string) {
    super(`The item ${key} cannot be read: ${why}`);
  }
}

/** Fencing numbers have at most 15 digits: arithmetic is exact, and the id of a run can be read again. */
export const MAX_FENCING_NUMBER = 999_999_999_999_999;

/** Clocks that differ by less than a lease, or a minute, do not make a lease look wrong. */
const MIN_LEASE_TOLERANCE_MS = 60_000;

/** The latest end of a lease that is believed. What ends later, no right clock with this setting has written. */
export function latestLeaseEndMs(nowMs: number, ttlMs: number): number {
  return nowMs + ttlMs + Math.max(ttlMs, MIN_LEASE_TOLERANCE_MS);
}

/** Where leases, runs and the word on who runs are kept. Throws StoreUnavailableError as the sandbox store does. */
export interface JobStore {
  /**
   * Takes the lease if nobody has it, or its time is over; `undefined` if somebody does. A holder may take its own lease
   * anew: it never got the first answer, or could not give the lease back. So a holder's name must be one runner's alone.
   *
   * A lease that cannot be read, or that ends later than {@link latestLeaseEndMs}, holds nobody back for longer than one
   * lease: it is replaced by one of nobody's that ends after `ttlMs`. Whoever may still be at work under it cannot renew
   * it, and has stopped by then.
   */
  acquireLease(job: JobName, holder: string, nowMs: number, ttlMs: number): Promise<Lease | undefined>;

  /** Prolongs a lease; `undefined` when it has gone to somebody else. */
  renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<Lease | undefined>;

  /** Gives a lease back at once. Nothing happens if it has gone to somebody else. */
  releaseLease(lease: Lease): Promise<void>;

  /** Who holds the lease now, if anybody. @throws UnreadableRecordError */
  getLease(job: JobName, nowMs: number): Promise<Lease | undefined>;

  /** @throws UnreadableRecordError */
  getRun(job: JobName, options?: CallOptions): Promise<LastRun | undefined>;

  /**
   * The newest lease is read before the newest record, so that a run that ends in between is found recorded.
   *
   * @throws UnreadableRecordError
   */
  getRunTraces(job: JobName, options?: CallOptions): Promise<RunTraces>;

  /**
   * Records a run; false if a later holder of the lease has recorded one already. The holder of the lease writes over
   * whatever stands there, a fencing number that no lease has ever had included.
   */
  recordRun(run: JobRun, lease: Lease): Promise<boolean>;

  /** Who runs the jobs: the worker, when nobody has said otherwise. @throws UnreadableRecordError */
  getControl(options?: CallOptions): Promise<JobsControl>;

  /** The last word counts. For people, who have seen what there is. */
  setControl(control: JobsControl): Promise<void>;

  /**
   * Says who runs the jobs if that is still as it was seen; false if somebody has said otherwise meanwhile. A word that
   * is there already, to the letter, is this one: the answer to an earlier attempt at writing it was lost.
   */
  changeControl(seen: JobsControl, next: JobsControl, options?: CallOptions): Promise<boolean>;
}
