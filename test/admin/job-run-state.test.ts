import { parseRunId, runId, runStateOf } from '../../app/admin/job-run-state';
import { JOB_NAMES, type Lease, type RunTraces } from '../../app/store/job-store';
import { sampleRun } from '../store/job-store-contract';

const NOW_MS = 1_700_000_100_000;
/** A lease that ends later was not written by a correct clock. */
const LATEST_END_MS = NOW_MS + 120_000;
const RUN = 17;

/** The newest lease; it holds unless said otherwise. */
function lease(fencingNumber: number, expiresAtMs = NOW_MS + 1): Lease {
  return { job: 'cleanup', holder: `holder-${fencingNumber}`, fencingNumber, expiresAtMs };
}

function recorded(fencingNumber: number): RunTraces['recorded'] {
  return { run: sampleRun({ runBy: `holder-${fencingNumber}` }), fencingNumber };
}

describe('what became of a run', () => {
  it.each<[string, RunTraces, string | undefined]>([
    ['its lease holds, and no run was ever recorded', { lease: lease(RUN) }, 'running'],
    [
      'its lease holds, and an earlier run was recorded',
      { lease: lease(RUN), recorded: recorded(16) },
      'running',
    ],
    [
      'it was recorded, and its lease not yet given back',
      { lease: lease(RUN), recorded: recorded(RUN) },
      'ended',
    ],
    ['it was recorded, and its lease given back', { lease: lease(RUN, 0), recorded: recorded(RUN) }, 'ended'],
    ['it was recorded, and another run is under way', { lease: lease(18), recorded: recorded(RUN) }, 'ended'],
    ['a later run was recorded', { lease: lease(18, 0), recorded: recorded(18) }, 'superseded'],
    ['later runs were recorded and begun', { lease: lease(20), recorded: recorded(19) }, 'superseded'],
    ['its lease has run out', { lease: lease(RUN, NOW_MS), recorded: recorded(16) }, 'lost'],
    ['its lease ends in a year', { lease: lease(RUN, NOW_MS + 31_536_000_000) }, 'lost'],
    ['it gave its lease back without a record', { lease: lease(RUN, 0) }, 'lost'],
    ['another has taken the lease since', { lease: lease(18), recorded: recorded(16) }, 'lost'],
    ['another has had the lease since', { lease: lease(18, 0) }, 'lost'],
    ['there was no such lease yet', { lease: lease(16), recorded: recorded(16) }, undefined],
    ['the job never ran', {}, undefined],
  ])('when %s', (_when, traces, status) => {
    expect(runStateOf('cleanup', RUN, traces, NOW_MS, LATEST_END_MS)?.status).toBe(status);
  });

  it('is told with its result once it has ended, and with who runs it until then', () => {
    const ended = runStateOf(
      'cleanup',
      RUN,
      { lease: lease(18), recorded: recorded(RUN) },
      NOW_MS,
      LATEST_END_MS,
    );
    const running = runStateOf(
      'cleanup',
      RUN,
      { lease: lease(RUN), recorded: recorded(16) },
      NOW_MS,
      LATEST_END_MS,
    );
    const superseded = runStateOf(
      'cleanup',
      RUN,
      { lease: lease(18), recorded: recorded(18) },
      NOW_MS,
      LATEST_END_MS,
    );

    const { startedAt, runBy, ...rest } = sampleRun({ runBy: 'holder-17' });
    const known = { id: 'cleanup-17', job: 'cleanup' };
    expect(ended).toEqual({
      ...known,
      status: 'ended',
      startedAt,
      runBy,
      result: { startedAt, runBy, ...rest },
    });
    expect(running).toEqual({ ...known, status: 'running', runBy: 'holder-17' });
    // Nothing of the later run is told as if it were this one's.
    expect(superseded).toEqual({ ...known, status: 'superseded' });
  });
});

it.each(JOB_NAMES)('names a run of %s so that its parts can be read again', (job) => {
  expect(parseRunId(runId(job, 1_234))).toEqual({ job, fencingNumber: 1_234 });
});
