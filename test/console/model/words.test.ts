import {
  clockTime,
  countsInWords,
  duration,
  relativeTime,
  shortNumber,
  timeOfDay,
} from '../../../app/console/model/words';

describe('spans of time', () => {
  it.each([
    [0.0851, '86 ms'],
    [0, '0 s'],
    [59.4, '59 s'],
    [3_599, '59 min'],
    [3_600, '1 h'],
    [3_900, '1 h 5 min'],
    [200_000, '2 days'],
  ])('of %f s are told as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [100, 'now'],
    [40, '1 min ago'],
    [105, 'in 5 s'],
  ])('from now to second %i are told as %s', (atSeconds, text) => {
    expect(relativeTime(atSeconds, 100_000)).toBe(text);
  });
});

describe('times of the clock', () => {
  it('have a date when they are not of the last twelve hours', () => {
    const nowMs = new Date(2026, 10, 23, 18, 0, 0).getTime();
    const earlier = nowMs / 1000 - 13 * 3_600;

    expect(timeOfDay(nowMs)).toBe('18:00:00');
    expect(clockTime(nowMs / 1000 - 61, nowMs)).toBe('17:58:59');
    expect(clockTime(earlier, nowMs)).toBe('2026-11-23 05:00:00');
  });
});

describe('counts', () => {
  it('are told without those that are zero', () => {
    expect(countsInWords({ deleted: 3, failed: 0, some_thing: 1, otherThing: 2 })).toBe(
      'deleted 3, some thing 1, other thing 2',
    );
    expect(countsInWords({ deleted: 0 })).toBe('nothing');
  });

  it('are short on an axis', () => {
    expect([0, 0.0333, 2.5, 99.5, 1_200.4].map(shortNumber)).toEqual(['0', '0.0333', '2.5', '99.5', '1,200']);
  });
});
