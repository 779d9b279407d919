import { JobsService } from '../../app/admin/jobs-service';
import { JOB_NAMES } from '../../app/store/job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { silentLogger } from '../fakes/loggers';
import { INTERVAL_SECONDS, LEASE_TTL_MS, newRunner, StubJob } from '../jobs/runner-harness';
import { sampleRun } from '../store/job-store-contract';

/* What admins see of records that cannot be read or believed, and of a table that does not answer. */

const WAIT_MS = 12_000;

let clock: FakeClock;
let store: FakeJobStore;
let service: JobsService;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
  service = new JobsService({
    runner: newRunner(store, clock),
    store,
    clock,
    logger: silentLogger,
    intervalSeconds: INTERVAL_SECONDS,
    leaseTtlMs: LEASE_TTL_MS,
  });
});

describe('JobsService.overview, of records that cannot be right', () => {
  const YEAR_SECONDS = 31_536_000;
  const inAYear = (): number => clock.nowSeconds() + YEAR_SECONDS;

  it.each<[string, () => unknown, RegExp]>([
    ['a record that cannot be read', () => store.unreadable.add('JOB#cleanup'), /JOB#cleanup cannot be read/],
    [
      'a lease that cannot be read',
      () => store.unreadable.add('LEASE#cleanup'),
      /LEASE#cleanup cannot be read/,
    ],
    [
      'an outcome of another release',
      () => {
        store.seedRun({ ...sampleRun({ nextDueAt: clock.nowSeconds() }), outcome: 'unknown' });
      },
      /does not know/,
    ],
    [
      'a due time in a year',
      () => {
        store.seedRun(sampleRun({ nextDueAt: inAYear() }));
      },
      /due time lies too far/,
    ],
    [
      'a start in a year',
      () => {
        store.seedRun(sampleRun({ startedAt: inAYear(), nextDueAt: clock.nowSeconds() }));
      },
      /dated in the future/,
    ],
    [
      'a lease that ends in a year',
      () => {
        store.seedLease({ job: 'cleanup', holder: 'x', fencingNumber: 1, expiresAtMs: inAYear() * 1_000 });
      },
      /holds nobody back/,
    ],
  ])('names %s, and shows the other jobs', async (_what, arrange, problem) => {
    arrange();

    const { jobs } = await service.overview();

    expect(jobs.map(({ name }) => name)).toEqual(JOB_NAMES);
    expect(jobs.filter(({ problems }) => problems.length > 0)).toMatchObject([
      { name: 'cleanup', problems: [expect.stringMatching(problem)] },
    ]);
  });

  it('shows who runs the jobs as unknown when that cannot be read', async () => {
    store.unreadable.add('CONTROL#jobs');

    expect((await service.overview()).control).toMatchObject({ runner: 'unknown' });
  });
});

describe('JobsService.run, while the table does not answer the job', () => {
  it('is refused as unavailable, and not as the portal', async () => {
    const job = new StubJob('cleanup', () => {
      throw new Error('no write', {
        cause: new StoreUnavailableError('save', { cause: new Error('reset') }),
      });
    });

    await expect(service.run(job, WAIT_MS)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      status: 503,
      message: expect.stringContaining('did not answer save') as string,
    });
    expect(store.recorded).toMatchObject([{ outcome: 'unavailable' }]);
  });
});

describe('JobsService.listedAfterDeletion', () => {
  it('is not known while the record of the last sync cannot be read', async () => {
    store.seedRun(sampleRun({ job: 'sync', counts: { listed_after_deletion: 3 } }));
    expect(await service.listedAfterDeletion()).toBe(3);

    store.unreadable.add('JOB#sync');

    expect(await service.listedAfterDeletion()).toBeUndefined();
  });

  it('is not known while the table does not answer for that record', async () => {
    store.failing.add('getRun');

    expect(await service.listedAfterDeletion()).toBeUndefined();
  });
});
