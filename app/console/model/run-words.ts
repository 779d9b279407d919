import type { Job, JobRun, JobRunState } from './api-types';
import { phrase, type Phrase } from './phrase';
import { clockTime, countsInWords, duration, plainWords, sentence } from './words';

/** What became of an action, and how it is told. `running`: that is not settled yet. `unknown`: it may have happened. */
export interface ActionResult {
  kind: 'done' | 'failed' | 'running' | 'unknown';
  text: Phrase | string;
}

/** How a run ended, from its counts and its outcome as the API says it: `completed`, `guarded`, … */
export function endInWords(
  job: string,
  outcome: string,
  { duration_ms: durationMs, counts, error }: Pick<JobRun, 'duration_ms' | 'counts' | 'error'>,
): Phrase {
  const after = duration(durationMs / 1000);
  const why = error === null ? [] : phrase` ${sentence(error)}`;
  return phrase`${job} ${plainWords(outcome)} after ${after}: ${countsInWords(counts)}.${why}`;
}

/** A run that is being followed, as a person is told of it. */
export function runInWords(state: JobRunState, nowMs: number): ActionResult {
  const { job, status, result, message } = state;
  if (status === 'running') {
    const since = state.started_at === null ? '' : ` since ${clockTime(state.started_at, nowMs)}`;
    const where = state.run_by === null ? [] : phrase` in ${state.run_by}`;
    return {
      kind: 'running',
      text: phrase`${job} is running${[since]}${where}. It goes on without this page, which will say how it ends.`,
    };
  }
  if (result) return recordedInWords(job, result);
  const why = message === null ? [] : phrase` ${sentence(message)}`;
  return { kind: 'unknown', text: phrase`${job}: how this run ended is not known.${why}` };
}

function recordedInWords(job: string, run: JobRun): ActionResult {
  const { outcome } = run;
  switch (outcome) {
    case 'success':
      return { kind: 'done', text: endInWords(job, 'completed', run) };
    case 'guarded':
    case 'stopped':
      return { kind: 'done', text: endInWords(job, outcome, run) };
    case 'unavailable':
    case 'failed':
      return { kind: 'failed', text: endInWords(job, outcome, run) };
    default:
      // A later release may know more words.
      return { kind: 'unknown', text: endInWords(job, outcome, run) };
  }
}

/** What `GET admin/jobs` shows after a call that began a run, or did not: nobody has answered it. */
export type Trace =
  | { kind: 'nothing' }
  /** A run is under way; without an id where an earlier release answers. */
  | { kind: 'running'; id?: string; holder: string }
  | { kind: 'ended'; result: ActionResult };

/**
 * Looks for the run of a call that was not answered.
 *
 * @param before the job as it was when the call was made.
 */
export function traceOf(job: Job, before: Job): Trace {
  if (job.lease) return { kind: 'running', id: job.lease.run_id, holder: job.lease.holder };
  const { last_run: run } = job;
  const last = before.last_run;
  if (!run || (run.started_at === last?.started_at && run.run_by === last.run_by)) return { kind: 'nothing' };
  return { kind: 'ended', result: recordedInWords(job.name, run) };
}
