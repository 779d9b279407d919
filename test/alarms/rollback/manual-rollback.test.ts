import { UnreadableRecordError } from '../../../app/store/job-store';
import type { ActionReport } from '../../../alarms/rollback/rollback-dependencies';
import { RollbackWorld, TABLE_DOWN, workerAlarm } from './rollback-world';

let world: RollbackWorld;

beforeEach(() => {
  world = new RollbackWorld();
});

const ADA = { by: 'ada', reason: 'Incident 7' };
const RUNNING = { desiredCount: 1, parameterValue: 1, runner: 'worker' };
const ROLLED_BACK = { desiredCount: 0, parameterValue: 0, runner: 'api' };

function outcomes({ steps }: ActionReport): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]));
}

describe('rolling the worker back by hand', () => {
  it('does what the automation does, in the person’s name', async () => {
    const report = await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api' });

    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect(await world.control()).toEqual({
      runner: 'api',
      since: Math.floor(world.nowMs / 1000),
      changedBy: 'ada',
      reason: 'Incident 7',
    });
    expect(report).toMatchObject({
      action: 'rollback_worker',
      hasFailed: false,
      isUnchanged: false,
      runner: 'api',
      state: { desiredCount: 0, runningCount: 1 },
    });
    expect(await world.entries()).toMatchObject([
      {
        action: 'rollback_worker',
        cause: { kind: 'person', name: 'ada', reason: 'Incident 7' },
        isFinished: true,
      },
    ]);
  });

  it('keeps frozen what is frozen', async () => {
    await world.manual().freeze(ADA);

    await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api' });

    expect(await world.standing()).toEqual({ ...ROLLED_BACK, runner: 'none' });
  });

  it.each([
    ['api', 'none', 'none'],
    ['none', 'api', 'none'],
    ['api', 'api', 'api'],
  ] as const)('makes of jobs run by %s, asked for %s: %s', async (runner, jobsRunner, expected) => {
    await world.jobs.setControl({ runner, since: 1, changedBy: 'an alarm', byAutomation: true });

    await world.manual().rollbackWorker({ ...ADA, jobsRunner });

    expect(await world.standing()).toEqual({ ...ROLLED_BACK, runner: expected });
  });

  it('says that nothing was to be done the second time, and records nothing', async () => {
    await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api' });
    world.nowMs += 1_000;

    const report = await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api' });

    expect(report).toMatchObject({ hasFailed: false, isUnchanged: true });
    expect(await world.entries()).toHaveLength(1);
  });

  it('stops the worker with the table down, and says what failed', async () => {
    world.fail(TABLE_DOWN);

    const report = await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api' });

    expect([world.desiredCount, world.parameterValue]).toEqual([0, 0]);
    expect(report).toMatchObject({ hasFailed: true, isUnchanged: false });
    expect(outcomes(report)).toMatchObject({
      jobs_runner: 'failed',
      worker_service: 'done',
      history: 'failed',
    });
  });
});

describe('resuming the worker', () => {
  beforeEach(async () => {
    await world.deliver(workerAlarm());
    world.nowMs += 60_000;
  });

  it('starts it, now and for the next deploy, and gives it the jobs back', async () => {
    const report = await world.manual().resumeWorker(ADA);

    expect(await world.standing()).toEqual(RUNNING);
    expect(report).toMatchObject({ hasFailed: false, isUnchanged: false, runner: 'worker' });
    expect((await world.entries())[0]).toMatchObject({ action: 'resume_worker', cause: { name: 'ada' } });
  });

  it('counts as later than the rollback even where the person’s clock is an hour slow', async () => {
    world.nowMs -= 3_600_000;
    await world.manual().resumeWorker(ADA);
    world.nowMs += 3_600_000;

    const late = workerAlarm({ alarmName: 'sandbox-broker-dev-worker-memory-high' });
    await expect(world.deliver(late)).resolves.toMatchObject({ kind: 'ignored' });

    expect(await world.standing()).toEqual(RUNNING);
  });

  it('says first who runs the jobs, and leaves the worker alone if it cannot', async () => {
    world.fail(['jobs.changeControl']);

    const report = await world.manual().resumeWorker(ADA);

    expect(outcomes(report)).toEqual({ jobs_runner: 'failed' });
    expect(report.hasFailed).toBe(true);
    expect([world.desiredCount, world.parameterValue]).toEqual([0, 0]);
  });

  it.each(['parameter.write', 'service.setDesiredCount'] as const)(
    'finishes when it is repeated after a failure of %s',
    async (failure) => {
      world.fail([failure]);
      expect((await world.manual().resumeWorker(ADA)).hasFailed).toBe(true);
      world.fail([]);
      world.nowMs += 1_000;

      expect((await world.manual().resumeWorker(ADA)).hasFailed).toBe(false);

      expect(await world.standing()).toEqual(RUNNING);
    },
  );

  it('does not end what a person has frozen, but is later than old alarms all the same', async () => {
    await world.manual().freeze({ by: 'bob', reason: 'portal maintenance' });
    const frozenAt = (await world.control()).since;
    world.nowMs += 60_000;

    const report = await world.manual().resumeWorker(ADA);

    expect(await world.standing()).toEqual({ ...RUNNING, runner: 'none' });
    expect(await world.control()).toMatchObject({
      changedBy: 'bob',
      since: frozenAt,
      personChangedAt: Math.floor(world.nowMs / 1000),
    });
    expect(report.steps[2]?.detail).toContain('bob froze them (portal maintenance)');
  });

  it('ends what an alarm of the API has frozen', async () => {
    await world.jobs.setControl({ runner: 'none', since: 1, changedBy: 'alarm', byAutomation: true });

    await world.manual().resumeWorker(ADA);

    expect(await world.standing()).toEqual(RUNNING);
  });

  it('does not write over a word that a busy table did not tell', async () => {
    await world.manual().freeze({ by: 'bob', reason: 'portal maintenance' });
    world.fail(['jobs.getControl']);

    const report = await world.manual().resumeWorker(ADA);

    world.fail([]);
    expect(report.hasFailed).toBe(true);
    expect(await world.control()).toMatchObject({ runner: 'none', changedBy: 'bob' });
  });

  it('does not write over a word that it may not read', async () => {
    await world.manual().freeze({ by: 'bob', reason: 'portal maintenance' });
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const reading = jest.spyOn(world.jobs, 'getControl').mockRejectedValue(denied);

    const report = await world.manual().resumeWorker(ADA);

    reading.mockRestore();
    expect(outcomes(report)).toEqual({ jobs_runner: 'failed' });
    expect(await world.control()).toMatchObject({ runner: 'none', changedBy: 'bob' });
  });

  it('makes a person’s own what automation has said, though everything looks right already', async () => {
    await world.manual().resumeWorker(ADA);
    await world.jobs.setControl({ runner: 'worker', since: 1, changedBy: 'an alarm', byAutomation: true });
    world.nowMs += 60_000;

    const plan = await world.manual().resumeWorker({ ...ADA, isDryRun: true });
    const report = await world.manual().resumeWorker(ADA);

    expect(outcomes(plan).jobs_runner).toBe('planned');
    expect([plan.isUnchanged, report.isUnchanged]).toEqual([false, false]);
    expect(await world.control()).toMatchObject({ runner: 'worker', changedBy: 'ada' });
    expect((await world.entries())[0]).toMatchObject({ action: 'resume_worker', atMs: world.nowMs });
  });

  it('finds nothing to do when the same person says the same again', async () => {
    await world.manual().resumeWorker(ADA);
    world.nowMs += 60_000;

    expect(await world.manual().resumeWorker(ADA)).toMatchObject({ isUnchanged: true, hasFailed: false });
    expect(await world.manual().resumeWorker({ ...ADA, reason: 'Incident 8' })).toMatchObject({
      isUnchanged: false,
    });
  });

  it('mends a word on who runs the jobs that nobody can read', async () => {
    const reading = jest
      .spyOn(world.jobs, 'getControl')
      .mockImplementation(() => Promise.reject(new UnreadableRecordError('CONTROL#jobs/META', 'runner')));
    await world.manual().resumeWorker(ADA);
    reading.mockRestore();

    expect(await world.standing()).toEqual(RUNNING);
    expect(await world.control()).toMatchObject({ changedBy: 'ada' });
  });
});

describe('freezing the jobs', () => {
  it('stops the jobs and not the worker, and gives them back to the worker', async () => {
    await world.manual().freeze(ADA);
    expect(await world.standing()).toEqual({ ...RUNNING, runner: 'none' });
    world.nowMs += 60_000;

    await world.manual().unfreeze(ADA);

    expect(await world.standing()).toEqual(RUNNING);
    expect((await world.entries()).map(({ action }) => action).sort()).toEqual(['freeze', 'unfreeze']);
  });

  it('gives them to the API while the worker is rolled back', async () => {
    await world.deliver(workerAlarm());
    await world.manual().freeze(ADA);

    await world.manual().unfreeze(ADA);

    expect(await world.standing()).toEqual(ROLLED_BACK);
  });

  it('becomes a person’s own when an alarm has frozen them before', async () => {
    await world.jobs.setControl({ runner: 'none', since: 1, changedBy: 'alarm', byAutomation: true });

    const plan = await world.manual().freeze({ ...ADA, isDryRun: true });
    const report = await world.manual().freeze(ADA);

    expect([outcomes(plan), outcomes(report)]).toEqual([
      { jobs_runner: 'planned' },
      { jobs_runner: 'done', history: 'done' },
    ]);
    expect(await world.control()).toMatchObject({ runner: 'none', changedBy: 'ada' });
    expect(await world.control()).not.toHaveProperty('byAutomation');
    expect(await world.entries()).toMatchObject([{ action: 'freeze', cause: { name: 'ada' } }]);
  });

  it('keeps the first person’s word when another freezes them too', async () => {
    await world.manual().freeze(ADA);

    const report = await world.manual().freeze({ by: 'bob', reason: 'me too' });

    expect(report.isUnchanged).toBe(true);
    expect(await world.control()).toMatchObject({ changedBy: 'ada' });
  });

  it('has nothing to unfreeze while the jobs run', async () => {
    const report = await world.manual().unfreeze(ADA);

    expect(report).toMatchObject({ isUnchanged: true, hasFailed: false, runner: 'worker' });
    expect(await world.entries()).toEqual([]);
  });

  it('asks the service whether a worker is wanted when the parameter does not say', async () => {
    await world.manual().freeze(ADA);
    world.fail(['parameter.read']);

    await world.manual().unfreeze(ADA);

    expect((await world.control()).runner).toBe('worker');
  });

  it.each([
    { parameterValue: 1, desiredCount: 0 },
    { parameterValue: 0, desiredCount: 1 },
  ])(
    'gives them to no worker that is stopped, or will be: $parameterValue, $desiredCount',
    async (counts) => {
      await world.manual().freeze(ADA);
      Object.assign(world, counts);

      const report = await world.manual().unfreeze(ADA);

      expect((await world.control()).runner).toBe('api');
      expect(report.steps[0]?.detail).toBe(
        `api (workers wanted: parameter ${counts.parameterValue}, service ${counts.desiredCount})`,
      );
    },
  );

  it('guesses nothing when neither says', async () => {
    await world.manual().freeze(ADA);
    world.fail(['parameter.read', 'service.describe']);

    const report = await world.manual().unfreeze(ADA);

    expect(report.hasFailed).toBe(true);
    expect((await world.control()).runner).toBe('none');
  });
});

describe('a dry run', () => {
  it.each<[string, (dryRun: typeof ADA & { isDryRun: true }) => Promise<ActionReport>]>([
    ['rollback', (request) => world.manual().rollbackWorker({ ...request, jobsRunner: 'api' })],
    ['freeze', (request) => world.manual().freeze(request)],
  ])('of a %s tells what would change, and changes nothing', async (_what, run) => {
    const report = await run({ ...ADA, isDryRun: true });

    expect(Object.values(outcomes(report)).every((outcome) => outcome === 'planned')).toBe(true);
    expect(await world.standing()).toEqual(RUNNING);
    expect([world.writes, await world.entries()]).toEqual([[], []]);
  });

  it('of a resume tells what would change, and changes nothing', async () => {
    await world.deliver(workerAlarm());
    world.writes.length = 0;

    const report = await world.manual().resumeWorker({ ...ADA, isDryRun: true });

    expect(outcomes(report)).toEqual({
      desired_count_parameter: 'planned',
      worker_service: 'planned',
      jobs_runner: 'planned',
    });
    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect(world.writes).toEqual([]);
  });

  it('fails where the real one would: no such service', async () => {
    world.fail(['service.describe']);

    const report = await world.manual().rollbackWorker({ ...ADA, jobsRunner: 'api', isDryRun: true });

    expect(outcomes(report).worker_service).toBe('failed');
  });
});
