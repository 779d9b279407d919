import type { JobReport } from '../../app/jobs/job';
import { STALL_LIMIT_MS } from '../../app/jobs/stall-limit';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { observe } from '../fakes/observe';
import {
  LEASE_TTL_MS,
  newRunner,
  passTime,
  StubJob,
  succeed,
  useFakeTimers,
  workingUntilStopped,
} from './runner-harness';

/* How a runner keeps its lease while a job works, and what it does when it cannot. */

let clock: FakeClock;
let store: FakeJobStore;

beforeEach(() => {
  useFakeTimers();
  clock = new FakeClock();
  store = new FakeJobStore();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Starts a run that works until it is told to stop, and gives its context. */
async function startEndlessRun(): Promise<{
  job: StubJob;
  run: ReturnType<typeof observe>;
  stop: () => Promise<void>;
}> {
  const runner = newRunner(store, clock);
  const job = new StubJob('cleanup', workingUntilStopped);
  const run = observe(runner.runIfDue(job));
  await clock.advance(0);
  return { job, run, stop: () => runner.stop() };
}

const isAborted = (job: StubJob): boolean | undefined => job.contexts[0]?.signal.aborted;

describe('The lease of a run', () => {
  it('is prolonged three times in its life, for as long as the job works', async () => {
    const { job, stop } = await startEndlessRun();

    await passTime(clock, 10 * LEASE_TTL_MS);

    expect(store.callCount('renewLease')).toBe(30);
    expect(isAborted(job)).toBe(false);
    expect((await store.getLease('cleanup', clock.nowMs()))?.expiresAtMs).toBe(clock.nowMs() + LEASE_TTL_MS);
    await stop();
  });

  it('is prolonged as often when the clock is set back meanwhile', async () => {
    const { job, stop } = await startEndlessRun();
    clock.setBack(10 * LEASE_TTL_MS);

    await passTime(clock, 10 * LEASE_TTL_MS);

    expect(store.callCount('renewLease')).toBe(30);
    expect(isAborted(job)).toBe(false);
    await stop();
  });

  it.each(['acquireLease', 'getRun'] as const)(
    'begins no job when %s took until it was over, and gives it back',
    async (slow) => {
      const original = store[slow].bind(store) as (...args: unknown[]) => Promise<unknown>;
      jest.spyOn(store, slow).mockImplementation((async (...args: unknown[]) => {
        const answer = await original(...args);
        // As it is for a process that is frozen, or whose answer is.
        await clock.advance(LEASE_TTL_MS);
        return answer;
      }) as never);
      const job = new StubJob('cleanup', succeed);

      const result = await newRunner(store, clock).runNow(job);

      expect(result).toEqual({ kind: 'busy' });
      expect(job.runCount).toBe(0);
      expect(store.callCount('releaseLease')).toBe(1);
    },
  );

  it('is given up when the machine slept past its end, and counted no time', async () => {
    const { job, stop } = await startEndlessRun();
    clock.setBack(-10 * LEASE_TTL_MS);

    await passTime(clock, LEASE_TTL_MS / 12);

    expect(isAborted(job)).toBe(true);
    await stop();
  });

  it('keeps everybody else away, however long the job works', async () => {
    const { stop } = await startEndlessRun();
    const other = newRunner(store, clock, { holder: 'b' });
    const job = new StubJob();

    for (let time = 0; time < 200; time += 1) {
      await passTime(clock, 3_000);
      await other.runNow(job);
    }

    expect(job.runCount).toBe(0);
    await stop();
  });

  it('is prolonged no more once the run has ended', async () => {
    const { stop } = await startEndlessRun();
    await stop();

    await passTime(clock, 10 * LEASE_TTL_MS);

    expect(store.callCount('renewLease')).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends the run when it has gone to somebody else, and stays theirs', async () => {
    const { job, run } = await startEndlessRun();
    // Their clock is ahead of ours.
    const theirs = await store.acquireLease('cleanup', 'b', clock.nowMs() + LEASE_TTL_MS, 10 * LEASE_TTL_MS);

    await passTime(clock, LEASE_TTL_MS / 3);

    expect(isAborted(job)).toBe(true);
    expect(run.state).toMatchObject({ kind: 'ran', run: { outcome: 'stopped' } });
    expect(await store.getLease('cleanup', clock.nowMs())).toEqual(theirs);
  });

  it('leaves the record alone of one who took over and was quicker', async () => {
    const { run } = await startEndlessRun();
    const theirs = await store.acquireLease('cleanup', 'b', clock.nowMs() + LEASE_TTL_MS, LEASE_TTL_MS);
    const record = { job: 'cleanup', outcome: 'success', runBy: 'b' } as const;
    if (theirs) {
      await store.recordRun({ ...record, startedAt: 1, durationMs: 1, counts: {}, nextDueAt: 9 }, theirs);
    }

    await passTime(clock, LEASE_TTL_MS / 3);

    expect(run.state).toMatchObject({ kind: 'ran', run: { outcome: 'stopped' } });
    expect(await store.getRun('cleanup')).toMatchObject(record);
  });

  it('survives renewals without an answer, as long as one comes through in time', async () => {
    const { job, stop } = await startEndlessRun();

    for (let time = 0; time < 20; time += 1) {
      store.failing.add('renewLease');
      await passTime(clock, LEASE_TTL_MS / 3);
      store.failing.clear();
      await passTime(clock, LEASE_TTL_MS / 3);
    }

    expect(isAborted(job)).toBe(false);
    await stop();
  });

  it('ends the run before it can go to somebody else when the table does not answer', async () => {
    const { job, run } = await startEndlessRun();
    await passTime(clock, LEASE_TTL_MS / 3);
    const { expiresAtMs = 0 } = (await store.getLease('cleanup', clock.nowMs())) ?? {};
    store.failing.add('renewLease');
    store.failing.add('releaseLease');

    for (let second = 0; second < 100 && !isAborted(job); second += 1) await passTime(clock, 1_000);
    expect(isAborted(job)).toBe(true);

    expect(clock.nowMs()).toBeLessThan(expiresAtMs);
    expect(run.state).toMatchObject({ kind: 'ran', run: { outcome: 'stopped' } });
  });

  // A renewal that hangs looks just like one that fails: the time of the lease passes all the same.
  it('ends the run before it can go to somebody else when a renewal hangs', async () => {
    const { job } = await startEndlessRun();
    const { expiresAtMs = 0 } = (await store.getLease('cleanup', clock.nowMs())) ?? {};
    let answer = (): void => undefined;
    store.before = (operation) =>
      operation === 'renewLease'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : undefined;

    await passTime(clock, expiresAtMs - clock.nowMs() - 1_000);

    expect(isAborted(job)).toBe(true);
    // Not one more for each look at the lease: they would all wait for the same table.
    expect(store.callCount('renewLease')).toBe(1);
    answer();
    await passTime(clock, 1_000);
  });

  it('ends by itself when the run shows no progress, and the process may run the job again', async () => {
    const runner = newRunner(store, clock);
    let wake = (): void => undefined;
    const hang = (): Promise<JobReport> =>
      new Promise((resolve) => {
        wake = () => {
          resolve({ outcome: 'success', counts: { deleted: 99 } });
        };
      });
    let hasHung = false;
    const job = new StubJob('cleanup', () => {
      if (hasHung) return succeed();
      hasHung = true;
      return hang();
    });
    const run = observe(runner.runNow(job));

    await passTime(clock, STALL_LIMIT_MS + LEASE_TTL_MS / 6);
    expect(isAborted(job)).toBe(true);
    expect(run.state).toMatchObject({
      kind: 'ran',
      run: { outcome: 'failed', error: expect.stringContaining('no progress') as string },
    });
    expect(await store.getLease('cleanup', clock.nowMs())).toMatchObject({ holder: 'a' });
    expect(await runner.runNow(job)).toEqual({ kind: 'busy' });

    await passTime(clock, LEASE_TTL_MS);
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
    expect(await runner.runNow(job)).toMatchObject({ kind: 'ran', run: { outcome: 'success' } });
    expect(runner.silentSinceMs('cleanup')).toBeDefined();

    wake();
    await passTime(clock, 1_000);
    expect(await store.getRun('cleanup')).toMatchObject({ counts: { deleted: 1 } });
    expect(runner.silentSinceMs('cleanup')).toBeUndefined();
  });

  it('lets another process begin when the run here shows no progress', async () => {
    void newRunner(store, clock).runNow(new StubJob('cleanup', () => new Promise(() => undefined)));
    const other = newRunner(store, clock, { holder: 'b' });

    await passTime(clock, STALL_LIMIT_MS - LEASE_TTL_MS);
    expect(await other.runNow(new StubJob())).toEqual({ kind: 'busy' });
    await passTime(clock, 2 * LEASE_TTL_MS + LEASE_TTL_MS / 6);

    expect(await other.runNow(new StubJob())).toMatchObject({ kind: 'ran' });
  });

  it.each([
    ['cannot be read', () => store.unreadable.add('LEASE#cleanup')],
    [
      'ends in a year',
      () => {
        const expiresAtMs = clock.nowMs() + 365 * 86_400_000;
        store.seedLease({ job: 'cleanup', holder: 'x', fencingNumber: 7, expiresAtMs });
      },
    ],
  ])('that %s holds the job back for one lease, so that two can never be at it', async (_what, spoil) => {
    spoil();
    const job = new StubJob();
    const runner = newRunner(store, clock);

    expect(await runner.runIfDue(job)).toEqual({ kind: 'busy' });
    await clock.advance(LEASE_TTL_MS - 1);
    expect(await runner.runIfDue(job)).toEqual({ kind: 'busy' });
    await clock.advance(1);

    expect(await runner.runIfDue(job)).toMatchObject({ kind: 'ran' });
  });

  it('ends the run under it when somebody makes it unreadable', async () => {
    const { job, run } = await startEndlessRun();
    store.unreadable.add('LEASE#cleanup');

    await passTime(clock, LEASE_TTL_MS / 2);

    expect(isAborted(job)).toBe(true);
    expect(run.state).toMatchObject({ kind: 'ran', run: { outcome: 'stopped' } });
  });

  it('is given back by a run whose end coincides with a renewal', async () => {
    const runner = newRunner(store, clock);
    let answer = (): void => undefined;
    store.before = (operation) =>
      operation === 'renewLease'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : undefined;
    const job = new StubJob('cleanup', async () => {
      await clock.sleep(LEASE_TTL_MS / 3 + 500);
      return succeed();
    });
    const run = observe(runner.runIfDue(job));

    await passTime(clock, LEASE_TTL_MS / 3 + 1_000);
    expect(run.state).toMatchObject({ kind: 'ran' });
    // The renewal comes too late to take the lease back.
    answer();
    await passTime(clock, 1_000);

    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
  });
});
