import { localTime, localTimeOfDay, relativeTime } from '../../../cli/text/times';

const NOW = Date.UTC(2026, 10, 23, 15, 0, 0);

it.each([
  [0, 'now'],
  [-400, 'now'],
  [-12_000, '12 s ago'],
  [-59_000, '59 s ago'],
  [-60_000, '1 min ago'],
  [-3_599_000, '59 min ago'],
  [-3_600_000, '1 h ago'],
  [-5_400_000, '1 h 30 min ago'],
  [-47 * 3_600_000, '47 h ago'],
  [-72 * 3_600_000, '3 days ago'],
  [20_000, 'in 20 s'],
  [600_000, 'in 10 min'],
])('tells %d ms from now as "%s"', (differenceMs, expected) => {
  expect(relativeTime(NOW + differenceMs, NOW)).toBe(expected);
});

it('gives the time of this machine, and an offset that leads back to the moment', () => {
  const text = localTime(NOW);
  const date = new Date(NOW);

  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  expect(Date.parse(text)).toBe(NOW);
  expect(Number(text.slice(11, 13))).toBe(date.getHours());
  expect(localTimeOfDay(NOW)).toBe(text.slice(11, 19));
});
