import { ROLLBACK_STEPS } from '../../../app/store/rollback-history';
import { FakeRollbackHistory } from '../../fakes/fake-rollback-history';
import { apiAlarm, Killer, RollbackWorld, TABLE_DOWN, workerAlarm, type Failure } from './rollback-world';

let world: RollbackWorld;

beforeEach(() => {
  world = new RollbackWorld();
});

const ROLLED_BACK = { desiredCount: 0, parameterValue: 0, runner: 'api' };

/** What holds in the end, whatever went wrong on the way. */
async function expectFinished(): Promise<void> {
  expect(await world.standing()).toEqual(ROLLED_BACK);
  expect(await world.entries()).toEqual([
    expect.objectContaining({ isFinished: true, announcedFailures: [] }),
  ]);
  expect(world.published.at(-1)?.subject).toBe('Worker stopped: sandbox-broker-dev-worker-cpu-high');
}

describe('when a part of AWS does not answer', () => {
  const faults: [string, Failure[]][] = [
    ['SSM refuses to write', ['parameter.write']],
    ['SSM is down', ['parameter.read', 'parameter.write']],
    ['DynamoDB is down', TABLE_DOWN],
    ['the word on who runs the jobs cannot be read', ['jobs.getControl']],
    ['the word on who runs the jobs cannot be written', ['jobs.changeControl']],
    ['the record cannot be written', ['history.save']],
    ['SNS refuses', ['announcer.publish']],
    ['ECS tells nothing', ['service.describe']],
    ['everything but ECS is down', ['parameter.read', 'parameter.write', 'announcer.publish', ...TABLE_DOWN]],
  ];

  it.each(faults)('stops the worker all the same and fails loudly: %s', async (_what, failures) => {
    world.fail(failures);

    await expect(world.deliver(workerAlarm())).rejects.toThrow('is not complete');

    expect(world.desiredCount).toBe(0);
  });

  it.each(faults)('does what is missing at the next delivery: %s', async (_what, failures) => {
    world.fail(failures);
    await expect(world.deliver(workerAlarm())).rejects.toThrow('is not complete');
    const toldBefore = world.published.length;
    world.fail([]);

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    await expectFinished();
    expect(world.published).toHaveLength(toldBefore + 1);
  });

  it.each<[string, Failure[]]>([
    ['what the parameter was cannot be read', ['parameter.read']],
    ['what was done before cannot be read', ['history.get']],
  ])('needs no second delivery for what only a report needs: %s', async (_what, failures) => {
    world.fail(failures);

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    await expectFinished();
  });

  it('says that the worker may still run when ECS refuses, having done everything else', async () => {
    world.fail(['service.setDesiredCount']);

    await expect(world.deliver(workerAlarm())).rejects.toThrow('worker_service, confirmation');

    expect(await world.standing()).toEqual({ ...ROLLED_BACK, desiredCount: 1 });
    expect(world.published).toEqual([
      {
        subject: expect.stringMatching(/^WORKER MAY STILL RUN: /) as string,
        message: expect.stringContaining('service.setDesiredCount refused') as string,
      },
    ]);
    world.fail([]);
    await world.deliver(workerAlarm());
    await expectFinished();
  });

  it('tells people once of one and the same failure, however often it is tried', async () => {
    world.fail(['parameter.write']);
    for (let delivery = 0; delivery < 3; delivery += 1) {
      await expect(world.deliver(workerAlarm())).rejects.toThrow('desired_count_parameter');
    }

    expect(world.published).toHaveLength(1);
    expect(await world.entries()).toMatchObject([{ attempts: 3, isFinished: false }]);
  });

  it('tells in the end what the attempts have done together', async () => {
    world.fail(['parameter.write']);
    await expect(world.deliver(workerAlarm())).rejects.toThrow('desired_count_parameter');
    world.fail([]);
    await world.deliver(workerAlarm());

    expect(world.published[1]?.message).toContain('desired 0 (was 1)');
    expect((await world.entries())[0]?.steps.map(({ outcome }) => outcome)).toEqual(Array(4).fill('done'));
  });

  it('is done when only the note that people were told is lost', async () => {
    const { history } = world;
    const save = jest.spyOn(history, 'save');
    save.mockImplementationOnce((entry) => FakeRollbackHistory.prototype.save.call(history, entry));
    save.mockRejectedValueOnce(new Error('lost'));

    await expect(world.deliver(workerAlarm())).resolves.toMatchObject({ kind: 'acted' });

    expect(save).toHaveBeenCalledTimes(2);
    expect(await world.standing()).toEqual(ROLLED_BACK);
  });
});

describe('when the function is killed', () => {
  /** Every call that an undisturbed delivery makes. */
  const CALL_COUNT = 13;
  const kills = Array.from({ length: CALL_COUNT }, (_, call) => call).flatMap((call) => [
    [call, 'before'] as const,
    [call, 'after'] as const,
  ]);

  it('dies at every call that there is', async () => {
    const nobody = new Killer(-1, 'before');

    await world.responder('api', nobody.wrap).respond(workerAlarm());

    expect(nobody.callCount).toBe(CALL_COUNT);
  });

  it.each(kills)(
    'at call %d, %s its effect: the next delivery finishes, one more does nothing',
    async (call, when) => {
      const killer = new Killer(call, when);
      await world
        .responder('api', killer.wrap)
        .respond(workerAlarm())
        .catch(() => undefined);
      world.nowMs += 60_000;

      await world.deliver(workerAlarm());

      await expectFinished();
      expect(world.published.length).toBeLessThanOrEqual(2);
      world.writes.length = 0;
      const told = world.published.length;
      await expect(world.deliver(workerAlarm())).resolves.toEqual({ kind: 'finished_before' });
      expect(world.writes).toEqual([]);
      expect(world.published).toHaveLength(told);
    },
  );

  const FREEZE_CALL_COUNT = 6;

  it.each(Array.from({ length: FREEZE_CALL_COUNT }, (_, call) => call))(
    'after call %d of taking the jobs from the API: the next delivery finishes',
    async (call) => {
      await world.jobs.setControl({ runner: 'api' });
      const killer = new Killer(call, 'after');
      await world
        .responder('api', killer.wrap)
        .respond(apiAlarm())
        .catch(() => undefined);
      expect(killer.callCount).toBeGreaterThan(call);
      const changedAt = (await world.control()).since;
      world.nowMs += 60_000;

      await world.deliver(apiAlarm());

      expect((await world.control()).since).toBe(changedAt ?? Math.floor(world.nowMs / 1000));
      expect((await world.control()).runner).toBe('none');
      expect(await world.entries()).toEqual([expect.objectContaining({ isFinished: true })]);
      expect(world.published.at(-1)?.subject).toBe(
        'Jobs taken from the API: sandbox-broker-dev-api-cpu-high',
      );
    },
  );
});

it('knows only steps that the history can hold', async () => {
  world.fail(['history.save', 'parameter.write']);
  await expect(world.deliver(workerAlarm())).rejects.toMatchObject({
    failures: ROLLBACK_STEPS.filter((step) => ['desired_count_parameter', 'history'].includes(step)),
  });
});
