import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { JOB_OUTCOMES } from '../../app/store/job-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { recordingLogger } from '../fakes/loggers';
import { sampleRun } from '../store/job-store-contract';
import { LEASE_TTL_MS, newRunner, RecordedEvents, StubJob, succeed, untilStopped } from './runner-harness';

let clock: FakeClock;
let store: FakeJobStore;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
});

describe('JobRunner', () => {
  it('takes the lease first, looks at the record under it, and gives it back last', async () => {
    await newRunner(store, clock).runIfDue(new StubJob());

    expect(store.calls).toEqual(['acquireLease', 'getRun', 'recordRun', 'releaseLease']);
  });

  it('holds the lease while the job works, and not after', async () => {
    const job = new StubJob('cleanup', async () => {
      expect(await store.getLease('cleanup', clock.nowMs())).toMatchObject({
        holder: 'a',
        expiresAtMs: clock.nowMs() + LEASE_TTL_MS,
      });
      return succeed();
    });

    expect(await newRunner(store, clock).runIfDue(job)).toMatchObject({ run: { outcome: 'success' } });
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
  });

  it('does nothing while somebody else is at the job', async () => {
    await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    const job = new StubJob();
    const runner = newRunner(store, clock);

    expect(await runner.runIfDue(job)).toEqual({ kind: 'busy' });
    expect(await runner.runNow(job)).toEqual({ kind: 'busy' });

    expect(job.runCount).toBe(0);
    expect(store.recorded).toEqual([]);
    expect((await store.getLease('cleanup', clock.nowMs()))?.holder).toBe('b');
  });

  it('takes over when the lease of one who died is over, and not before', async () => {
    await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    const runner = newRunner(store, clock);
    const job = new StubJob();

    await clock.advance(LEASE_TTL_MS - 1);
    expect(await runner.runIfDue(job)).toEqual({ kind: 'busy' });
    await clock.advance(1);
    expect(await runner.runIfDue(job)).toMatchObject({ kind: 'ran' });
  });

  it('runs a job once in a process, even if it is asked twice in the same moment', async () => {
    const runner = newRunner(store, clock);
    const job = new StubJob();

    const results = await Promise.all([runner.runNow(job), runner.runNow(job), runner.runIfDue(job)]);

    expect(results.map(({ kind }) => kind)).toEqual(['ran', 'busy', 'busy']);
    expect(job.runCount).toBe(1);
    expect(store.callCount('acquireLease')).toBe(1);
    expect(await runner.runNow(job)).toMatchObject({ kind: 'ran' });
  });

  it('runs different jobs beside each other', async () => {
    const runner = newRunner(store, clock);
    const endless = runner.runNow(new StubJob('sync', untilStopped));

    expect(await runner.runNow(new StubJob('cleanup'))).toMatchObject({ kind: 'ran' });

    await runner.stop();
    await endless;
  });
});

describe('JobRunner, on the due time', () => {
  it('looks at it again under the lease, and leaves alone what another process has just run', async () => {
    const nextDueAt = clock.nowSeconds() + 1;
    store.seedRun(sampleRun({ nextDueAt }));
    const job = new StubJob();

    expect(await newRunner(store, clock).runIfDue(job)).toEqual({ kind: 'not_due', nextDueAt });

    expect(job.runCount).toBe(0);
    expect(store.recorded).toEqual([]);
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
  });

  it('runs what is due at exactly this second', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() }));

    expect(await newRunner(store, clock).runIfDue(new StubJob())).toMatchObject({ kind: 'ran' });
  });

  it('runs a job that is not due when it is told to run it now', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + 1_000 }));

    expect(await newRunner(store, clock).runNow(new StubJob())).toMatchObject({ kind: 'ran' });
    expect(store.recorded[0]?.nextDueAt).toBe(clock.nowSeconds() + 300);
  });

  it.each([
    [0, 300],
    [0.5, 315],
    [0.999_999, 330],
  ])(
    'sets the next one an interval after the start and up to a tenth later (chance %d)',
    async (chance, seconds) => {
      const startedAt = clock.nowSeconds();
      const job = new StubJob('cleanup', async () => {
        await clock.sleep(40_000);
        return succeed();
      });

      await clock.passUntil(newRunner(store, clock, { random: () => chance }).runIfDue(job));

      expect(store.recorded).toEqual([
        {
          job: 'cleanup',
          startedAt,
          durationMs: 40_000,
          outcome: 'success',
          counts: { deleted: 1 },
          runBy: 'a',
          nextDueAt: startedAt + seconds,
          lastSuccessAt: startedAt,
        },
      ]);
    },
  );

  it.each(JOB_OUTCOMES)('is due at once after %s only if it was stopped', async (outcome) => {
    await newRunner(store, clock).runNow(new StubJob('cleanup', () => ({ outcome, counts: {} })));

    const waitSeconds = (store.recorded[0]?.nextDueAt ?? 0) - clock.nowSeconds();
    expect(waitSeconds).toBe(outcome === 'stopped' ? 0 : 300);
  });
});

describe('JobRunner, on success', () => {
  it.each(JOB_OUTCOMES)(
    'keeps the time of the last success over a run that ends with %s',
    async (outcome) => {
      store.seedRun(sampleRun({ lastSuccessAt: 1_234 }));
      const job = new StubJob('cleanup', () => ({ outcome, counts: {}, error: 'why' }));

      await newRunner(store, clock).runNow(job);

      expect(await store.getRun('cleanup')).toMatchObject({
        outcome,
        error: 'why',
        lastSuccessAt: outcome === 'success' ? clock.nowSeconds() : 1_234,
      });
    },
  );

  it('tells its observers of the lease and the run', async () => {
    const events = new RecordedEvents();
    await newRunner(store, clock, { events }).runNow(new StubJob());

    expect(events.leases).toEqual([
      ['cleanup', true],
      ['cleanup', false],
    ]);
    expect(events.runs).toEqual(store.recorded);
  });

  it('tells its observers nothing when it gets no lease', async () => {
    await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    const events = new RecordedEvents();
    await newRunner(store, clock, { events }).runNow(new StubJob());

    expect([events.leases, events.runs]).toEqual([[], []]);
  });

  it('logs a failure as an error, an outage as a warning and a success as neither', async () => {
    const { logger, lines } = recordingLogger();
    const runner = newRunner(store, clock, { logger });
    for (const outcome of ['failed', 'unavailable', 'guarded', 'stopped', 'success'] as const) {
      await runner.runNow(new StubJob('cleanup', () => ({ outcome, counts: {} })));
    }

    expect(lines.map(({ level }) => level)).toEqual([50, 40, 40, 30, 30]);
  });
});

describe('JobRunner, when the job fails', () => {
  it.each([
    ['an error', new Error('broken'), 'broken'],
    ['no error', 'a word', 'a word'],
  ])('records a run that throws %s as failed, and gives the lease back', async (_what, thrown, message) => {
    const job = new StubJob('cleanup', () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what others throw is not ours to choose
      throw thrown;
    });

    const result = await newRunner(store, clock).runIfDue(job);

    expect(result).toMatchObject({ kind: 'ran', run: { outcome: 'failed', counts: {}, error: message } });
    expect(await store.getRun('cleanup')).toMatchObject({
      outcome: 'failed',
      nextDueAt: clock.nowSeconds() + 300,
    });
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
  });
});

describe('JobRunner, when the table fails', () => {
  it.each(['acquireLease', 'getRun', 'recordRun'] as const)(
    'throws what %s throws, and can run the job again',
    async (operation) => {
      const runner = newRunner(store, clock);
      const job = new StubJob();
      store.failing.add(operation);

      await expect(runner.runIfDue(job)).rejects.toThrow(StoreUnavailableError);
      expect(runner.silentSinceMs('cleanup')).toBeUndefined();
      expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();

      store.failing.clear();
      expect(await runner.runIfDue(job)).toMatchObject({ kind: 'ran' });
    },
  );

  it('does not run the job when it cannot read the record', async () => {
    const job = new StubJob();
    store.failing.add('getRun');

    await expect(newRunner(store, clock).runIfDue(job)).rejects.toThrow();
    expect(job.runCount).toBe(0);
  });

  it('has run the job even if it cannot give the lease back', async () => {
    store.failing.add('releaseLease');

    expect(await newRunner(store, clock).runIfDue(new StubJob())).toMatchObject({ kind: 'ran' });
    expect(await store.getLease('cleanup', clock.nowMs() + LEASE_TTL_MS)).toBeUndefined();
  });
});

describe('JobRunner, on progress', () => {
  it('tells since when a run has been silent', async () => {
    const runner = newRunner(store, clock);
    const startMs = clock.nowMs();
    const job = new StubJob('cleanup', async ({ onProgress }) => {
      await clock.sleep(100);
      onProgress();
      await clock.sleep(100);
      return succeed();
    });
    expect(runner.silentSinceMs('cleanup')).toBeUndefined();

    const run = runner.runNow(job);
    await clock.advance(99);
    expect(runner.silentSinceMs('cleanup')).toBe(startMs);
    await clock.advance(50);
    expect(runner.silentSinceMs('cleanup')).toBe(startMs + 100);
    expect(runner.silentSinceMs('sync')).toBeUndefined();
    await clock.passUntil(run);
    expect(runner.silentSinceMs('cleanup')).toBeUndefined();
  });
});

describe('JobRunner, when it stops', () => {
  it('lets the run finish its item, records it as due at once, and has given the lease back by then', async () => {
    const runner = newRunner(store, clock);
    let isItemDone = false;
    const job = new StubJob('cleanup', async (context) => {
      await untilStopped(context);
      await clock.sleep(5_000);
      isItemDone = true;
      return { outcome: 'stopped', counts: { deleted: 7 } };
    });
    const run = runner.runIfDue(job);
    await clock.advance(10_000);
    const startedAt = clock.nowSeconds() - 10;

    await clock.passUntil(runner.stop());

    expect(isItemDone).toBe(true);
    expect(store.recorded).toMatchObject([
      { outcome: 'stopped', counts: { deleted: 7 }, startedAt, nextDueAt: startedAt },
    ]);
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
    expect(await run).toMatchObject({ kind: 'ran' });
    expect(await newRunner(store, clock, { holder: 'b' }).runIfDue(new StubJob())).toMatchObject({
      kind: 'ran',
    });
  });

  it('records a run that throws because it was told to stop as stopped, not as failed', async () => {
    const runner = newRunner(store, clock);
    const job = new StubJob('cleanup', async (context) => {
      await untilStopped(context);
      throw new Error('given up');
    });
    const run = runner.runIfDue(job);
    await clock.advance(1);
    await runner.stop();

    expect(await run).toMatchObject({ run: { outcome: 'stopped' } });
  });

  it('starts nothing any more', async () => {
    const runner = newRunner(store, clock);
    await runner.stop();
    const job = new StubJob();

    expect(await runner.runIfDue(job)).toEqual({ kind: 'busy' });
    expect(await runner.runNow(job)).toEqual({ kind: 'busy' });
    expect(store.calls).toEqual([]);
  });

  it('waits for all runs, also for one that cannot be recorded', async () => {
    const runner = newRunner(store, clock);
    const runs = [
      runner.runNow(new StubJob('sync', untilStopped)),
      runner.runNow(new StubJob('cleanup', untilStopped)),
    ];
    await clock.advance(1);
    store.failing.add('recordRun');

    await runner.stop();

    const settled = await Promise.allSettled(runs);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await store.getLease('sync', clock.nowMs())).toBeUndefined();
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
  });
});
