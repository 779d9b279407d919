import { JobsService, type RunProgress } from '../../app/admin/jobs-service';
import { JobFailedError, JobRunningError, PortalUnavailableError, RunNotFoundError } from '../../app/errors';
import type { JobReport } from '../../app/jobs/job';
import type { JobRunner } from '../../app/jobs/job-runner';
import { JOB_NAMES, JOB_OUTCOMES, type JobRun } from '../../app/store/job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { recordingLogger, silentLogger } from '../fakes/loggers';
import { INTERVAL_SECONDS, LEASE_TTL_MS, newRunner, StubJob, untilStopped } from '../jobs/runner-harness';
import { sampleRun } from '../store/job-store-contract';

/** As long as a caller waits for a run to end. */
const WAIT_MS = 12_000;

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
    logger: silentLogger,
    intervalSeconds: INTERVAL_SECONDS,
    leaseTtlMs: LEASE_TTL_MS,
  });
});

describe('JobsService.run', () => {
  it('runs a job that is not due, under its lease, and records it', async () => {
    store.seedRun(sampleRun({ nextDueAt: clock.nowSeconds() + 1_000 }));

    expect(await service.run(new StubJob(), WAIT_MS)).toMatchObject({
      kind: 'ended',
      run: { outcome: 'success', counts: { deleted: 1 } },
    });

    expect(store.recorded).toHaveLength(1);
    expect(store.callCount('acquireLease')).toBe(1);
  });

  it('runs it whoever runs the jobs otherwise', async () => {
    for (const who of ['worker', 'api', 'none'] as const) {
      await store.setControl({ runner: who });
      expect(await service.run(new StubJob(), WAIT_MS)).toMatchObject({ run: { outcome: 'success' } });
    }
  });

  it('says that it is running when another process is at it, and again when this one is', async () => {
    const lease = await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    const job = new StubJob('cleanup', untilStopped);
    await expect(service.run(job, WAIT_MS)).rejects.toMatchObject({
      code: 'JOB_RUNNING',
      status: 409,
      details: { run_id: 'cleanup-1' },
    });
    expect(job.runCount).toBe(0);

    if (lease) await store.releaseLease(lease);
    const first = service.run(job, WAIT_MS);
    await clock.advance(1);
    await expect(service.run(job, WAIT_MS)).rejects.toThrow(JobRunningError);
    await runner.stop();
    await first;
    expect(job.runCount).toBe(1);
  });

  it.each(['success', 'guarded', 'stopped'] as const)(
    'answers with a run that ended with %s',
    async (outcome) => {
      const job = new StubJob('sync', () => ({ outcome, counts: { listed: 1 }, error: 'why' }));

      expect(await service.run(job, WAIT_MS)).toMatchObject({
        run: { outcome, counts: { listed: 1 }, error: 'why' },
      });
    },
  );

  it.each([
    ['unavailable', PortalUnavailableError, 503],
    ['failed', JobFailedError, 500],
  ] as const)(
    'throws after a run that is %s, with its counts, and has recorded it',
    async (outcome, type, status) => {
      const job = new StubJob('cleanup', () => ({ outcome, counts: { deleted: 3 }, error: 'why' }));

      const run = service.run(job, WAIT_MS);

      await expect(run).rejects.toThrow(type);
      await expect(run).rejects.toMatchObject({ status, message: 'why', details: { deleted: 3 } });
      expect(store.recorded).toMatchObject([{ outcome }]);
    },
  );

  it('throws after a run that threw', async () => {
    const job = new StubJob('cleanup', () => {
      throw new Error('broken');
    });

    await expect(service.run(job, WAIT_MS)).rejects.toMatchObject({ code: 'JOB_FAILED', message: 'broken' });
  });

  it('throws what the table throws', async () => {
    store.failing.add('acquireLease');

    await expect(service.run(new StubJob(), WAIT_MS)).rejects.toThrow(StoreUnavailableError);
  });
});

describe('JobsService.run, of a run that takes long', () => {
  /** A job that works until the test says how it ends. */
  function heldJob(): { job: StubJob; end: (report: JobReport) => void } {
    let end: (report: JobReport) => void = () => undefined;
    const report = new Promise<JobReport>((resolve) => {
      end = resolve;
    });
    return { job: new StubJob('cleanup', () => report), end };
  }

  it('answers when the wait is over and no sooner, and lets the run go on to its end', async () => {
    const { job, end } = heldJob();
    const answers: RunProgress[] = [];
    const answered = service.run(job, WAIT_MS).then((answer) => answers.push(answer));
    await clock.advance(WAIT_MS - 1);
    expect(answers).toEqual([]);

    await clock.advance(1);
    await answered;

    const startedAt = clock.nowSeconds() - WAIT_MS / 1_000;
    const run = { id: 'cleanup-1', job: 'cleanup', status: 'running', startedAt, runBy: 'a' };
    expect(answers).toEqual([{ kind: 'running', run }]);
    expect(job.contexts[0]?.signal.aborted).toBe(false);
    expect(await service.follow('cleanup-1')).toMatchObject({ status: 'running', runBy: 'a' });
    end({ outcome: 'guarded', counts: { deleted: 7 }, error: 'why' });
    await clock.advance(0);
    expect(await service.follow('cleanup-1')).toEqual({
      ...run,
      status: 'ended',
      result: expect.objectContaining({ outcome: 'guarded', counts: { deleted: 7 }, error: 'why' }) as JobRun,
    });
  });

  it('answers at once, but not before the run has its lease, when the caller does not wait', async () => {
    const { job, end } = heldJob();
    let answer: (() => void) | undefined;
    store.before = (operation) =>
      operation === 'acquireLease' ? new Promise<void>((resolve) => (answer = resolve)) : undefined;
    const answers: RunProgress[] = [];
    const answered = service.run(job, 0).then((progress) => answers.push(progress));
    await clock.advance(5_000);
    expect(answers).toEqual([]);

    answer?.();
    await clock.passUntil(answered);

    expect(answers).toMatchObject([{ kind: 'running', run: { id: 'cleanup-1' } }]);
    end({ outcome: 'success', counts: {} });
  });

  it('is refused at once when another has the lease, however short the wait', async () => {
    await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);

    await expect(clock.passUntil(service.run(new StubJob(), 0))).rejects.toThrow(JobRunningError);
  });

  it('is refused without the name of the other run when the table does not tell it', async () => {
    await store.acquireLease('cleanup', 'b', clock.nowMs(), LEASE_TTL_MS);
    store.failing.add('getLease');

    await expect(service.run(new StubJob(), WAIT_MS)).rejects.toMatchObject({
      code: 'JOB_RUNNING',
      details: undefined,
    });
  });

  it('fails nobody who is gone, and is lost, when it cannot be recorded in the end', async () => {
    const { job, end } = heldJob();
    const { logger, lines } = recordingLogger();
    service = new JobsService({
      runner,
      store,
      clock,
      logger,
      intervalSeconds: INTERVAL_SECONDS,
      leaseTtlMs: LEASE_TTL_MS,
    });
    await clock.passUntil(service.run(job, WAIT_MS));
    store.failing.add('recordRun');

    end({ outcome: 'success', counts: {} });
    await clock.advance(0);

    expect(lines.map(({ msg }) => msg)).toContain('the run ended after its answer and could not be recorded');
    expect(await service.follow('cleanup-1')).toEqual({
      id: 'cleanup-1',
      job: 'cleanup',
      status: 'lost',
      runBy: 'a',
    });
  });
});

describe('JobsService.follow', () => {
  it('tells of a run that another process has, from the table alone', async () => {
    const theirs = newRunner(store, clock, { holder: 'b' });
    const run = theirs.runNow(new StubJob('cleanup', untilStopped));
    await clock.advance(1);
    expect(await service.follow('cleanup-1')).toEqual({
      id: 'cleanup-1',
      job: 'cleanup',
      status: 'running',
      runBy: 'b',
    });

    await theirs.stop();
    await run;
    expect(await service.follow('cleanup-1')).toMatchObject({
      status: 'ended',
      runBy: 'b',
      result: { outcome: 'stopped' },
    });
  });

  it.each([
    '',
    'cleanup',
    'cleanup-',
    'cleanup-0',
    'cleanup-01',
    'cleanup-1x',
    'no-job-1',
    'sync-1',
    'cleanup-2',
  ])('knows no run %j', async (id) => {
    await service.run(new StubJob('cleanup'), WAIT_MS);

    await expect(service.follow(id)).rejects.toThrow(RunNotFoundError);
  });

  it('throws what the table throws', async () => {
    store.failing.add('getRunTraces');

    await expect(service.follow('sync-1')).rejects.toThrow(StoreUnavailableError);
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
      logger: silentLogger,
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
