import { OverdueJobs } from '../../app/jobs/overdue-jobs';
import { JOB_NAMES } from '../../app/store/job-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { sampleRun } from '../store/job-store-contract';
import { INTERVAL_SECONDS, LEASE_TTL_MS } from './runner-harness';

const YEAR = 365 * 86_400;

let clock: FakeClock;
let store: FakeJobStore;
let overdue: OverdueJobs;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
  overdue = new OverdueJobs(store, clock, { intervalSeconds: INTERVAL_SECONDS, leaseTtlMs: LEASE_TTL_MS });
  for (const job of JOB_NAMES) {
    store.seedRun(sampleRun({ job, startedAt: clock.nowSeconds(), nextDueAt: clock.nowSeconds() + 60 }));
  }
});

describe('OverdueJobs', () => {
  it.each(JOB_NAMES)('tells how late %s alone is, the others being on time', async (late) => {
    const nextDueAt = clock.nowSeconds() - 1_000;
    store.seedRun(sampleRun({ job: late, startedAt: nextDueAt - 300, nextDueAt }));

    const expected = JOB_NAMES.map((job) => [job, job === late ? 1_000 : 0]);
    expect(await overdue.look()).toEqual(Object.fromEntries(expected));
  });

  it('calls no job late that is under way, unless its lease cannot be right', async () => {
    store.seedRun(sampleRun({ startedAt: 0, nextDueAt: 0 }));
    await store.acquireLease('cleanup', 'a', clock.nowMs(), LEASE_TTL_MS);
    expect((await overdue.look()).cleanup).toBe(0);

    store.seedLease({
      job: 'cleanup',
      holder: 'x',
      fencingNumber: 1,
      expiresAtMs: clock.nowMs() + YEAR * 1_000,
    });
    expect((await overdue.look()).cleanup).toBe(clock.nowSeconds());
  });

  it.each<[string, () => void]>([
    ['cannot be read', () => store.unreadable.add('JOB#sync')],
    [
      'is due in a year',
      () => {
        store.seedRun(sampleRun({ job: 'sync', startedAt: 0, nextDueAt: clock.nowSeconds() + YEAR }));
      },
    ],
    [
      'began in a year',
      () => {
        const startedAt = clock.nowSeconds() + YEAR;
        store.seedRun(sampleRun({ job: 'sync', startedAt, nextDueAt: clock.nowSeconds() }));
      },
    ],
  ])('counts from the first look when a record %s', async (_what, spoil) => {
    spoil();
    expect((await overdue.look()).sync).toBe(0);
    await clock.advance(1_200_000);

    expect((await overdue.look()).sync).toBe(1_200);
  });

  it('counts from the first look at a job that has never run', async () => {
    overdue = new OverdueJobs(new FakeJobStore(), clock, {
      intervalSeconds: INTERVAL_SECONDS,
      leaseTtlMs: LEASE_TTL_MS,
    });
    await overdue.look();
    await clock.advance(900_000);

    expect(await overdue.look()).toEqual(Object.fromEntries(JOB_NAMES.map((job) => [job, 900])));
  });

  it('leaves out what the table does not tell, and nothing else', async () => {
    store.before = (operation, job) => {
      if (operation === 'getRun' && job === 'sync') throw new Error('no answer');
    };

    expect(Object.keys(await overdue.look()).sort()).toEqual(['auto-delete-stale', 'auto-expiry', 'cleanup']);
  });
});
