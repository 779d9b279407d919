import { inTurns, spread, type Build } from '../../../bench/partial-failure/builds';

const build = (key: Build['key']): Build => ({ key, label: key, bundleDirectory: key });

describe('inTurns', () => {
  it('lets the builds begin in turn', async () => {
    const order: string[] = [];
    const rounds = await inTurns([build('current'), build('compared')], 3, ({ key }, round) => {
      order.push(`${key} ${round}`);
      return Promise.resolve(round);
    });

    expect(order).toEqual(['current 1', 'compared 1', 'compared 2', 'current 2', 'current 3', 'compared 3']);
    expect([...rounds.values()]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
});

describe('spread', () => {
  it('shows the middle value between the smallest and the largest, and one value when all are the same', () => {
    expect(spread([30, 0, 12], String)).toBe('12 (0–30)');
    expect(spread([7, 7], String)).toBe('7');
  });
});
