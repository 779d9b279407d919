import { patientStore, repeatPatiently } from '../../app/jobs/repeat-patiently';
import { StoreUnavailableError, type CallOptions } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';

const SILENT = new StoreUnavailableError('getRun', { cause: new Error('time-out') });

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

function tools(): { clock: FakeClock; random: () => number } {
  return { clock, random: () => 1 };
}

/** A call that throws these in turn, and then answers. */
function callAfter(errors: Error[]): jest.Mock<Promise<string>, [CallOptions?]> {
  return jest.fn(() => {
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('an answer');
  });
}

describe('repeatPatiently', () => {
  it('repeats while the table does not answer', async () => {
    const call = callAfter([SILENT, SILENT, SILENT]);

    expect(await clock.passUntil(repeatPatiently(call, tools()))).toBe('an answer');
    expect(call).toHaveBeenCalledTimes(4);
  });

  it('ends with what the last try threw', async () => {
    const call = callAfter(Array<Error>(10).fill(SILENT));

    await expect(clock.passUntil(repeatPatiently(call, tools()))).rejects.toBe(SILENT);
    expect(call).toHaveBeenCalledTimes(4);
  });

  it.each([
    ['an error of ours', new Error('a bug'), undefined],
    ['anything, once it is given up', SILENT, AbortSignal.abort()],
  ])('does not repeat after %s', async (_what, error, signal) => {
    const call = callAfter([error]);

    await expect(repeatPatiently(call, tools(), signal)).rejects.toBe(error);
    expect(call).toHaveBeenCalledTimes(1);
  });
});

describe('patientStore', () => {
  class Store {
    readonly name = 'a store';
    readonly #answers = callAfter([SILENT, SILENT]);

    read(options?: CallOptions): Promise<string> {
      return this.#answers(options);
    }

    write(): Promise<string> {
      return this.#answers();
    }
  }

  it('repeats the methods that it is told to, and leaves the others as they are', async () => {
    const store = patientStore(new Store(), ['read'], tools());

    await expect(store.write()).rejects.toBe(SILENT);
    expect(await clock.passUntil(store.read())).toBe('an answer');
    expect(store.name).toBe('a store');
  });

  it('stops when the signal of a call has fired', async () => {
    const store = patientStore(new Store(), ['read'], tools());

    await expect(store.read({ signal: AbortSignal.abort() })).rejects.toBe(SILENT);
  });
});
