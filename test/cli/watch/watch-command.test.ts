import { watchCommand } from '../../../cli/watch/watch-command';
import { CliWorld, PREFIX } from '../cli-world';

const TEN_MINUTES = { minutes: 10, intervalSeconds: 30 };

it('ends with 0 when the time is over and no alarm fired, after exactly that time', async () => {
  const world = new CliWorld();
  const startMs = world.rollback.nowMs;

  expect(await watchCommand(world.context(), { minutes: 1, intervalSeconds: 25 })).toBe(0);

  expect(world.rollback.nowMs - startMs).toBe(60_000);
  expect(world.sleptMs).toEqual([25_000, 25_000, 10_000]);
  expect(world.terminal.outLines.at(-1)).toContain('no alarm fired');
});

it('ends with 4 as soon as an alarm fires, and says which', async () => {
  const world = new CliWorld();
  world.onSleep = (count) => {
    if (count === 3) world.setAlarm('api-cpu-high', 'ALARM');
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(4);

  expect(world.sleptMs).toHaveLength(3);
  expect(world.terminal.output).toContain(`${PREFIX}-api-cpu-high: OK -> ALARM (Threshold Crossed)`);
});

it('prints each change once, and goes on', async () => {
  const world = new CliWorld();
  world.onSleep = (count) => {
    if (count === 2) world.api = { ...world.api, desiredCount: 5, pendingCount: 3 };
    if (count === 4)
      void world.rollback.jobs.setControl({ runner: 'none', changedBy: 'bob', reason: 'portal' });
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(0);

  const { output } = world.terminal;
  expect(output.split('desired 5, running 2, pending 3')).toHaveLength(2);
  expect(output.split('run by none, by bob (portal)')).toHaveLength(2);
});

it('does not end because an alarm was in ALARM before, unless it still is at the end', async () => {
  const mended = new CliWorld();
  mended.setAlarm('worker-cpu-high', 'ALARM');
  mended.onSleep = (count) => {
    if (count === 2) mended.setAlarm('worker-cpu-high', 'OK');
  };
  const standing = new CliWorld();
  standing.setAlarm('worker-cpu-high', 'ALARM');

  expect(await watchCommand(mended.context(), TEN_MINUTES)).toBe(0);
  expect(await watchCommand(standing.context(), TEN_MINUTES)).toBe(4);
  expect(standing.sleptMs).toHaveLength(20);
  expect(standing.terminal.output).toContain(`still in ALARM: ${PREFIX}-worker-cpu-high`);
});

it('counts an alarm that went to OK and fired again between two looks', async () => {
  const world = new CliWorld();
  world.setAlarm('worker-cpu-high', 'ALARM');
  world.onSleep = (count) => {
    if (count === 1) world.setAlarm('worker-cpu-high', 'ALARM');
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(4);
  expect(world.sleptMs).toHaveLength(1);
});

it('tells of an alarm that fired while the alarms could not be read, when they can be again', async () => {
  const world = new CliWorld();
  world.onSleep = (count) => {
    if (count === 2) world.failing.set('alarms', new Error('no network'));
    if (count === 3) world.setAlarm('worker-cpu-high', 'ALARM');
    if (count === 5) world.failing.delete('alarms');
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(4);

  expect(world.sleptMs).toHaveLength(5);
  expect(world.terminal.output.split('no network')).toHaveLength(2);
  expect(world.terminal.output).toContain('alarms can be read again');
});

it('counts an alarm that fired and ended between two looks', async () => {
  const world = new CliWorld();
  world.onSleep = (count) => {
    if (count === 2) world.setAlarm('worker-cpu-high', 'OK');
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(4);

  expect(world.sleptMs).toHaveLength(2);
  expect(world.terminal.output).toContain(
    `${PREFIX}-worker-cpu-high: OK again, and something else in between`,
  );
});

it.each([
  [
    2,
    0,
    'the time is over, and no alarm fired; the alarms could not be seen for 60 s (at most 60 s in a row)',
  ],
  [
    3,
    3,
    'the time is over; the alarms could not be seen for 90 s (at most 90 s in a row): whether one fired',
  ],
])(
  'after %d looks in a row without the alarms ends with %d, and says for how long',
  async (looks, code, text) => {
    const world = new CliWorld();
    world.onSleep = (count) => {
      if (count === 5) world.failing.set('alarms', new Error('no network'));
      if (count === 5 + looks) world.failing.delete('alarms');
    };

    expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(code);

    expect(world.terminal.outLines.at(-1)).toContain(text);
  },
);

it('tells source by source what cannot be read, from the first look on', async () => {
  const world = new CliWorld();
  world.rollback.fail(['jobs.getControl']);
  let toldAtFirst = '';
  world.onSleep = (count) => {
    if (count === 1) toldAtFirst = world.terminal.output;
    if (count === 2) world.failing.set('alarms', new Error('no network'));
    if (count === 3) world.failing.delete('alarms');
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(0);

  expect(toldAtFirst).toContain('who runs the jobs cannot be read');
  const lines = world.terminal.outLines.filter((line) => line.includes('read')).map((line) => line.slice(10));
  expect(lines).toEqual([
    expect.stringMatching(/^who runs the jobs cannot be read: .*no connection/),
    'alarms cannot be read: Error: no network',
    'alarms can be read again',
  ]);
});

it('does not call it well when the alarms cannot be read at the end', async () => {
  const world = new CliWorld();
  world.onSleep = () => {
    world.failing.set('alarms', new Error('no network'));
  };

  expect(await watchCommand(world.context(), TEN_MINUTES)).toBe(1);
  expect(world.terminal.outLines.at(-1)).toContain('not known');
});

it('refuses to watch what cannot be read at all, or has no alarm', async () => {
  const unreadable = new CliWorld();
  unreadable.failing.set('alarms', new Error('no network'));
  const without = new CliWorld();
  without.alarmStates = [];

  await expect(watchCommand(unreadable.context(), TEN_MINUTES)).rejects.toThrow('no network');
  await expect(watchCommand(without.context(), TEN_MINUTES)).rejects.toThrow('nothing to watch');
});

it('writes one JSON object a line', async () => {
  const world = new CliWorld();
  world.onSleep = () => {
    world.setAlarm('api-cpu-high', 'ALARM');
  };

  await watchCommand(world.context({ isJson: true }), TEN_MINUTES);

  const events = world.terminal.outLines.map((line) => JSON.parse(line) as { event: string; at: string });
  expect(events.map(({ event }) => event)).toEqual([
    'began',
    'began',
    'began',
    'began',
    'began',
    'alarm_fired',
    'ended',
  ]);
  expect(Date.parse(events.at(-1)?.at ?? '')).toBe(Math.floor(world.rollback.nowMs / 1000) * 1000);
});

it('stops when it is interrupted', async () => {
  const world = new CliWorld();
  world.onSleep = () => {
    world.ending.abort();
  };

  await expect(watchCommand(world.context(), TEN_MINUTES)).rejects.toThrow('aborted');
  expect(world.sleptMs).toHaveLength(1);
});
