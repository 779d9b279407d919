import { newFakeWorldTable } from './fake-world-table';
import type { Action, Command, Program } from './program';
import { runProgram } from './run-program';

jest.mock('lru-cache', () => jest.requireActual<object>('./small-lru-cache'));

const DAY_MS = 24 * 3_600_000;

/** A world in which nothing happens by chance. */
function program(pool: Program['pool'], actions: Action[]): Program {
  const commands = actions.map((action): Command => ({ ...action, process: 0, steps: 1_000, seed: 1 }));
  const faults = { refused: 0, unavailable: 0, lost: 0 };
  return {
    seed: 2,
    pool,
    table: 'usual',
    hasGuards: false,
    maxIndexLagMs: 0,
    maxPageSize: 100,
    faults,
    skewsMs: [0, 0],
    commands,
  };
}

const MARK: Action = { do: 'mark', caller: 'ann', whose: 'own', choice: 0 };
const CLEAN_UP: Action = { do: 'job', job: 'cleanup', onlyIfDue: false };
const SYNC: Action = { do: 'job', job: 'sync', onlyIfDue: false };
const WEEK_LATER: Action = { do: 'pass', durationMs: 8 * DAY_MS, isStalled: false };

/** Each world with the events that an earlier release made of it. */
describe('No second student gets a used account', () => {
  it.each([
    [
      'whose deletion the portal answers with 404, and lists it for ever',
      { do: 'spoil', fault: 'never found', choice: 0 },
    ],
    [
      'whose deletion the portal accepts and never carries out',
      { do: 'spoil', fault: 'never deleted', choice: 0 },
    ],
    ['that has another number now', { do: 'change number', change: 'renumber', choice: 0 }],
    ['that is listed under a second number, too', { do: 'spoil', fault: 'listed twice', choice: 0 }],
  ] satisfies [string, Action][])('%s', async (_what, lie) => {
    const next: Action = { do: 'allocate', caller: 'bob', key: 'k1' };
    const actions: Action[] = [lie, SYNC, MARK, CLEAN_UP, WEEK_LATER, CLEAN_UP, SYNC, next, SYNC, next];

    const counts = await runProgram(program(['allocated', 'available'], actions), newFakeWorldTable);

    expect(counts.get('mark 200')).toBe(1);
  });
});
