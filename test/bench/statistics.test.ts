import { median, percentile, sum } from '../../bench/statistics';

describe('percentile', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('is the nearest rank: a value that was measured', () => {
    expect([50, 95, 99, 100].map((percent) => percentile(oneToHundred, percent))).toEqual([50, 95, 99, 100]);
    expect(percentile([10, 20], 50)).toBe(10);
    expect(percentile([10, 20], 51)).toBe(20);
  });

  it('sorts by size, not as text, and leaves the values where they were', () => {
    const values = [100, 9, 20];

    expect(percentile(values, 100)).toBe(100);
    expect(values).toEqual([100, 9, 20]);
  });

  it('of one value is that value', () => {
    expect([0, 1, 99].map((percent) => percentile([7], percent))).toEqual([7, 7, 7]);
  });

  it('of nothing is an error', () => {
    expect(() => percentile([], 50)).toThrow('There is no percentile of nothing');
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([9, 100, 1])).toBe(9);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow('There is no median of nothing');
  });
});

describe('sum', () => {
  it('adds up, and is zero for nothing', () => {
    expect(sum([1, 2, 3.5])).toBe(6.5);
    expect(sum([])).toBe(0);
  });
});
