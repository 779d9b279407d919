import type { Job } from '../../app/jobs/job';
import type { JobRunner } from '../../app/jobs/job-runner';
import { RunnerSwitch } from '../../app/jobs/runner-switch';
import { Scheduler } from '../../app/jobs/scheduler';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { silentLogger } from '../fakes/loggers';
import { observe } from '../fakes/observe';
import { sampleRun } from '../store/job-store-contract';
import {
  newRunner,
  passTime,
  StubJob,
  succeed,
  untilStopped,
  useFakeTimers,
  workingUntilStopped,
} from './runner-harness';

const SECOND = 1_000;

let clock: FakeClock;
let store: FakeJobStore;
let schedulers: Scheduler[];

beforeEach(() => {
  useFakeTimers();
  clock = new FakeClock();
  store = new FakeJobStore();
  schedulers = [];
});

afterEach(async () => {
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  jest.useRealTimers();
});

function schedule(jobs: Job[], me: 'worker' | 'api' = 'worker'): { scheduler: Scheduler; runner: JobRunner } {
  const runner = newRunner(store, clock, { holder: `${me}-${schedulers.length}` });
  const runnerSwitch = new RunnerSwitch(me, store, clock, silentLogger);
  const scheduler = new Scheduler(jobs, { runner, runnerSwitch, store, clock, logger: silentLogger });
  schedulers.push(scheduler);
  scheduler.start();
  return { scheduler, runner };
}

describe('Scheduler, on due times', () => {
  it('starts within two seconds what never ran, and then once an interval', async () => {
    const job = new StubJob();
    schedule([job]);
    await passTime(clock, 2 * SECOND);
    expect(job.runCount).toBe(1);

    await passTime(clock, 297 * SECOND);
    expect(job.runCount).toBe(1);
    await passTime(clock, 4 * SECOND);
    expect(job.runCount).toBe(2);
  });

  it('starts nothing before its time as the table has it, and starts it then', async () => {
    const dueAt = clock.nowSeconds() + 100;
    store.seedRun(sampleRun({ nextDueAt: dueAt }));
    const job = new StubJob();
    schedule([job]);

    await passTime(clock, 99 * SECOND);
    expect(job.runCount).toBe(0);
    await passTime(clock, 3 * SECOND);
    expect(job.runCount).toBe(1);
  });

  it('hardly ever asks the table while nothing is due', async () => {
    store.seedRun(sampleRun({ job: 'auto-delete-stale', nextDueAt: clock.nowSeconds() + 80_000 }));
    schedule([new StubJob('auto-delete-stale')]);

    await passTime(clock, 600 * SECOND);

    expect(store.callCount('getRun')).toBeLessThanOrEqual(21);
    expect(store.callCount('acquireLease')).toBe(0);
  });

  it('does not repeat what an admin has run meanwhile', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + 20 }));
    const job = new StubJob();
    schedule([job]);
    await passTime(clock, 10 * SECOND);
    await newRunner(store, clock, { holder: 'admin' }).runNow(new StubJob());

    await passTime(clock, 200 * SECOND);

    expect(job.runCount).toBe(0);
  });

  it('notices within half a minute that a run was stopped elsewhere and is due at once', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + 600 }));
    const job = new StubJob();
    schedule([job]);
    await passTime(clock, 5 * SECOND);
    store.seedRun(sampleRun({ outcome: 'stopped', nextDueAt: clock.nowSeconds() }));

    await passTime(clock, 32 * SECOND);

    expect(job.runCount).toBe(1);
  });

  it('takes over within ten seconds of the end of a dead holder’s lease', async () => {
    await store.acquireLease('cleanup', 'dead', clock.nowMs(), 60 * SECOND);
    const job = new StubJob();
    schedule([job]);

    await passTime(clock, 59 * SECOND);
    expect(job.runCount).toBe(0);
    await passTime(clock, 11 * SECOND);
    expect(job.runCount).toBe(1);
    expect(store.callCount('acquireLease')).toBeLessThan(20);
  });
});

describe('Scheduler, on whose turn it is', () => {
  it('starts nothing and reads no due time while it is another’s turn', async () => {
    await store.setControl({ runner: 'api' });
    const job = new StubJob();
    schedule([job], 'worker');

    await passTime(clock, 600 * SECOND);

    expect(job.runCount).toBe(0);
    expect(store.callCount('getRun')).toBe(0);
  });

  it('begins within ten seconds of the change, and stops beginning within ten of the next', async () => {
    const worker = new StubJob();
    const api = new StubJob();
    schedule([worker], 'worker');
    schedule([api], 'api');
    await passTime(clock, 290 * SECOND);
    expect([worker.runCount, api.runCount]).toEqual([1, 0]);

    await store.setControl({ runner: 'api' });
    await passTime(clock, 210 * SECOND);
    expect([worker.runCount, api.runCount]).toEqual([1, 1]);

    await store.setControl({ runner: 'none' });
    await passTime(clock, 600 * SECOND);
    expect([worker.runCount, api.runCount]).toEqual([1, 1]);
  });

  it('takes effect within ten seconds', async () => {
    await store.setControl({ runner: 'none' });
    const job = new StubJob();
    schedule([job]);
    await passTime(clock, 30 * SECOND);
    await store.setControl({ runner: 'worker' });

    await passTime(clock, 10 * SECOND);

    expect(job.runCount).toBe(1);
  });

  it('goes on as before while the word cannot be read', async () => {
    const job = new StubJob();
    schedule([job]);
    await passTime(clock, 5 * SECOND);
    store.failing.add('getControl');

    await passTime(clock, 600 * SECOND);

    expect(job.runCount).toBe(3);
  });
});

describe('Scheduler, keeping jobs apart', () => {
  it('goes on with the others when one job fails again and again', async () => {
    const bad = new StubJob('sync', () => {
      throw new Error('broken');
    });
    const good = new StubJob('cleanup');
    schedule([bad, good]);

    await passTime(clock, 1_210 * SECOND);

    expect([bad.runCount, good.runCount]).toEqual([3, 5]);
  });

  it('goes on with the others while one job never ends', async () => {
    const endless = new StubJob('sync', workingUntilStopped);
    const good = new StubJob('cleanup');
    schedule([endless, good]);

    await passTime(clock, 1_210 * SECOND);

    expect([endless.runCount, good.runCount]).toEqual([1, 5]);
  });

  it('goes on with the others when the record of one cannot be read', async () => {
    store.before = (operation, job) => {
      if (operation === 'getRun' && job === 'sync') throw new Error('unreadable');
    };
    const bad = new StubJob('sync');
    const good = new StubJob('cleanup');
    schedule([bad, good]);

    await passTime(clock, 1_210 * SECOND);

    expect([bad.runCount, good.runCount]).toEqual([0, 5]);
  });

  // A lease is a write, and a run is work: neither is tried at every look. A read may be.
  it.each([
    ['acquireLease', 10],
    ['recordRun', 10],
    ['getRun', 330],
  ] as const)(
    'tries again soon after %s found no answer, and not too often',
    async (operation, mostCalls) => {
      const job = new StubJob();
      schedule([job]);
      await passTime(clock, 5 * SECOND);
      store.failing.add(operation);
      await passTime(clock, 325 * SECOND);
      const calls = store.callCount(operation);
      expect(calls).toBeLessThan(mostCalls);
      store.failing.clear();
      const runCount = job.runCount;

      await passTime(clock, 10 * SECOND);

      expect(job.runCount).toBe(runCount + 1);
      expect(store.recorded).toHaveLength(2);
    },
  );
});

describe('Scheduler, on what has stalled', () => {
  it('names nothing while all is well, and while nothing is to be done', async () => {
    const { scheduler } = schedule([new StubJob()]);
    expect(scheduler.stalled()).toEqual([]);
    await passTime(clock, 1_000 * SECOND);
    expect(scheduler.stalled()).toEqual([]);

    await store.setControl({ runner: 'none' });
    await passTime(clock, 1_000 * SECOND);
    expect(scheduler.stalled()).toEqual([]);
  });

  it('names a job that has shown no progress for five minutes, until it does', async () => {
    const job = new StubJob('cleanup', untilStopped);
    const { scheduler } = schedule([new StubJob('sync'), job]);
    await passTime(clock, 300 * SECOND);
    expect(scheduler.stalled()).toEqual([]);
    await passTime(clock, 5 * SECOND);
    expect(scheduler.stalled()).toEqual(['cleanup']);

    job.contexts[0]?.onProgress();
    expect(scheduler.stalled()).toEqual([]);
  });

  it('names no job that works for hours and shows progress', async () => {
    const job = new StubJob('cleanup', async ({ signal, onProgress }) => {
      while (!signal.aborted) {
        await clock.sleep(250 * SECOND);
        onProgress();
      }
      return succeed();
    });
    const { scheduler } = schedule([job]);

    for (let minute = 0; minute < 60; minute += 1) {
      await passTime(clock, 60 * SECOND);
      expect(scheduler.stalled()).toEqual([]);
    }
    const stopped = observe(scheduler.stop());
    await passTime(clock, 260 * SECOND);
    expect(stopped.state).toBeUndefined();
  });

  it('names itself when it has not looked for a minute: never started, or a look that hangs', async () => {
    const hanging = new FakeJobStore();
    hanging.before = () => new Promise(() => undefined);
    const runner = newRunner(hanging, clock);
    const runnerSwitch = new RunnerSwitch('worker', hanging, clock, silentLogger);
    const deps = { runner, runnerSwitch, store: hanging, clock, logger: silentLogger };
    const never = new Scheduler([], deps);
    const hung = new Scheduler([new StubJob()], deps);
    hung.start();

    await passTime(clock, 60 * SECOND);
    expect([never.stalled(), hung.stalled()]).toEqual([[], []]);
    await passTime(clock, 2 * SECOND);
    expect([never.stalled(), hung.stalled()]).toEqual([['scheduler'], ['scheduler']]);
  });
});

describe('Scheduler, when it stops', () => {
  it('resolves when all runs have ended and all leases are back, and starts nothing more', async () => {
    const jobs = [new StubJob('sync', untilStopped), new StubJob('cleanup', untilStopped)];
    const { scheduler } = schedule(jobs);
    await passTime(clock, 2 * SECOND);

    await scheduler.stop();

    expect(store.recorded.map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped']);
    expect(await store.getLease('sync', clock.nowMs())).toBeUndefined();
    expect(await store.getLease('cleanup', clock.nowMs())).toBeUndefined();
    // A timer left behind would keep the process alive.
    expect(jest.getTimerCount()).toBe(0);
    await passTime(clock, 100 * SECOND);
    expect(jobs.map(({ runCount }) => runCount)).toEqual([1, 1]);
  });

  it('starts nothing from a look that was under way', async () => {
    let answer = (): void => undefined;
    store.before = (operation) =>
      operation === 'getControl'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : undefined;
    const job = new StubJob();
    const { scheduler } = schedule([job]);
    await passTime(clock, 2 * SECOND);

    const stopped = observe(scheduler.stop());
    await passTime(clock, SECOND);
    expect(stopped.state).toBe('pending');
    answer();
    await passTime(clock, SECOND);

    expect(stopped.state).toBeUndefined();
    expect(job.runCount).toBe(0);
    expect(store.callCount('acquireLease')).toBe(0);
  });

  it('can be stopped before it was started', async () => {
    const runner = newRunner(store, clock);
    const runnerSwitch = new RunnerSwitch('worker', store, clock, silentLogger);
    await new Scheduler([], { runner, runnerSwitch, store, clock, logger: silentLogger }).stop();

    expect(store.calls).toEqual([]);
  });
});
