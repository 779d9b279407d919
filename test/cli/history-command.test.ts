import { historyCommand } from '../../cli/history-command';
import { workerAlarm } from '../alarms/rollback/rollback-world';
import { CliWorld } from './cli-world';

it('says so when nothing was done so far', async () => {
  const world = new CliWorld();

  expect(await historyCommand(world.context(), { limit: 10 })).toBe(0);
  expect(world.terminal.output).toBe('Nothing was done so far.');
});

it('tells what alarms and people did, newest first', async () => {
  const world = new CliWorld();
  await world.rollback.deliver(workerAlarm());
  world.rollback.nowMs += 120_000;
  await world.rollback.manual().resumeWorker({ by: 'alice', reason: 'mended' });

  await historyCommand(world.context(), { limit: 10 });

  const { output } = world.terminal;
  expect(output).toMatch(/^resume worker, now .*, by alice\n {2}reason: mended\n {2}finished after/);
  expect(output).toMatch(/rollback worker, 2 min ago .*, by alarm sandbox-broker-dev-worker-cpu-high/);
  expect(output).toMatch(/done +worker service +desired 0 \(was 1\)/);
});

it('says loudly that something is not finished, and after how many attempts', async () => {
  const world = new CliWorld();
  world.rollback.fail(['parameter.write']);
  await expect(world.rollback.deliver(workerAlarm())).rejects.toThrow();
  await expect(world.rollback.deliver(workerAlarm())).rejects.toThrow();

  await historyCommand(world.context(), { limit: 10 });

  expect(world.terminal.output).toMatch(/NOT FINISHED after .* in 2 attempts/);
});

it('reads page by page up to the limit, and no further', async () => {
  const world = new CliWorld();
  for (let index = 0; index < 130; index += 1) {
    world.rollback.nowMs += 1_000;
    const by = `person ${index}`;
    await world.rollback.manual()[index % 2 === 0 ? 'freeze' : 'unfreeze']({ by, reason: 'test' });
  }

  await historyCommand(world.context({ isJson: true }), { limit: 120 });

  const entries = world.terminal.json().entries as { cause: { name: string } }[];
  expect(entries).toHaveLength(120);
  expect(new Set(entries.map(({ cause }) => cause.name)).size).toBe(120);
  expect(entries[0]?.cause.name).toBe('person 129');
});
