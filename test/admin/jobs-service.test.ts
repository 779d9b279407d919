import { JobsService } from '../../app/admin/jobs-service';
import { JobFailedError, JobRunningError, PortalUnavailableError } from '../../app/errors';
import type { JobRunner } from '../../app/jobs/job-runner';
import { JOB_NAMES, JOB_OUTCOMES } from '../../app/store/job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { INTERVAL_SECONDS, LEASE_TTL_MS, newRunner, StubJob, untilStopped } from '../jobs/runner-harness';
import { sampleRun } from '../store/job-store-contract';

let clock: FakeClock;
let store: FakeJobStore;
let runner: JobRunner;
let service: JobsService;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
  runner = newRunner(store, clock);
  service = new JobsService({
    runner,
    store,
    clock,
    intervalSeconds: INTERVAL_SECONDS,
    leaseTtlMs: LEASE_TTL_MS,
  });
});

describe('JobsService.run', () => {
  it('runs a job that is not due, under its lease, and records it', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + 1_000 }));

    expect(await service.run(new StubJob())).toMatchObject({ outcome: 'success', counts: { deleted: 1 } });

    expect(store.recorded).toHaveLength(1);
    expect(store.callCount('acquireLease')).toBe(1);
  });

  it('runs it whoever runs the jobs otherwise', async () => {
    for (const who of ['worker', 'api', 'none'] as const) {
      await store.setControl({ runner: who });
      expect(await service.run(new StubJob())).toMatchObject({ outcome: 'success' });
    }
  });

  it('says that it is running when another process is at it, and again when this one is', async () => {
    const lease = await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    const job = new StubJob('cleanup', untilStopped);
    await expect(service.run(job)).rejects.toMatchObject({ code: 'JOB_RUNNING', status: 409 });
    expect(job.runCount).toBe(0);

    if (lease) await store.releaseLease(lease);
    const first = service.run(job);
    await clock.advance(1);
    await expect(service.run(job)).rejects.toThrow(JobRunningError);
    await runner.stop();
    await first;
    expect(job.runCount).toBe(1);
  });

  it.each(['success', 'guarded', 'stopped'] as const)(
    'answers with a run that ended with %s',
    async (outcome) => {
      const job = new StubJob('sync', () => ({ outcome, counts: { listed: 1 }, error: 'why' }));

      expect(await service.run(job)).toMatchObject({ outcome, counts: { listed: 1 }, error: 'why' });
    },
  );

  it.each([
    ['unavailable', PortalUnavailableError, 503],
    ['failed', JobFailedError, 500],
  ] as const)(
    'throws after a run that is %s, with its counts, and has recorded it',
    async (outcome, type, status) => {
      const job = new StubJob('cleanup', () => ({ outcome, counts: { deleted: 3 }, error: 'why' }));

      const run = service.run(job);

      await expect(run).rejects.toThrow(type);
      await expect(run).rejects.toMatchObject({ status, message: 'why', details: { deleted: 3 } });
      expect(store.recorded).toMatchObject([{ outcome }]);
    },
  );

  it('throws after a run that threw', async () => {
    const job = new StubJob('cleanup', () => {
      throw new Error('broken');
    });

    await expect(service.run(job)).rejects.toMatchObject({ code: 'JOB_FAILED', message: 'broken' });
  });

  it('throws what the table throws', async () => {
    store.failing.add('acquireLease');

    await expect(service.run(new StubJob())).rejects.toThrow(StoreUnavailableError);
  });
});

describe('JobsService.overview', () => {
  it('shows every job that never ran, and the worker as who runs them', async () => {
    expect(await service.overview()).toEqual({
      control: { runner: 'worker' },
      jobs: JOB_NAMES.map((name) => ({ name, intervalSeconds: INTERVAL_SECONDS[name], problems: [] })),
    });
  });

  it.each(JOB_OUTCOMES)('shows a last run that ended with %s', async (outcome) => {
    const run = sampleRun({ outcome });
    store.seedRun(run);

    const { jobs } = await service.overview();

    expect(jobs.find(({ name }) => name === 'cleanup')?.lastRun).toEqual(run);
    expect(jobs.find(({ name }) => name === 'sync')?.lastRun).toBeUndefined();
  });

  it('shows who is at a job now, and nobody once the lease is over', async () => {
    const lease = await store.acquireLease('sync', 'b', clock.nowMs(), LEASE_TTL_MS);
    const holderOfSync = async (): Promise<unknown> =>
      (await service.overview()).jobs.find(({ name }) => name === 'sync')?.lease;
    expect(await holderOfSync()).toEqual(lease);

    await clock.advance(LEASE_TTL_MS);
    expect(await holderOfSync()).toBeUndefined();
  });
});

describe('JobsService.overview, when the table fails', () => {
  it('fails with the first read that does, and leaves no other to fail unheard', async () => {
    const failure = new StoreUnavailableError('getRun', { cause: new Error('reset') });
    const halfDead = Object.assign(Object.create(store) as FakeJobStore, {
      getRun: () => Promise.reject(failure),
      // Still under way when the others have failed: nobody may wait for it first.
      getControl: () => new Promise<never>(() => undefined),
    });
    service = new JobsService({
      runner,
      store: halfDead,
      clock,
      intervalSeconds: INTERVAL_SECONDS,
      leaseTtlMs: LEASE_TTL_MS,
    });

    await expect(service.overview()).rejects.toBe(failure);
  });
});

describe('JobsService.setRunner', () => {
  it.each(['worker', 'api', 'none'] as const)(
    'says that %s runs the jobs, since when, why and by whose word',
    async (who) => {
      const control = { runner: who, reason: 'Incident 7', changedBy: 'ada', since: clock.nowSeconds() };

      expect(await service.setRunner(who, 'Incident 7', 'ada')).toEqual(control);

      expect((await service.overview()).control).toEqual(control);
    },
  );
});
