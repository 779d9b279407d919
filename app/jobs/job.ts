import type { Logger } from '../logger';
import type { JobName, JobOutcome } from '../store/job-store';

/** What a job gets for one run. */
export interface JobContext {
  /** Fires when the run must end: the process drains, or the lease is lost. Finish the item in hand, then return. */
  signal: AbortSignal;
  /** Called with every item: a run that is silent for long has stalled. */
  onProgress: () => void;
  logger: Logger;
}

/** What a run that ended `unavailable` could not reach. */
export type UnavailableCause = 'table' | 'portal';

/** What a run did. It throws only what it did not expect. */
export interface JobReport {
  outcome: JobOutcome;
  counts: Record<string, number>;
  /** Of `unavailable`: what was out of reach. The portal, if not given. */
  cause?: UnavailableCause;
  /** Why it did not succeed, in words for people. */
  error?: string;
}

/** One kind of background work. It may be interrupted and repeated at any point without harm. */
export interface Job {
  readonly name: JobName;
  run(context: JobContext): Promise<JobReport>;
}
