import type { CallOptions, Page } from './sandbox-store';

/** What the rollback, or a person by hand, did to the worker, the jobs and the API. */
export const ROLLBACK_ACTIONS = [
  'rollback_worker',
  'freeze_api_jobs',
  'resume_worker',
  'freeze',
  'unfreeze',
  'rollback_api',
] as const;

export type RollbackAction = (typeof ROLLBACK_ACTIONS)[number];

/** The parts of an action, in the order in which they are told. */
export const ROLLBACK_STEPS = [
  'desired_count_parameter',
  'worker_service',
  'jobs_runner',
  'api_service',
  'confirmation',
  'history',
] as const;

export type RollbackStep = (typeof ROLLBACK_STEPS)[number];

/**
 * What became of a step. `unchanged`: it was so already. `planned`: a dry run found that it would change something.
 */
export const STEP_OUTCOMES = ['done', 'unchanged', 'failed', 'planned'] as const;

export type StepOutcome = (typeof STEP_OUTCOMES)[number];

/** One step, as it is told to people: in the message, on the command line and in the history. */
export interface StepReport<Step extends string = RollbackStep, Outcome extends string = StepOutcome> {
  step: Step;
  outcome: Outcome;
  /** In words for people, e.g. `0 (was 1)`, or why it failed. */
  detail: string;
}

export const CAUSE_KINDS = ['alarm', 'person'] as const;

export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Who or what asked for an action. `name`: the alarm's name in CloudWatch, or the person's. */
export interface RollbackCause<Kind extends string = CauseKind> {
  kind: Kind;
  name: string;
  reason: string;
}

/** One action in the history. Together `atMs` and `cause` tell it from all others: an alarm's event is one entry. */
export interface RollbackEntry {
  /** Milliseconds since the Unix epoch: when the alarm changed its state, or when the person asked. */
  atMs: number;
  cause: RollbackCause;
  action: RollbackAction;
  steps: StepReport[];
  /** From `atMs` to the end of the last attempt so far. */
  durationMs: number;
  /** How often the event was worked on. */
  attempts: number;
  /** The steps that had failed when people were last told; absent while they were told nothing. */
  announcedFailures?: RollbackStep[];
  /** Every step is done and told. Nothing is left to do, however often the event is delivered again. */
  isFinished: boolean;
}

/**
 * An entry as it is read. `unknown` stands for every word that this release does not know. An entry that cannot be read at
 * all is `unknown` in everything, at the time of its key, with the error as its reason.
 */
export type StoredRollbackEntry = Omit<RollbackEntry, 'cause' | 'action' | 'steps' | 'announcedFailures'> & {
  cause: RollbackCause<CauseKind | 'unknown'>;
  action: RollbackAction | 'unknown';
  steps: StepReport<RollbackStep | 'unknown', StepOutcome | 'unknown'>[];
  announcedFailures?: (RollbackStep | 'unknown')[];
};

/** What identifies an entry. */
export type RollbackKey = Pick<RollbackEntry, 'atMs' | 'cause'>;

/** Entries are forgotten after this time: longer than a year, so that last year's incident can be looked up. */
export const HISTORY_RETENTION_DAYS = 400;

/** The record of what was done to the worker, by alarms and people. Throws StoreUnavailableError as all stores do. */
export interface RollbackHistory {
  /** Consistent. The reason plays no part in finding an entry. */
  get(key: RollbackKey, options?: CallOptions): Promise<StoredRollbackEntry | undefined>;

  /** Writes an entry over an unfinished one; false, and nothing is written, if another is finished already. */
  save(entry: RollbackEntry, options?: CallOptions): Promise<boolean>;

  /** One page, newest first. `cursor` comes from the page before: the place of its last entry, `<time>#<cause>`. */
  list(page: { limit: number; cursor?: string }): Promise<Page<StoredRollbackEntry>>;
}
