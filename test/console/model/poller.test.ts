import { ApiError } from '../../../app/console/model/api-error';
import { Poller } from '../../../app/console/model/poller';

const PERIOD_MS = 10_000;
/** With the most that jitter adds. */
const PERIOD_AND_JITTER_MS = 12_000;

let isVisible: boolean;
let onChange: (() => void) | undefined;
let answers: (() => Promise<number>)[];
let calls: number;
let seen: (number | string)[];
let nextLooks: number[];
let poller: Poller<number>;

beforeEach(() => {
  jest.useFakeTimers();
  isVisible = true;
  calls = 0;
  answers = [];
  seen = [];
  nextLooks = [];
  poller = new Poller({
    visibility: {
      isVisible: () => isVisible,
      onChange: (listener) => {
        onChange = listener;
        return () => {
          onChange = undefined;
        };
      },
    },
    load: () => {
      calls += 1;
      return answers.shift()?.() ?? Promise.resolve(calls);
    },
    onData: (data) => seen.push(data),
    onError: (error, nextLookAtMs) => {
      seen.push(error.message);
      nextLooks.push(nextLookAtMs - Date.now());
    },
    periodMs: () => PERIOD_MS,
  });
});

afterEach(() => {
  poller.stop();
  jest.useRealTimers();
});

const fail = (retryAfterSeconds?: number) => (): Promise<number> =>
  Promise.reject(new ApiError('refused', 'refused', { retryAfterSeconds }));

function setVisible(value: boolean): void {
  isVisible = value;
  onChange?.();
}

it('asks at once, and again after each period', async () => {
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(seen).toEqual([1]);

  await jest.advanceTimersByTimeAsync(PERIOD_MS - 1);
  expect(seen).toEqual([1]);
  await jest.advanceTimersByTimeAsync(2_001);
  expect(seen).toEqual([1, 2]);
});

it('asks nothing while nobody looks, and at once when somebody does again', async () => {
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  setVisible(false);
  await jest.advanceTimersByTimeAsync(10 * PERIOD_MS);
  expect(calls).toBe(1);

  setVisible(true);
  await jest.advanceTimersByTimeAsync(0);
  expect(calls).toBe(2);
});

it('asks never twice at a time, and once more after an answer that was too early', async () => {
  let finish: (value: number) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (finish = resolve)));
  poller.start();
  poller.wake();
  poller.wake();
  await jest.advanceTimersByTimeAsync(10 * PERIOD_MS);
  expect(calls).toBe(1);

  finish(1);
  await jest.advanceTimersByTimeAsync(0);
  expect(calls).toBe(2);
});

it('waits as long as the API says, also when somebody looks again, and tells until when', async () => {
  answers.push(fail(60));
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  expect(nextLooks).toEqual([60_000]);
  setVisible(false);
  setVisible(true);
  await jest.advanceTimersByTimeAsync(59_999);
  expect(calls).toBe(1);

  await jest.advanceTimersByTimeAsync(1);
  expect(seen).toEqual(['refused', 2]);
});

it('waits for a minute at most, however long the API says', async () => {
  answers.push(fail(3_600));
  poller.start();
  await jest.advanceTimersByTimeAsync(59_999);
  expect(calls).toBe(1);
  expect(nextLooks).toEqual([60_000]);

  await jest.advanceTimersByTimeAsync(1);
  expect(calls).toBe(2);
});

it('is woken by an action, once, whatever the API says', async () => {
  answers.push(fail(60), fail(60));
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  poller.wake();
  await jest.advanceTimersByTimeAsync(0);
  expect(calls).toBe(2);

  await jest.advanceTimersByTimeAsync(59_999);
  expect(calls).toBe(2);
  await jest.advanceTimersByTimeAsync(1);
  expect(calls).toBe(3);
});

it('is woken by an action while it hears that it has to wait', async () => {
  let refuse: (error: ApiError) => void = () => undefined;
  answers.push(() => new Promise((_resolve, reject) => (refuse = reject)));
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  poller.wake();
  refuse(new ApiError('refused', 'refused', { retryAfterSeconds: 60 }));
  await jest.advanceTimersByTimeAsync(0);

  expect([calls, nextLooks]).toEqual([2, [0]]);
});

it('asks more and more seldom while it is refused, and at the usual pace afterwards', async () => {
  answers.push(fail(), fail());
  poller.start();
  await jest.advanceTimersByTimeAsync(PERIOD_AND_JITTER_MS);
  expect(calls).toBe(1);
  await jest.advanceTimersByTimeAsync(2 * PERIOD_AND_JITTER_MS - PERIOD_AND_JITTER_MS);
  expect(calls).toBe(2);

  await jest.advanceTimersByTimeAsync(36_000);
  expect(calls).toBe(3);
  await jest.advanceTimersByTimeAsync(PERIOD_AND_JITTER_MS);
  expect(calls).toBe(4);
});

it('tells nobody of an answer that comes after its end', async () => {
  let finish: (value: number) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (finish = resolve)));
  poller.start();
  await jest.advanceTimersByTimeAsync(0);
  poller.stop();
  finish(1);
  await jest.advanceTimersByTimeAsync(10 * PERIOD_MS);

  expect([calls, seen, onChange]).toEqual([1, [], undefined]);
});
