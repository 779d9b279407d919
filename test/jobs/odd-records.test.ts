import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { recordingLogger } from '../fakes/loggers';
import { sampleRun } from '../store/job-store-contract';
import { newRunner, StubJob } from './runner-harness';

let clock: FakeClock;
let store: FakeJobStore;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
});

describe('JobRunner, on records that it did not write', () => {
  it('runs a job whose last outcome it does not know when it is due, and not before', async () => {
    const nextDueAt = clock.nowSeconds() + 100;
    store.seedRun({ ...sampleRun({ nextDueAt }), outcome: 'unknown' });
    const job = new StubJob();
    const runner = newRunner(store, clock);

    expect(await runner.runIfDue(job)).toEqual({ kind: 'not_due', nextDueAt });
    await clock.advance(100_000);
    expect(await runner.runIfDue(job)).toMatchObject({ kind: 'ran' });
    expect(await store.getRun('cleanup')).toMatchObject({ outcome: 'success' });
  });

  it('runs a job at once whose record cannot be read, and replaces the record', async () => {
    store.unreadable.add('JOB#cleanup');
    const { logger, lines } = recordingLogger();

    expect(await newRunner(store, clock, { logger }).runIfDue(new StubJob())).toMatchObject({ kind: 'ran' });

    expect(await store.getRun('cleanup')).toMatchObject({ outcome: 'success' });
    expect(lines[0]).toMatchObject({ level: 50, job: 'cleanup' });
  });

  it.each([
    ['a year', 365 * 86_400],
    ['twenty minutes', 1_200],
  ])('does not believe a due time %s ahead when the job runs every five minutes', async (_what, seconds) => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + seconds }));

    expect(await newRunner(store, clock).runIfDue(new StubJob())).toMatchObject({ kind: 'ran' });
    expect((await store.getRun('cleanup'))?.nextDueAt).toBe(clock.nowSeconds() + 300);
  });

  it('believes the due time that a process with a clock somewhat ahead has written', async () => {
    const nextDueAt = clock.nowSeconds() + 330 + 120;
    store.seedRun(sampleRun({ nextDueAt }));

    expect(await newRunner(store, clock).runIfDue(new StubJob())).toEqual({ kind: 'not_due', nextDueAt });
  });

  it('records over a fencing number that no lease has given, such as one from before a restore', async () => {
    store.seedRun(sampleRun({ nextDueAt: 0 }), 5_000);

    await newRunner(store, clock).runIfDue(new StubJob());

    expect(store.recorded).toHaveLength(1);
  });
});

describe('JobRunner, when the table does not answer the job', () => {
  it.each([
    ['at once', (fault: Error) => fault],
    ['behind another error', (fault: Error) => new Error('the sync failed', { cause: fault })],
    ['in each of several', (fault: Error) => new AggregateError([fault, fault], 'both failed')],
  ])('calls a run unavailable, not failed, that meets it (%s), and names the table', async (_what, wrap) => {
    const { logger, lines } = recordingLogger();
    const fault = new StoreUnavailableError('listByStatus', { cause: new Error('throttled') });
    const job = new StubJob('cleanup', () => Promise.reject(wrap(fault)));

    const result = await newRunner(store, clock, { logger }).runNow(job);

    const error = expect.stringContaining('sandbox table') as string;
    expect(result).toMatchObject({ kind: 'ran', cause: 'table', run: { outcome: 'unavailable', error } });
    expect(lines.at(-1)).toMatchObject({ action: 'job', outcome: 'unavailable', cause: 'table' });
  });
});
