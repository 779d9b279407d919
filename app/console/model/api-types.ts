/*
 * The answers of the admin calls, as far as the console reads them. Times are Unix seconds.
 * While a new release is deployed, an API of the release before may answer: what is marked optional is absent there.
 */

export const STATUSES = [
  'available',
  'allocated',
  'pending_deletion',
  'deletion_unconfirmed',
  'deletion_failed',
  'stale',
] as const;
export type Status = (typeof STATUSES)[number];

/** `GET admin/stats`. Null is what could not be counted. */
export type Stats = Record<Exclude<Status, 'deletion_unconfirmed'>, number | null> & {
  total: number | null;
  deletion_unconfirmed?: number | null;
  deletion_given_up: number | null;
  /** Null when the last sync did not compare. */
  listed_after_deletion?: number | null;
  /** The names of those counts; absent when there are none. */
  uncounted?: string[];
};

/** A sandbox of `GET admin/sandboxes`. */
export interface Sandbox {
  sandbox_id: string;
  name: string;
  status: Status;
  allocated_to_track: string | null;
  track_name: string | null;
  allocated_at: number | null;
  expires_at: number | null;
  deletion_requested_at: number | null;
  deletion_retry_count: number | null;
  deletion_given_up: boolean;
  next_attempt_at: number | null;
  deletion_sent_at?: number | null;
  stale_since: number | null;
  updated_at: number;
}

/** `GET admin/sandboxes`. */
export interface SandboxPage {
  sandboxes: Sandbox[];
  cursor: string | null;
  /** The ids of rows that cannot be read. */
  unreadable?: string[];
  /** Parts of the pool that did not answer: their rows are missing. */
  unread_shards?: number;
}

export type Runner = 'worker' | 'api' | 'none' | 'unknown';

/** Who runs the jobs, since when, by whose word and why. */
export interface Control {
  runner: Runner;
  since: number | null;
  changed_by: string | null;
  reason: string | null;
}

/** A run that was recorded. */
export interface JobRun {
  started_at: number;
  duration_ms: number;
  outcome: 'success' | 'guarded' | 'stopped' | 'unavailable' | 'failed' | 'unknown';
  counts: Record<string, number>;
  error: string | null;
  run_by: string;
}

/** `GET admin/jobs/runs/{id}`: how far a run has come. */
export interface JobRunState {
  id: string;
  job: string;
  status: 'running' | 'ended' | 'superseded' | 'lost';
  started_at: number | null;
  run_by: string | null;
  result: JobRun | null;
  message: string | null;
}

/** A job of `GET admin/jobs`. */
export interface Job {
  name: string;
  interval_seconds: number;
  last_run: JobRun | null;
  last_success_at: number | null;
  next_due_at: number | null;
  lease: { holder: string; expires_at: number; run_id?: string } | null;
  /** What in its records cannot be read or believed. */
  problem?: string | null;
}

/** `GET admin/jobs`. */
export interface Jobs {
  runner: Control;
  jobs: Job[];
}

/** One action on the worker, the jobs or the API, of `GET admin/rollbacks`. */
export interface Rollback {
  at: number;
  action: string;
  cause: { kind: 'alarm' | 'person' | 'unknown'; name: string; reason: string };
  steps: { step: string; outcome: string; detail: string }[];
  duration_ms: number;
  attempts: number;
  is_finished: boolean;
}

/** `GET admin/rollbacks`. */
export interface RollbackPage {
  rollbacks: Rollback[];
  cursor: string | null;
  /** What stopped the worker, if nobody has resumed it since. */
  worker_stop: Rollback | null;
}

/** An alarm of `GET admin/alarms`. */
export interface Alarm {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  since: number | null;
  reason: string | null;
  description: string | null;
  runbook: string | null;
}

/** `GET admin/alarms`. */
export type Alarms =
  | { available: true; alarms: Alarm[]; missing: string[] }
  | { available: false; reason: string; alarms: Alarm[]; missing: string[] };
