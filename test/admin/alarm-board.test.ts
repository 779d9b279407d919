import { AlarmBoard } from '../../app/admin/alarm-board';
import { AlarmsUnreadableError, type AlarmState } from '../../app/admin/alarm-states';
import { FakeClock } from '../fakes/fake-clock';
import { recordingLogger } from '../fakes/loggers';

const clock = new FakeClock();

function boardOf(list: () => Promise<AlarmState[]>): {
  board: AlarmBoard;
  asked: () => number;
  lines: { msg: string }[];
} {
  let count = 0;
  const { logger, lines } = recordingLogger();
  const counting = (): Promise<AlarmState[]> => {
    count += 1;
    return list();
  };
  const names = ['a', 'b', 'c', 'd'];
  return { board: new AlarmBoard({ names, list: counting }, clock, logger), asked: () => count, lines };
}

it('says that there is no CloudWatch outside AWS', async () => {
  const board = new AlarmBoard(undefined, clock, recordingLogger().logger);

  expect(await board.overview()).toEqual({
    isAvailable: false,
    reason: 'This system runs outside AWS: it has no CloudWatch alarms.',
  });
});

it('shows those in alarm first, then those without data, and names the missing ones', async () => {
  const { board } = boardOf(() =>
    Promise.resolve([
      { name: 'a', state: 'OK' },
      { name: 'c', state: 'ALARM' },
      { name: 'b', state: 'INSUFFICIENT_DATA' },
    ]),
  );

  const overview = await board.overview();

  expect(overview).toMatchObject({
    isAvailable: true,
    alarms: [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
    missing: ['d'],
  });
});

it('asks again after ten seconds, also when the clock was set back meanwhile', async () => {
  const { board, asked } = boardOf(() => Promise.resolve([]));
  await board.overview();
  clock.setBack(3_600_000);

  await clock.advance(10_000);
  await board.overview();

  expect(asked()).toBe(2);
});

it('asks CloudWatch at most once in ten seconds, for all who look', async () => {
  const { board, asked } = boardOf(() => Promise.resolve([]));

  await Promise.all([board.overview(), board.overview()]);
  await clock.advance(9_999);
  await board.overview();
  expect(asked()).toBe(1);
  await clock.advance(1);
  await board.overview();
  expect(asked()).toBe(2);
});

it('answers with the reason when the alarms cannot be read, and logs the cause', async () => {
  const { board, lines } = boardOf(() => Promise.reject(new AlarmsUnreadableError('No right to.')));

  expect(await board.overview()).toEqual({ isAvailable: false, reason: 'No right to.' });
  expect(lines.map(({ msg }) => msg)).toEqual(['the alarms could not be read']);
});

it('does not hide a fault of ours', async () => {
  const { board } = boardOf(() => Promise.reject(new TypeError('x is not a function')));

  await expect(board.overview()).rejects.toThrow(TypeError);
});
