import { RollbackWorld, workerAlarm } from './rollback-world';

let world: RollbackWorld;

beforeEach(() => {
  world = new RollbackWorld();
});

const ROLLED_BACK = { desiredCount: 0, parameterValue: 0, runner: 'api' };
const RUNNING = { desiredCount: 1, parameterValue: 1, runner: 'worker' };
const ALARM_SECONDS = Math.floor(workerAlarm().atMs / 1000);
const NOBODY_RUNS_THE_JOBS = {
  subject: 'Worker stopped, rollback INCOMPLETE: sandbox-broker-dev-worker-cpu-high',
  message: expect.stringContaining(
    'nobody runs the jobs: the worker was stopped after ada had spoken: resume worker',
  ) as string,
};

describe('an alarm from before a person’s change', () => {
  it.each<[string, (account: RollbackWorld) => Promise<unknown>]>([
    ['a resume', (account) => account.manual().resumeWorker({ by: 'ada', reason: 'mended' })],
    ['a freeze', (account) => account.manual().freeze({ by: 'ada', reason: 'maintenance' })],
    [
      'a word through the admin API',
      ({ jobs }) => jobs.setControl({ runner: 'worker', since: ALARM_SECONDS + 2, changedBy: 'admin API' }),
    ],
  ])('changes, records and tells nothing after %s', async (_what, change) => {
    await change(world);
    const before = {
      ...(await world.standing()),
      control: await world.control(),
      count: (await world.entries()).length,
    };
    world.writes.length = 0;

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect({
      ...(await world.standing()),
      control: await world.control(),
      count: (await world.entries()).length,
    }).toEqual(before);
    expect(world.writes).toEqual([]);
    expect(world.published).toEqual([]);
  });

  it('is still ignored when automation has had a say after the person', async () => {
    await world.jobs.setControl({
      runner: 'worker',
      since: ALARM_SECONDS + 10,
      changedBy: 'another alarm',
      byAutomation: true,
      personChangedAt: ALARM_SECONDS + 1,
    });
    world.nowMs += 60_000;

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect(await world.standing()).toEqual(RUNNING);
  });

  it('is ignored after a resume that left the jobs frozen, however long ago they were frozen', async () => {
    await world.jobs.setControl({ runner: 'none', since: 1_000, changedBy: 'bob' });
    await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect(world.desiredCount).toBe(1);
  });

  it('does not undo a resume when a delivery that failed half-way is repeated', async () => {
    world.fail(['announcer.publish']);
    await expect(world.deliver(workerAlarm())).rejects.toThrow('announcement');
    world.fail([]);
    await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect(await world.standing()).toEqual(RUNNING);
  });
});

describe('an alarm that is not older than a person’s change', () => {
  it.each([
    ['in the same second', ALARM_SECONDS],
    ['before the alarm', ALARM_SECONDS - 1],
    // A clock so wrong says nothing, and must not silence alarms.
    ['in six seconds, by the clock of somebody’s computer', ALARM_SECONDS + 9],
    ['in an hour, by the clock of somebody’s computer', ALARM_SECONDS + 3_600],
  ])('acts when the person spoke %s', async (_when, since) => {
    await world.jobs.setControl({ runner: 'worker', since, changedBy: 'ada' });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect(await world.standing()).toEqual(ROLLED_BACK);
  });

  it.each([
    ['a person’s change that automation hands on', { since: ALARM_SECONDS - 60, byAutomation: true }],
    ['a person’s change next to an older one', { since: ALARM_SECONDS - 60 }],
  ])('acts when %s is dated a year ahead, and hands no such time on', async (_what, control) => {
    const personChangedAt = ALARM_SECONDS + 31_536_000;
    await world.jobs.setControl({ runner: 'worker', changedBy: 'ada', ...control, personChangedAt });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect((await world.control()).personChangedAt ?? 0).toBeLessThan(personChangedAt);
  });

  it('acts whatever entries of the history lie in the future', async () => {
    const { atMs, alarmName } = workerAlarm();
    const year = 31_536_000_000;
    await world.history.save({
      atMs: atMs + year,
      cause: { kind: 'alarm', name: alarmName, reason: 'a wrong clock' },
      action: 'rollback_worker',
      steps: [],
      durationMs: 1,
      attempts: 1,
      isFinished: true,
    });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect(await world.standing()).toEqual(ROLLED_BACK);
  });

  it('stops the worker, and says what failed, when who runs the jobs cannot be read', async () => {
    world.jobs.unreadable.add('CONTROL#jobs');

    await expect(world.deliver(workerAlarm())).rejects.toThrow('jobs_runner');

    expect([world.desiredCount, world.parameterValue]).toEqual([0, 0]);
    expect(world.published).toHaveLength(1);
  });

  it('stops the worker, and leaves the jobs, when another release has said who runs them', async () => {
    await world.jobs.setControl({ runner: 'unknown', storedRunner: 'batch', since: 1 });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect([world.desiredCount, world.parameterValue]).toEqual([0, 0]);
    expect(await world.control()).toMatchObject({ storedRunner: 'batch' });
  });

  it('is ignored when the person’s clock is ahead by no more than clocks are', async () => {
    await world.jobs.setControl({ runner: 'worker', since: ALARM_SECONDS + 8, changedBy: 'ada' });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });
  });

  it('does not count another alarm’s change as a person’s', async () => {
    await world.jobs.setControl({ runner: 'worker', since: ALARM_SECONDS + 1, byAutomation: true });

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });
  });

  it('does not write over a person who has spoken while it acted, and says so', async () => {
    let hasSpoken = false;
    world.jobs.before = async (operation) => {
      if (operation !== 'changeControl' || hasSpoken) return;
      hasSpoken = true;
      await world.jobs.setControl({ runner: 'worker', since: ALARM_SECONDS + 2, changedBy: 'ada' });
    };

    await expect(world.deliver(workerAlarm())).rejects.toThrow('jobs_runner');

    expect(await world.control()).toMatchObject({ runner: 'worker', changedBy: 'ada' });
    expect(world.published).toEqual([NOBODY_RUNS_THE_JOBS]);
    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'ignored' });
  });

  it('says that it is enough when a person has meanwhile given the jobs to the API', async () => {
    world.jobs.before = async (operation) => {
      if (operation !== 'changeControl') return;
      world.jobs.before = () => undefined;
      await world.jobs.setControl({ runner: 'api', since: ALARM_SECONDS + 2, changedBy: 'ada' });
    };

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect(world.published[0]?.message).toContain('ada has meanwhile said so; resume the worker');
  });

  it.each(['before', 'after'] as const)(
    'is loud when a person has resumed the worker while ECS was slow to stop it, %s the jobs were handed over',
    async (when) => {
      const { service } = world;
      const setDesiredCount = service.setDesiredCount.bind(service);
      const slow = jest.spyOn(service, 'setDesiredCount').mockImplementationOnce(async (count) => {
        while (when === 'after' && (await world.control()).runner === 'worker') await Promise.resolve();
        slow.mockRestore();
        await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });
        await setDesiredCount(count);
      });

      await expect(world.deliver(workerAlarm())).rejects.toThrow('is not complete');

      expect([world.desiredCount, (await world.control()).runner]).toEqual([0, 'worker']);
      expect(world.published).toEqual([NOBODY_RUNS_THE_JOBS]);
    },
  );

  it('is loud when nobody could tell at first that a person had resumed the worker', async () => {
    await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });
    jest.spyOn(world.jobs, 'getControl').mockRejectedValueOnce(new Error('too slow'));

    await expect(world.deliver(workerAlarm())).rejects.toThrow('jobs_runner');

    expect(world.published).toEqual([NOBODY_RUNS_THE_JOBS]);
  });

  it('tells people when it has stopped what was resumed since, unable to see in time that it was finished', async () => {
    await world.deliver(workerAlarm());
    world.nowMs += 60_000;
    await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });
    jest.spyOn(world.history, 'get').mockRejectedValueOnce(new Error('too slow'));
    jest.spyOn(world.jobs, 'getControl').mockRejectedValueOnce(new Error('too slow'));
    world.nowMs += 60_000;

    await expect(world.deliver(workerAlarm())).rejects.toThrow('jobs_runner, history');

    expect(world.published).toHaveLength(2);
    expect(world.published[1]).toEqual(NOBODY_RUNS_THE_JOBS);
    await expect(world.deliver(workerAlarm())).resolves.toEqual({ kind: 'finished_before' });
  });
});
