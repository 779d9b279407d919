import { setImmediate as everythingElse } from 'node:timers/promises';
import { Readiness } from '../app/readiness';
import { StoreUnavailableError, type CallOptions } from '../app/store/sandbox-store';
import { FakeClock } from './fakes/fake-clock';
import { observe } from './fakes/observe';

const RESULT_LIFETIME_MS = 2_000;

function newBench(ping: (options?: CallOptions) => Promise<void>): {
  clock: FakeClock;
  pinged: jest.Mock;
  readiness: Readiness;
} {
  const clock = new FakeClock();
  const pinged = jest.fn(ping);
  return { clock, pinged, readiness: new Readiness({ ping: pinged }, clock) };
}

describe('Readiness', () => {
  it('is there when the table answers', async () => {
    const { readiness } = newBench(() => Promise.resolve());

    expect(await readiness.isTableReachable()).toBe(true);
  });

  it.each([
    ['is silent', () => Promise.reject(new Error('no connection'))],
    ['refuses us', () => Promise.reject(new TypeError('AccessDenied'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as bad a store as can be
    ['throws what is no error', () => Promise.reject('text')],
  ])('is not there, and nothing is thrown, when the table %s', async (_what, ping) => {
    const { readiness } = newBench(ping);

    expect(await readiness.isTableReachable()).toBe(false);
  });

  it.each([
    ['no answer', new Error('no connection'), 'unreachable'],
    ['a denial', Object.assign(new Error('denied'), { name: 'AccessDeniedException' }), 'access_denied'],
    [
      'a missing table',
      Object.assign(new Error('none'), { name: 'ResourceNotFoundException' }),
      'table_inaccessible',
    ],
  ])('tells %s apart', async (_what, cause, state) => {
    const { readiness } = newBench(() => Promise.reject(new StoreUnavailableError('ping', { cause })));

    expect(await readiness.tableState()).toBe(state);
  });

  it('is asked for at most once in two seconds, whatever the answer', async () => {
    const answers = [Promise.resolve(), Promise.reject(new Error('no connection')), Promise.resolve()];
    const { clock, pinged, readiness } = newBench(() => answers.shift() ?? Promise.resolve());

    expect(await readiness.isTableReachable()).toBe(true);
    await clock.advance(RESULT_LIFETIME_MS - 1);
    expect(await readiness.isTableReachable()).toBe(true);
    expect(pinged).toHaveBeenCalledTimes(1);

    await clock.advance(1);
    expect(await readiness.isTableReachable()).toBe(false);
    await clock.advance(RESULT_LIFETIME_MS - 1);
    expect(await readiness.isTableReachable()).toBe(false);
    expect(pinged).toHaveBeenCalledTimes(2);

    await clock.advance(1);
    expect(await readiness.isTableReachable()).toBe(true);
  });

  it('is shared by all who ask while the table has not answered yet', async () => {
    let answer: () => void = () => undefined;
    const { pinged, readiness } = newBench(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const asked = Array.from({ length: 100 }, () => observe(readiness.isTableReachable()));
    await everythingElse();
    expect(asked[0]?.state).toBe('pending');

    answer();
    await everythingElse();

    expect(new Set(asked.map(({ state }) => state))).toEqual(new Set([true]));
    expect(pinged).toHaveBeenCalledTimes(1);
  });

  it('gives up a table that does not answer in time', async () => {
    const { readiness } = newBench(
      (options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(new Error('given up'));
          });
        }),
    );

    expect(await readiness.isTableReachable()).toBe(false);
  });
});
