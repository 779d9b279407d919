import { ApiError } from '../../../app/console/model/api-error';
import type { Job, JobRun, JobRunState } from '../../../app/console/model/api-types';
import { plainText } from '../../../app/console/model/phrase';
import { runInWords, traceOf, type ActionResult } from '../../../app/console/model/run-words';

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const STARTED_AT = NOW_MS / 1_000 - 60;

function run(overrides: Partial<JobRun> = {}): JobRun {
  return {
    started_at: STARTED_AT,
    duration_ms: 3_000,
    outcome: 'success',
    counts: { deleted: 2, failed: 0 },
    error: null,
    run_by: 'api/one',
    ...overrides,
  };
}

function state(overrides: Partial<JobRunState> = {}): JobRunState {
  return {
    id: 'cleanup-17',
    job: 'cleanup',
    status: 'running',
    started_at: STARTED_AT,
    run_by: 'api/one',
    result: null,
    message: null,
    ...overrides,
  };
}

function job(overrides: Partial<Job> = {}): Job {
  return {
    name: 'cleanup',
    interval_seconds: 300,
    last_run: run(),
    last_success_at: null,
    next_due_at: null,
    lease: null,
    problem: null,
    ...overrides,
  };
}

function textOf({ text }: ActionResult): string {
  return typeof text === 'string' ? text : plainText(text);
}

describe('a run that is followed', () => {
  it.each([
    ['success', 'done', 'cleanup completed after 3 s: deleted 2.'],
    ['guarded', 'done', 'cleanup guarded after 3 s: deleted 2. why.'],
    ['stopped', 'done', 'cleanup stopped after 3 s: deleted 2. why.'],
    ['unavailable', 'failed', 'cleanup unavailable after 3 s: deleted 2. why.'],
    ['failed', 'failed', 'cleanup failed after 3 s: deleted 2. why.'],
    ['unheard_of', 'unknown', 'cleanup unheard of after 3 s: deleted 2. why.'],
  ])('and ended with %s is told as %s', (outcome, kind, text) => {
    const result = run({ outcome: outcome as 'success', error: outcome === 'success' ? null : 'why' });
    const told = runInWords(state({ status: 'ended', result }), NOW_MS);

    expect([told.kind, textOf(told)]).toEqual([kind, text]);
  });

  it('is told as running, since when and where, as far as that is known', () => {
    const told = runInWords(state(), NOW_MS);
    const unknown = runInWords(state({ started_at: null, run_by: null }), NOW_MS);

    expect(told.kind).toBe('running');
    expect(textOf(told)).toMatch(/^cleanup is running since \d\d:\d\d:\d\d in api\/one\. It goes on/);
    expect(textOf(unknown)).toMatch(/^cleanup is running\. It goes on/);
  });

  it.each(['lost', 'superseded'] as const)('and is %s is told as unknown, with the reason', (status) => {
    const told = runInWords(state({ status, message: 'The reason' }), NOW_MS);

    expect([told.kind, textOf(told)]).toEqual([
      'unknown',
      'cleanup: how this run ended is not known. The reason.',
    ]);
  });
});

describe('the trace of a call that was not answered', () => {
  const lease = { holder: 'api/two', expires_at: STARTED_AT, run_id: 'cleanup-18' };

  it('is the run that has the lease', () => {
    expect(traceOf(job({ lease }), job())).toEqual({ kind: 'running', id: 'cleanup-18', holder: 'api/two' });
  });

  it('is nothing while the last run is the one from before the call', () => {
    expect(traceOf(job(), job())).toEqual({ kind: 'nothing' });
    expect(traceOf(job({ last_run: null }), job({ last_run: null }))).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['there was none before', null],
    ['the one before began at another time', run({ started_at: STARTED_AT - 1 })],
    ['the one before was another process’s', run({ run_by: 'api/two' })],
  ])('is the last run when %s', (_when, last) => {
    expect(traceOf(job(), job({ last_run: last }))).toMatchObject({
      kind: 'ended',
      result: { kind: 'done' },
    });
  });
});

describe('whether a call may have done its work all the same', () => {
  it.each([
    new ApiError('unreachable', 'no answer'),
    new ApiError('refused', 'no', { code: 'SERVICE_UNAVAILABLE' }),
    new ApiError('refused', 'no', { code: 'INTERNAL_ERROR' }),
  ])('is open after $kind $options.code', (error) => {
    expect(error.isOutcomeUnknown).toBe(true);
  });

  it.each([
    new ApiError('refused', 'no', { code: 'JOB_RUNNING' }),
    new ApiError('refused', 'no', { code: 'JOB_FAILED' }),
    new ApiError('refused', 'no', { code: 'PORTAL_UNAVAILABLE' }),
    new ApiError('token', 'no', { code: 'UNAUTHORIZED' }),
  ])('is settled after $options.code', (error) => {
    expect(error.isOutcomeUnknown).toBe(false);
  });
});
