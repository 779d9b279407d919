import { runCommand } from '../../cli/run-command';
import { workerCommand, type WorkerAction } from '../../cli/worker-command';
import { TABLE_DOWN } from '../alarms/rollback/rollback-world';
import { CliWorld } from './cli-world';

jest.mock('node:os', () => ({ ...jest.requireActual<object>('node:os'), userInfo: jest.fn() }));
const os = jest.requireMock<{ userInfo: jest.Mock }>('node:os');

beforeEach(() => {
  os.userInfo.mockReturnValue({ username: 'ada' });
});

const YES = { isDryRun: false, isConfirmed: true };
const ASK = { isDryRun: false, isConfirmed: false };
const DRY = { isDryRun: true, isConfirmed: false };
const ROLLBACK: WorkerAction = { action: 'rollback_worker', reason: 'it burns', jobsRunner: 'api' };
const RESUME: WorkerAction = { action: 'resume_worker' };

it('stops the worker, hands over the jobs, and says how to undo it', async () => {
  const world = new CliWorld();

  expect(await workerCommand(world.context(), ROLLBACK, YES)).toBe(0);

  expect(await world.rollback.standing()).toEqual({ desiredCount: 0, parameterValue: 0, runner: 'api' });
  expect(await world.rollback.control()).toMatchObject({
    changedBy: 'arn:aws:iam::123456789012:user/alice',
    reason: 'it burns',
  });
  expect(world.terminal.output).toContain('Undo: npm run broker -- resume worker --env dev');
  expect(world.terminal.questions).toEqual([]);
});

it('resumes the worker', async () => {
  const world = new CliWorld();
  await workerCommand(world.context(), ROLLBACK, YES);
  world.rollback.nowMs += 60_000;

  expect(await workerCommand(world.context(), RESUME, YES)).toBe(0);
  expect(await world.rollback.standing()).toEqual({ desiredCount: 1, parameterValue: 1, runner: 'worker' });
});

it('warns of an alarm that is still on when the worker is resumed, as no rollback would follow', async () => {
  const world = new CliWorld();
  const stillOn = 'sandbox-broker-dev-worker-cpu-high';
  world.alarmStates = world.alarmStates.map((alarm) =>
    [stillOn, 'sandbox-broker-dev-pool-nearly-empty'].includes(alarm.name)
      ? { ...alarm, state: 'ALARM' }
      : alarm,
  );
  await workerCommand(world.context(), ROLLBACK, YES);
  expect(world.terminal.notes).toEqual([]);
  world.rollback.nowMs += 60_000;

  expect(await workerCommand(world.context(), RESUME, YES)).toBe(0);

  expect(world.terminal.notes).toEqual([expect.stringMatching(`^Still in ALARM: ${stillOn}\\. `)]);
});

it('resumes the worker when the alarms cannot be read', async () => {
  const world = new CliWorld();
  await workerCommand(world.context(), ROLLBACK, YES);
  world.failing.set('alarms', new Error('no answer'));
  world.rollback.nowMs += 60_000;

  expect(await workerCommand(world.context(), RESUME, YES)).toBe(0);
});

it('freezes and unfreezes the jobs', async () => {
  const world = new CliWorld();

  expect(await workerCommand(world.context(), { action: 'freeze', reason: 'portal' }, YES)).toBe(0);
  expect((await world.rollback.control()).runner).toBe('none');
  world.rollback.nowMs += 60_000;
  expect(await workerCommand(world.context(), { action: 'unfreeze' }, YES)).toBe(0);
  expect((await world.rollback.control()).runner).toBe('worker');
});

it('shows the plan before it asks, and does nothing after a no', async () => {
  const world = new CliWorld();
  world.terminal.answer = false;

  expect(await workerCommand(world.context(), ROLLBACK, ASK)).toBe(1);

  expect(world.terminal.questions).toHaveLength(1);
  expect(world.terminal.notes.join('\n')).toMatch(/planned +worker service +desired 0 \(was 1\)/);
  expect(world.rollback.writes).toEqual([]);
});

it('writes over an automatic freeze after a yes, and says that it did', async () => {
  const world = new CliWorld();
  const word = { runner: 'none', since: 1, changedBy: 'an alarm', byAutomation: true } as const;
  await world.rollback.jobs.setControl(word);

  expect(await workerCommand(world.context(), { action: 'freeze', reason: 'portal' }, ASK)).toBe(0);

  expect(world.terminal.questions).toHaveLength(1);
  expect(world.terminal.output).toContain('done in');
  expect(await world.rollback.control()).toMatchObject({ reason: 'portal' });
});

it('answers a no with one JSON document where JSON was asked for', async () => {
  const world = new CliWorld();
  world.terminal.answer = false;

  expect(await workerCommand(world.context({ isJson: true }), ROLLBACK, ASK)).toBe(1);

  expect(world.terminal.json()).toEqual({ error: 'Nothing was changed: the answer was no.' });
});

it('acts after a yes', async () => {
  const world = new CliWorld();

  expect(await workerCommand(world.context(), ROLLBACK, ASK)).toBe(0);
  expect(world.rollback.desiredCount).toBe(0);
});

it('does not ask when there is nothing to do, says so and ends with 0', async () => {
  const world = new CliWorld();
  await workerCommand(world.context(), ROLLBACK, YES);
  const again = new CliWorld();
  Object.assign(again, { rollback: world.rollback });

  expect(await workerCommand(again.context(), ROLLBACK, ASK)).toBe(0);

  expect(again.terminal.questions).toEqual([]);
  expect(again.terminal.output).toContain('nothing to do, it is so already');
});

it('plans without changing or recording anything in a dry run', async () => {
  const world = new CliWorld();

  expect(await workerCommand(world.context(), ROLLBACK, DRY)).toBe(0);

  expect(world.rollback.writes).toEqual([]);
  expect(await world.rollback.entries()).toEqual([]);
  expect(world.terminal.output).toContain('dry run, nothing was changed');
});

it('refuses before it looks at anything when nobody is there to ask', async () => {
  const world = new CliWorld();
  world.terminal.isInteractive = false;
  const global = { isJson: false, isVerbose: false };

  await expect(
    runCommand(world.context(), { global, command: 'worker', action: ROLLBACK, options: ASK }),
  ).rejects.toThrow('--yes');
  expect(
    await runCommand(world.context(), { global, command: 'worker', action: ROLLBACK, options: DRY }),
  ).toBe(0);
  expect(world.rollback.writes).toEqual([]);
});

it('ends with 3 when a part failed, does the rest, and says to repeat it', async () => {
  const world = new CliWorld();
  world.rollback.fail(['parameter.write']);

  expect(await workerCommand(world.context(), ROLLBACK, YES)).toBe(3);

  expect(world.rollback.desiredCount).toBe(0);
  expect(world.terminal.output).toContain('PARTLY FAILED');
  expect(world.terminal.output).toMatch(/failed +desired count for the next deploy +.*refused/);
  expect(world.terminal.output).toContain('Repeat the same command');
});

it('ends with 1 when nothing could be done', async () => {
  const world = new CliWorld();
  world.rollback.fail(['parameter.write', 'service.setDesiredCount', 'service.describe', ...TABLE_DOWN]);

  expect(await workerCommand(world.context(), ROLLBACK, YES)).toBe(1);
  expect(world.terminal.output).toContain('FAILED');
});

it('acts although AWS does not say who asks, and takes the name that is given before both', async () => {
  const unknown = new CliWorld();
  unknown.failing.set('identity', new Error('no answer'));
  const named = new CliWorld();

  await workerCommand(unknown.context(), ROLLBACK, YES);
  await workerCommand(named.context(), ROLLBACK, { ...YES, by: 'carol' });

  expect((await unknown.rollback.control()).changedBy).toBe('ada');
  expect((await named.rollback.control()).changedBy).toBe('carol');
});

it('needs no name of this machine’s user where AWS says who asks, and acts where neither does', async () => {
  os.userInfo.mockImplementation(() => {
    throw new Error('no such user');
  });
  const known = new CliWorld();
  const unknown = new CliWorld();
  unknown.failing.set('identity', new Error('no answer'));
  try {
    await workerCommand(known.context(), ROLLBACK, YES);
    await workerCommand(unknown.context(), ROLLBACK, YES);
  } finally {
    os.userInfo.mockReset();
  }

  expect((await known.rollback.control()).changedBy).toBe('arn:aws:iam::123456789012:user/alice');
  expect((await unknown.rollback.control()).changedBy).toBe('an unknown user');
});

it('gives its report as JSON', async () => {
  const world = new CliWorld();

  await workerCommand(world.context({ isJson: true }), ROLLBACK, YES);

  expect(world.terminal.json()).toMatchObject({
    action: 'rollback_worker',
    is_dry_run: false,
    exit_code: 0,
    has_failed: false,
    runner: 'api',
    steps: expect.arrayContaining([
      { step: 'worker_service', outcome: 'done', detail: 'desired 0 (was 1)' },
    ]) as unknown,
  });
});
