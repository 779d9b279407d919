import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { observe } from '../fakes/observe';
import { availableSandbox, staleSandbox } from '../fakes/sandbox-samples';
import { labsOfOneShard, newFinderHarness } from './finder-harness';

const SANDBOX = availableSandbox({ name: 'lab-1' });

/** How far two turns of the index are apart. */
const SECOND_LOOK_MS = 250;

describe('CandidateFinder, when nothing is left', () => {
  it('answers empty after two whole turns of the index, a quarter of a second apart', async () => {
    const { clock, table, take, pagesRead } = newFinderHarness([]);
    const read = jest.spyOn(table, 'findAvailable');
    const result = observe(take());

    await clock.advance(SECOND_LOOK_MS - 1);
    expect(result.state).toBe('pending');
    const pagesOfFirstTurn = pagesRead();

    await clock.advance(1);
    expect(result.state).toBe('empty');
    expect(pagesRead()).toBe(2 * pagesOfFirstTurn);
    const shards = read.mock.calls.map(([segment]) => segment.shard);
    expect(new Set(shards.slice(0, pagesOfFirstTurn)).size).toBe(8);
    expect(new Set(shards.slice(pagesOfFirstTurn)).size).toBe(8);
  });

  it('finds what appears between the two turns', async () => {
    const { clock, table, take } = newFinderHarness([]);
    const result = observe(take());
    await clock.advance(SECOND_LOOK_MS - 1);

    await table.add(SANDBOX);
    await clock.advance(1);

    expect(result.state).toEqual(SANDBOX);
  });

  it('believes "empty" for a second, also when the clock is set back by an hour', async () => {
    const { clock, table, take } = newFinderHarness([]);
    await clock.passUntil(take());
    clock.setBack(3_600_000);
    await table.add(SANDBOX);

    await clock.advance(1_000);

    expect(await take()).toEqual(SANDBOX);
  });

  it('counts the two turns anew when something was found between them', async () => {
    const { clock, table, take, finder } = newFinderHarness([]);
    const first = observe(take());
    const second = observe(take());
    await clock.advance(SECOND_LOOK_MS - 1);
    await table.add(SANDBOX);
    await clock.advance(1);
    expect([first.state, second.state]).toEqual([SANDBOX, 'pending']);

    finder.settle(SANDBOX, 'taken');
    await clock.advance(SECOND_LOOK_MS - 1);
    expect(second.state).toBe('pending');

    await clock.advance(SECOND_LOOK_MS + 1);
    expect(second.state).toBe('empty');
  });

  it('tells all who wait at once', async () => {
    const { clock, take, pagesRead } = newFinderHarness([]);
    const results = Array.from({ length: 100 }, () => observe(take()));

    await clock.advance(SECOND_LOOK_MS);

    expect(new Set(results.map(({ state }) => state))).toEqual(new Set(['empty']));
    expect(pagesRead()).toBeLessThanOrEqual(32);
  });

  it('goes on saying so for a second without looking, and then looks anew', async () => {
    const { clock, table, take, pagesRead } = newFinderHarness([]);
    const first = take();
    await clock.advance(SECOND_LOOK_MS);
    expect(await first).toBe('empty');
    const pagesBefore = pagesRead();
    await table.add(SANDBOX);

    await clock.advance(999);
    expect(await take()).toBe('empty');
    expect(pagesRead()).toBe(pagesBefore);

    await clock.advance(1);
    expect(await take()).toEqual(SANDBOX);
  });

  describe('and those who waited have left', () => {
    it('lets nobody who comes later believe what a look saw before, however long that look takes', async () => {
      const { clock, table, take } = newFinderHarness([]);
      const look = jest.spyOn(table, 'findAvailable');
      const patience = new AbortController();
      const impatient = observe(take(undefined, { signal: patience.signal }));
      await clock.advance(SECOND_LOOK_MS - 1);
      // The last page of the second turn stays away for long, as when the process stands still.
      const pagesOfOneTurn = look.mock.calls.length;
      for (let page = 1; page < pagesOfOneTurn; page += 1) {
        look.mockImplementationOnce(() => Promise.resolve({ items: [] }));
      }
      look.mockImplementationOnce(async () => {
        await clock.sleep(20_000);
        return { items: [] };
      });
      await clock.advance(1);
      patience.abort();
      await table.add(SANDBOX);
      await clock.advance(19_999);

      const late = observe(take());
      await clock.advance(1);

      expect([impatient.state, late.state]).toEqual(['timeout', SANDBOX]);
    });

    it('tells nobody who comes later that their look has failed', async () => {
      const { clock, table, take } = newFinderHarness([SANDBOX]);
      jest.spyOn(table, 'findAvailable').mockImplementationOnce(async () => {
        await clock.sleep(20_000);
        throw new StoreUnavailableError('findAvailable', { cause: new Error('no connection') });
      });
      const patience = new AbortController();
      void take(undefined, { signal: patience.signal });
      await clock.advance(19_999);
      patience.abort();

      const late = observe(take());
      await clock.advance(1);

      expect(late.state).toEqual(SANDBOX);
    });
  });

  it('says so of one prefix only', async () => {
    const { clock, take } = newFinderHarness([SANDBOX]);
    const other = observe(take('other-'));
    await clock.advance(SECOND_LOOK_MS);
    expect(other.state).toBe('empty');

    expect(await take('lab-')).toEqual(SANDBOX);
    expect(await take('other-')).toBe('empty');
  });

  it('never says so while somebody holds a candidate that may come back', async () => {
    const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
    const candidate = await takeOne();
    const waiting = observe(take());

    await clock.advance(60_000);
    expect(waiting.state).toBe('pending');

    finder.settle(candidate, 'returned');
    await clock.advance(0);
    expect(waiting.state).toEqual(SANDBOX);
  });

  it('never says so while a candidate is held that the index lists no longer', async () => {
    const { clock, table, take, takeOne, finder } = newFinderHarness([SANDBOX]);
    const candidate = await takeOne();
    table.seed({ sandboxes: [staleSandbox()] });
    const waiting = observe(take());

    await clock.advance(60_000);
    expect(waiting.state).toBe('pending');

    finder.settle(candidate, 'returned');
    await clock.advance(0);
    expect(waiting.state).toEqual(SANDBOX);
  });

  it('never says so while a candidate is held that appeared behind its back', async () => {
    const { clock, table, take, takeOne, finder } = newFinderHarness([]);
    let lastPage: () => void = () => undefined;
    const reallyFind = table.findAvailable.bind(table);
    jest.spyOn(table, 'findAvailable').mockImplementation(async (segment, page) => {
      const found = await reallyFind(segment, page);
      // The index is slow to answer the one who looks for labs, so that what it says is out of date.
      if (segment.by === 'name') await new Promise<void>((resolve) => (lastPage = resolve));
      return found;
    });
    const readPages = async (count: number): Promise<void> => {
      for (let page = 0; page < count; page += 1) {
        lastPage();
        await clock.advance(0);
      }
    };
    const waiting = observe(take('lab-'));
    await clock.advance(0);
    await readPages(8);
    await clock.advance(SECOND_LOOK_MS);
    await readPages(7);
    await table.add(SANDBOX);
    const candidate = await takeOne();
    await readPages(1);
    expect(waiting.state).toBe('pending');

    finder.settle(candidate, 'returned');
    await clock.advance(0);

    expect(waiting.state).toEqual(SANDBOX);
  });

  it('says so while somebody holds a candidate that would not do', async () => {
    const { clock, take, takeOne } = newFinderHarness([SANDBOX]);
    await takeOne();
    const waiting = observe(take('other-'));

    await clock.advance(SECOND_LOOK_MS);

    expect(waiting.state).toBe('empty');
  });

  it('says so, after two turns, when the held candidate turns out to be taken', async () => {
    const { clock, table, take, takeOne, finder } = newFinderHarness([SANDBOX]);
    const candidate = await takeOne();
    const waiting = observe(take());
    await clock.advance(1_000);

    table.seed({ sandboxes: [staleSandbox()] });
    finder.settle(candidate, 'taken');
    await clock.advance(SECOND_LOOK_MS - 1);
    expect(waiting.state).toBe('pending');

    await clock.advance(SECOND_LOOK_MS + 1);
    expect(waiting.state).toBe('empty');
  });

  describe('while the index lags', () => {
    it('never offers again what was taken, though it is still listed', async () => {
      // The last of them are neither on the first nor on the last page.
      const pool = labsOfOneShard(60);
      const { take, takeOne, finder, clock } = newFinderHarness(pool, { indexLagMs: 60_000 });
      const offered: string[] = [];
      while (offered.length < pool.length) {
        const candidate = await takeOne('lab-');
        offered.push(candidate.sandboxId);
        finder.settle(candidate, 'taken');
      }
      expect(new Set(offered).size).toBe(pool.length);

      const late = observe(take());
      await clock.advance(2_000);
      expect(late.state).toBe('empty');
    });

    it('answers empty when it lists only what was taken', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX], { indexLagMs: 60_000 });
      finder.settle(await takeOne('lab-'), 'taken');
      const results = [observe(take()), observe(take('lab-'))];

      await clock.advance(SECOND_LOOK_MS);

      expect(results.map(({ state }) => state)).toEqual(['empty', 'empty']);
    });
  });
});
