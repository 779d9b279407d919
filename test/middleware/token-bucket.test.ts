import { TokenBuckets } from '../../app/middleware/token-bucket';
import { FakeClock } from '../fakes/fake-clock';

let clock: FakeClock;
let buckets: TokenBuckets;

beforeEach(() => {
  clock = new FakeClock();
  buckets = new TokenBuckets({ perSecond: 2, burst: 3 }, clock);
});

/** Takes until a request is refused; how many passed. */
function drain(key: string): number {
  let passed = 0;
  while (passed < 100 && buckets.take(key).isAllowed) passed += 1;
  return passed;
}

it('lets a burst through, counting down, and then no more', () => {
  const verdicts = [1, 2, 3, 4, 5].map(() => buckets.take('a'));

  expect(verdicts.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false, false]);
  expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
  expect(verdicts.map(({ limit }) => limit)).toEqual([3, 3, 3, 3, 3]);
});

it('gives every key a bucket of its own', () => {
  drain('a');

  expect(drain('b')).toBe(3);
});

it('refills at its rate, part of a token by part', async () => {
  drain('a');
  await clock.advance(499);
  expect(buckets.take('a').isAllowed).toBe(false);
  await clock.advance(1);
  expect(buckets.take('a').isAllowed).toBe(true);
  expect(buckets.take('a').isAllowed).toBe(false);
});

it('never holds more than a burst', async () => {
  drain('a');
  await clock.advance(3_600_000);

  expect(drain('a')).toBe(3);
});

it('does not punish those who ask too early', async () => {
  drain('a');
  for (let asked = 0; asked < 50; asked += 1) {
    await clock.advance(10);
    const isDue = asked === 49;
    expect(buckets.take('a').isAllowed).toBe(isDue);
  }
});

it('says after how many whole seconds the next request would pass', async () => {
  buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, clock);
  expect(buckets.peek('a').retryAfterSeconds).toBe(0);
  buckets.take('a');
  expect(buckets.take('a').retryAfterSeconds).toBe(1);
  await clock.advance(999);
  expect(buckets.take('a').retryAfterSeconds).toBe(1);
  await clock.advance(1);
  expect(buckets.take('a').isAllowed).toBe(true);
});

it('never says zero to one whom it refuses', () => {
  buckets = new TokenBuckets({ perSecond: 1_000_000, burst: 1 }, clock);
  buckets.take('a');

  expect(buckets.take('a')).toMatchObject({ isAllowed: false, retryAfterSeconds: 1 });
});

it('shows what there is without taking any of it', () => {
  for (let looked = 0; looked < 10; looked += 1) {
    expect(buckets.peek('a')).toEqual({ isAllowed: true, limit: 3, remaining: 3, retryAfterSeconds: 0 });
  }
  drain('a');

  expect(buckets.peek('a')).toMatchObject({ isAllowed: false, remaining: 0 });
});

it('takes a clock that goes back for one that stands still', async () => {
  drain('a');
  await clock.advance(-60_000);

  expect(buckets.take('a').isAllowed).toBe(false);
});

it('forgets the key not used for longest, and no other, when there are 50,000', () => {
  drain('first');
  drain('second');
  for (let other = 0; other < 49_998; other += 1) buckets.take(`other-${other}`);
  expect(buckets.take('first').isAllowed).toBe(false);

  buckets.take('one too many');

  expect(buckets.peek('first').remaining).toBe(0);
  expect(buckets.peek('second').remaining).toBe(3);
});

it('keeps nothing for keys that were only looked at', () => {
  drain('a');
  for (let other = 0; other < 60_000; other += 1) buckets.peek(`other-${other}`);

  expect(buckets.peek('a').remaining).toBe(0);
});
