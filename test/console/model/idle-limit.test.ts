import { IdleLimit } from '../../../app/console/model/idle-limit';

const MINUTE_MS = 60_000;
const LIMIT_MS = 30 * MINUTE_MS;

let timeOfDayMs: number;
let monotonicMs: number;
let limit: IdleLimit;

beforeEach(() => {
  timeOfDayMs = Date.UTC(2026, 0, 1, 12);
  monotonicMs = 5_000;
  limit = new IdleLimit(LIMIT_MS, { timeOfDayMs: () => timeOfDayMs, monotonicMs: () => monotonicMs });
});

function pass(durationMs: number): void {
  timeOfDayMs += durationMs;
  monotonicMs += durationMs;
}

/** The machine sleeps, and its monotonic clock with it. */
function sleep(durationMs: number): void {
  timeOfDayMs += durationMs;
}

it('is reached exactly when nobody has touched the page for that long', () => {
  pass(LIMIT_MS - 1);
  expect(limit.isOver()).toBe(false);
  pass(1);
  expect(limit.isOver()).toBe(true);
});

it('begins again with each touch, and with nothing else', () => {
  pass(20 * MINUTE_MS);
  expect(limit.touch()).toBe(true);
  pass(20 * MINUTE_MS);
  expect(limit.isOver()).toBe(false);
  pass(10 * MINUTE_MS);
  expect(limit.isOver()).toBe(true);
});

it('counts a sleep in which no timer ran, so that the touch that ends it comes too late', () => {
  sleep(LIMIT_MS);
  expect(limit.touch()).toBe(false);
});

it('stays reached, whatever is touched and however the clocks go on', () => {
  sleep(LIMIT_MS);
  expect(limit.touch()).toBe(false);
  timeOfDayMs -= 10 * LIMIT_MS;
  expect(limit.touch()).toBe(false);
  pass(MINUTE_MS);
  expect(limit.isOver()).toBe(true);
});

it('is not put off by a clock that is set back', () => {
  pass(29 * MINUTE_MS);
  expect(limit.isOver()).toBe(false);
  timeOfDayMs -= 600 * MINUTE_MS;
  pass(MINUTE_MS);
  expect(limit.isOver()).toBe(true);
});

it('is not put off by a clock that is set back between two sleeps', () => {
  sleep(15 * MINUTE_MS);
  expect(limit.isOver()).toBe(false);
  timeOfDayMs -= 600 * MINUTE_MS;
  expect(limit.isOver()).toBe(false);
  sleep(15 * MINUTE_MS);
  expect(limit.isOver()).toBe(true);
});

it('is not put off by a clock that is set back again and again', () => {
  for (let minute = 0; minute < 30; minute += 1) {
    expect(limit.isOver()).toBe(false);
    pass(MINUTE_MS);
    timeOfDayMs -= 2 * MINUTE_MS;
  }
  expect(limit.isOver()).toBe(true);
});

it('counts time once, however often it is checked', () => {
  for (let second = 0; second < 29 * 60; second += 1) {
    pass(1_000);
    expect(limit.isOver()).toBe(false);
  }
  expect(limit.touch()).toBe(true);
});
