import type { JobReport } from '../../app/jobs/job';
import { RunnerSwitch } from '../../app/jobs/runner-switch';
import { Scheduler } from '../../app/jobs/scheduler';
import type { JobName } from '../../app/store/job-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { silentLogger } from '../fakes/loggers';
import { seededRandom } from '../fakes/seeded-random';
import { INTERVAL_SECONDS, newRunner, passTime, StubJob, useFakeTimers } from './runner-harness';

/* Several processes at one table, over hours: each due run happens once, and never beside another. */

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const JOBS: JobName[] = ['sync', 'cleanup', 'auto-expiry'];

let clock: FakeClock;
let store: FakeJobStore;
/** Jobs at work at the moment, and every time that a job began beside itself. */
let working: Map<JobName, number>;
let overlaps: JobName[];

beforeEach(() => {
  useFakeTimers();
  clock = new FakeClock();
  store = new FakeJobStore();
  working = new Map();
  overlaps = [];
});

afterEach(() => {
  jest.useRealTimers();
});

/** One process with all jobs; each run takes up to a minute. */
function startProcess(index: number, me: 'worker' | 'api' = 'worker'): Scheduler {
  const random = seededRandom(index);
  const work = async (name: JobName): Promise<JobReport> => {
    const others = working.get(name) ?? 0;
    if (others > 0) overlaps.push(name);
    working.set(name, others + 1);
    await clock.sleep(random() * 60 * SECOND);
    working.set(name, (working.get(name) ?? 1) - 1);
    return { outcome: 'success', counts: {} };
  };
  const runner = newRunner(store, clock, { holder: `${me}-${index}`, random });
  const runnerSwitch = new RunnerSwitch(me, store, clock, silentLogger);
  const jobs = JOBS.map((name) => new StubJob(name, () => work(name)));
  const scheduler = new Scheduler(jobs, { runner, runnerSwitch, store, clock, logger: silentLogger });
  scheduler.start();
  return scheduler;
}

async function stopAll(schedulers: Scheduler[]): Promise<void> {
  const stopped = Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  await passTime(clock, 61 * SECOND);
  await stopped;
}

/** Checks that each run of a job began when the one before it had made it due, and soon after. */
function expectEachDueRunOnce(job: JobName, maxDelaySeconds: number): void {
  const runs = store.recorded.filter((run) => run.job === job);
  for (const [index, run] of runs.slice(1).entries()) {
    const dueAt = runs[index]?.nextDueAt ?? 0;
    expect(run.startedAt).toBeGreaterThanOrEqual(dueAt);
    expect(run.startedAt).toBeLessThanOrEqual(dueAt + maxDelaySeconds);
  }
}

describe('Several runners at one table', () => {
  it('run each job once each time it is due', async () => {
    const schedulers = [1, 2, 3, 4, 5].map((index) => startProcess(index));

    await passTime(clock, 3 * HOUR);
    await stopAll(schedulers);

    expect(overlaps).toEqual([]);
    for (const job of JOBS) {
      expectEachDueRunOnce(job, 6);
      const count = store.recorded.filter((run) => run.job === job).length;
      const most = (3 * 3_600) / INTERVAL_SECONDS[job] + 1;
      expect(count).toBeLessThanOrEqual(most);
      expect(count).toBeGreaterThanOrEqual(Math.floor(most * 0.88));
    }
    expect(new Set(store.recorded.map(({ runBy }) => runBy)).size).toBeGreaterThan(1);
  });

  it('overlap in no run while the word on who runs them changes again and again', async () => {
    const schedulers = [
      startProcess(1, 'worker'),
      startProcess(2, 'worker'),
      startProcess(3, 'api'),
      startProcess(4, 'api'),
    ];
    for (let time = 0; time < 20; time += 1) {
      await store.setControl({ runner: time % 2 === 0 ? 'api' : 'worker' });
      await passTime(clock, 230 * SECOND);
    }
    await stopAll(schedulers);

    expect(overlaps).toEqual([]);
    for (const job of JOBS) expectEachDueRunOnce(job, 20);
    const kinds = new Set(store.recorded.map(({ runBy }) => runBy.split('-')[0]));
    expect(kinds).toEqual(new Set(['worker', 'api']));
  });

  it('go on where one died in the middle of a run, once its lease is over', async () => {
    const dead = await store.acquireLease('cleanup', 'dead', clock.nowMs(), 60 * SECOND);
    const schedulers = [startProcess(1), startProcess(2)];

    await passTime(clock, 59 * SECOND);
    expect(store.recorded.filter(({ job }) => job === 'cleanup')).toEqual([]);
    await passTime(clock, 300 * SECOND);
    await stopAll(schedulers);

    expect(store.recorded.filter(({ job }) => job === 'cleanup').length).toBeGreaterThanOrEqual(1);
    expect(overlaps).toEqual([]);
    expect(dead?.fencingNumber).toBe(1);
  });

  it('hand over in the middle of the day without a gap or a repetition', async () => {
    const first = startProcess(1);
    await passTime(clock, HOUR);
    const second = startProcess(2);
    await stopAll([first]);
    await passTime(clock, HOUR);
    await stopAll([second]);

    expect(overlaps).toEqual([]);
    for (const job of JOBS) expectEachDueRunOnce(job, 6);
  });
});
