import { apiAlarm, RollbackWorld, workerAlarm } from './rollback-world';

let world: RollbackWorld;

beforeEach(() => {
  world = new RollbackWorld();
});

const ROLLED_BACK = { desiredCount: 0, parameterValue: 0, runner: 'api' };
const RUNNING = { desiredCount: 1, parameterValue: 1, runner: 'worker' };
const ALARM_SECONDS = Math.floor(workerAlarm().atMs / 1000);

describe('an alarm of the worker', () => {
  it('stops the worker for now and for the next deploy, and hands the jobs to the API', async () => {
    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted', durationMs: 2_500 });

    expect(await world.standing()).toEqual(ROLLED_BACK);
  });

  it('names itself and its reason as who changed the runner, and keeps when a person last did', async () => {
    await world.jobs.setControl({ runner: 'worker', since: 1_000, changedBy: 'ada' });

    await world.deliver(workerAlarm());

    expect(await world.control()).toEqual({
      runner: 'api',
      since: Math.floor(world.nowMs / 1000),
      changedBy: 'alarm sandbox-broker-dev-worker-cpu-high of 2026-05-01T12:00:00.985Z',
      reason: workerAlarm().reason,
      byAutomation: true,
      personChangedAt: 1_000,
    });
  });

  it('is recorded with every step, and told once', async () => {
    await world.deliver(workerAlarm());

    const [entry, ...others] = await world.entries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      cause: { kind: 'alarm', name: 'sandbox-broker-dev-worker-cpu-high' },
      action: 'rollback_worker',
      attempts: 1,
      durationMs: 2_500,
      isFinished: true,
      announcedFailures: [],
    });
    expect(entry?.steps).toEqual([
      { step: 'desired_count_parameter', outcome: 'done', detail: '0 (was 1)' },
      { step: 'worker_service', outcome: 'done', detail: 'desired 0 (was 1)' },
      { step: 'jobs_runner', outcome: 'done', detail: 'api (was worker)' },
      { step: 'confirmation', outcome: 'done', detail: 'desired 0, running 1, pending 0' },
    ]);
    expect(world.published.map(({ subject }) => subject)).toEqual([
      'Worker stopped: sandbox-broker-dev-worker-cpu-high',
    ]);
  });

  it('freezes the jobs instead where that is configured', async () => {
    await world.responder('none').respond(workerAlarm());

    expect(await world.standing()).toEqual({ ...ROLLED_BACK, runner: 'none' });
  });

  it('does not give to the API what a person has frozen, but stops the worker', async () => {
    const frozen = { runner: 'none', since: 1_000, changedBy: 'ada', reason: 'portal maintenance' } as const;
    await world.jobs.setControl(frozen);

    await world.deliver(workerAlarm());

    expect(await world.standing()).toEqual({ ...ROLLED_BACK, runner: 'none' });
    expect(await world.control()).toEqual(frozen);
  });

  it('leaves the jobs in the API where they are already', async () => {
    await world.jobs.setControl({ runner: 'api', since: 1_000, changedBy: 'ada' });

    await world.responder('none').respond(workerAlarm());

    expect(await world.standing()).toEqual(ROLLED_BACK);
  });

  it('changes and tells nothing when it is delivered again after it was finished', async () => {
    await world.deliver(workerAlarm());
    const [before, control] = [await world.entries(), await world.control()];
    world.writes.length = 0;
    world.nowMs += 60_000;

    await expect(world.deliver(workerAlarm())).resolves.toEqual({ kind: 'finished_before' });

    expect(world.writes).toEqual([]);
    expect(world.published).toHaveLength(1);
    expect(await world.entries()).toEqual(before);
    expect(await world.control()).toEqual(control);
  });

  it('leaves alone what somebody has started in the console since it was finished', async () => {
    await world.deliver(workerAlarm());
    world.desiredCount = 1;

    await expect(world.deliver(workerAlarm())).resolves.toEqual({ kind: 'finished_before' });

    expect(world.desiredCount).toBe(1);
  });

  it('tells nothing when another delivery has finished it meanwhile', async () => {
    await world.deliver(workerAlarm());
    jest.spyOn(world.history, 'get').mockResolvedValueOnce(undefined);

    await expect(world.deliver(workerAlarm())).resolves.toEqual({ kind: 'finished_before' });

    expect(world.published).toHaveLength(1);
  });

  it('tells people when it has stopped once more what was started in the console', async () => {
    await world.deliver(workerAlarm());
    world.desiredCount = 1;
    jest.spyOn(world.history, 'get').mockRejectedValueOnce(new Error('too slow'));

    await expect(world.deliver(workerAlarm())).rejects.toThrow('history');

    expect(world.published[1]?.message).toContain('has now acted once more');
  });

  it('acts anew on its next change of state', async () => {
    await world.deliver(workerAlarm());
    world.nowMs += 3_600_000;
    await world.manual().resumeWorker({ by: 'ada', reason: 'mended' });
    expect(await world.standing()).toEqual(RUNNING);
    world.nowMs += 3_600_000;

    await world.deliver(workerAlarm({ atMs: world.nowMs - 1_000 }));

    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect(world.published).toHaveLength(2);
  });
});

describe('several alarms of the worker', () => {
  const cpu = workerAlarm();
  const memory = workerAlarm({ alarmName: 'sandbox-broker-dev-worker-memory-high' });

  it('end at 0 together when they come at once, with a record and a message each', async () => {
    await Promise.all([world.deliver(cpu), world.deliver(memory)]);

    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect((await world.entries()).map(({ isFinished }) => isFinished)).toEqual([true, true]);
    expect(world.published.map(({ subject }) => subject).sort()).toEqual([
      'Worker stopped: sandbox-broker-dev-worker-cpu-high',
      'Worker stopped: sandbox-broker-dev-worker-memory-high',
    ]);
  });

  it('find nothing left to do when one comes after the other', async () => {
    await world.deliver(cpu);
    const control = await world.control();
    world.writes.length = 0;

    await world.deliver(memory);

    expect(world.writes).toEqual([]);
    expect(await world.control()).toEqual(control);
    expect(world.published[1]?.message).toContain('0 already');
  });

  it('end at 0 when one event is delivered twice at once', async () => {
    await Promise.all([world.deliver(cpu), world.deliver(cpu)]);

    expect(await world.standing()).toEqual(ROLLED_BACK);
    expect(await world.entries()).toHaveLength(1);
  });
});

describe('an alarm of the API', () => {
  it('takes the jobs from the API, records and tells it', async () => {
    await world.deliver(workerAlarm());
    world.nowMs += 600_000;

    await expect(world.deliver(apiAlarm({ atMs: world.nowMs - 900 }))).resolves.toMatchObject({
      kind: 'acted',
    });

    expect(await world.standing()).toEqual({ desiredCount: 0, parameterValue: 0, runner: 'none' });
    expect((await world.entries())[0]).toMatchObject({ action: 'freeze_api_jobs', isFinished: true });
    expect(world.published[1]).toMatchObject({
      subject: 'Jobs taken from the API: sandbox-broker-dev-api-cpu-high',
      message: expect.stringContaining('npm run broker -- unfreeze') as string,
    });
  });

  it.each(['worker', 'none'] as const)('does nothing while %s runs the jobs', async (runner) => {
    const control = { runner, since: 1_000, changedBy: 'ada' };
    await world.jobs.setControl(control);

    await expect(world.deliver(apiAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect(await world.control()).toEqual(control);
    expect([world.published, await world.entries()]).toEqual([[], []]);
  });

  it('is ignored when a person has given the jobs to the API since', async () => {
    await world.jobs.setControl({ runner: 'api', since: ALARM_SECONDS + 1, changedBy: 'ada' });

    await expect(world.deliver(apiAlarm())).resolves.toMatchObject({ kind: 'ignored' });

    expect((await world.control()).runner).toBe('api');
  });

  it('tells once when two of them come at once', async () => {
    await world.jobs.setControl({ runner: 'api' });
    const memory = apiAlarm({ alarmName: 'sandbox-broker-dev-api-memory-high' });

    const responses = await Promise.all([world.deliver(apiAlarm()), world.deliver(memory)]);

    expect(responses.map(({ kind }) => kind).sort()).toEqual(['acted', 'ignored']);
    expect(world.published).toHaveLength(1);
  });

  it('keeps the jobs frozen when the worker’s alarm is delivered again', async () => {
    world.fail(['announcer.publish']);
    await expect(world.deliver(workerAlarm())).rejects.toThrow('announcement');
    world.fail([]);
    await world.deliver(apiAlarm({ atMs: world.nowMs }));

    await world.deliver(workerAlarm());

    expect((await world.control()).runner).toBe('none');
  });

  it('is loud when nobody can tell who runs the jobs, and finishes the next time', async () => {
    await world.jobs.setControl({ runner: 'api' });
    world.fail(['jobs.getControl']);
    await expect(world.deliver(apiAlarm())).rejects.toThrow('jobs_runner');
    expect(world.published[0]?.subject).toMatch(/^JOBS MAY STILL RUN IN THE API/);

    world.fail([]);
    await expect(world.deliver(apiAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect((await world.control()).runner).toBe('none');
    expect(world.published).toHaveLength(2);
  });
});
