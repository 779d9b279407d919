import { setImmediate as everythingElse } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CandidateFinder } from '../../app/allocation/candidate-finder';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { stock } from '../../app/allocation/transitions';
import type { AvailableSegment } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { observe } from '../fakes/observe';
import { availableSandbox, availableSandboxes } from '../fakes/sandbox-samples';
import { seededRandom } from '../fakes/seeded-random';
import { labsOfOneShard, newFinderHarness } from './finder-harness';

const SANDBOX = availableSandbox({ name: 'lab-1' });
const ALL_SEGMENTS_OF_A_TURN = 16;

function idsOf(results: unknown[]): string[] {
  return (results as AvailableSandbox[]).map(({ sandboxId }) => sandboxId);
}

describe('CandidateFinder', () => {
  it('offers different candidates to all who ask at once', async () => {
    const pool = availableSandboxes(50);
    const { take } = newFinderHarness(pool);

    const results = await Promise.all(pool.map(() => take()));

    expect(idsOf(results).sort()).toEqual(idsOf(pool).sort());
  });

  it('offers none a second time before it is settled, whatever the prefix', async () => {
    const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
    const candidate = await takeOne();
    const others = [observe(take()), observe(take('lab')), observe(take('lab-1'))];

    await clock.advance(10_000);
    expect(others.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);

    finder.settle(candidate, 'returned');
    await clock.advance(500);
    expect(others.filter(({ state }) => state !== 'pending')).toHaveLength(1);
  });

  describe('that keeps candidates for one prefix', () => {
    const pool = labsOfOneShard(5);

    it('does not offer them while they are held by way of another', async () => {
      const { clock, take, takeOne } = newFinderHarness(pool);
      await takeOne('lab-');

      const others = await Promise.all([take(), take(), take(), take()]);
      const late = observe(take('lab-'));
      await clock.advance(100);

      expect(new Set(idsOf(others)).size).toBe(4);
      expect(late.state).toBe('pending');
    });

    it('does not offer them once they were taken by way of another', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness(pool, { indexLagMs: 60_000 });
      finder.settle(await takeOne('lab-'), 'taken');
      const others = [await takeOne(), await takeOne(), await takeOne(), await takeOne()];
      for (const other of others) finder.settle(other, 'taken');

      const late = observe(take('lab-'));
      await clock.advance(500);

      expect(late.state).toBe('empty');
    });
  });

  it('reads the index once for all who wait', async () => {
    const { take, pagesRead } = newFinderHarness(availableSandboxes(500));

    await Promise.all(Array.from({ length: 200 }, () => take()));

    expect(pagesRead()).toBeLessThanOrEqual(ALL_SEGMENTS_OF_A_TURN);
  });

  it('reads no further than it must', async () => {
    const { takeOne, pagesRead } = newFinderHarness(availableSandboxes(2_000));

    await takeOne();

    expect(pagesRead()).toBe(1);
  });

  it('keeps what it found beyond the need for a second, and then looks anew', async () => {
    const { clock, takeOne, pagesRead } = newFinderHarness(availableSandboxes(2_000));
    await takeOne();

    await clock.advance(999);
    await takeOne();
    expect(pagesRead()).toBe(1);

    await clock.advance(1);
    await takeOne();
    expect(pagesRead()).toBe(2);
  });

  it('throws away what it has kept for a second, whatever is asked for meanwhile', async () => {
    const { clock, take, takeOne, pagesRead } = newFinderHarness(availableSandboxes(2_000));
    const askForOthers = (): Promise<unknown> => take('other-', { signal: AbortSignal.timeout(0) });
    await askForOthers();
    await clock.advance(500);
    await takeOne();
    await clock.advance(500);
    await askForOthers();
    await clock.advance(500);
    const pagesBefore = pagesRead();

    await takeOne();

    expect(pagesRead()).toBe(pagesBefore + 1);
  });

  // The first page is asked for as soon as the first of them comes; there are 25 fewer when the second is.
  it.each([
    { waiters: 1, largest: 25 },
    { waiters: 60, largest: 35 },
    { waiters: 500, largest: 100 },
  ])('reads pages of up to $largest when $waiters wait', async ({ waiters, largest }) => {
    const { table, take } = newFinderHarness(availableSandboxes(2_000));
    const read = jest.spyOn(table, 'findAvailable');

    await Promise.all(Array.from({ length: waiters }, () => take()));

    expect(Math.max(...read.mock.calls.map(([, { limit }]) => limit))).toBe(largest);
  });

  it('offers two processes at the same moment mostly different candidates', async () => {
    const pool = availableSandboxes(1_000);
    const takers = [newFinderHarness(pool, { seed: 1 }), newFinderHarness(pool, { seed: 2 })];

    const taken = await Promise.all(takers.flatMap(({ take }) => Array.from({ length: 20 }, () => take())));

    expect(new Set(idsOf(taken)).size).toBeGreaterThan(35);
  });

  it('offers the candidates of one page in a random order', async () => {
    const oneShard = labsOfOneShard(20);

    const first = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((seed) => newFinderHarness(oneShard, { seed }).takeOne('lab-')),
    );

    // In the order of the names, from either end, there would be two.
    expect(new Set(idsOf(first)).size).toBeGreaterThan(2);
  });

  describe('after a candidate was settled', () => {
    it('offers one that was returned again, without another look', async () => {
      const { takeOne, finder, pagesRead } = newFinderHarness([SANDBOX]);
      finder.settle(await takeOne(), 'returned');
      const pagesBefore = pagesRead();

      expect(await takeOne()).toEqual(SANDBOX);
      expect(pagesRead()).toBe(pagesBefore);
    });

    it('offers one whose fate is uncertain only when a later look finds it', async () => {
      const { takeOne, finder, pagesRead } = newFinderHarness([SANDBOX]);
      finder.settle(await takeOne(), 'uncertain');
      const pagesBefore = pagesRead();

      expect(await takeOne()).toEqual(SANDBOX);
      expect(pagesRead()).toBeGreaterThan(pagesBefore);
    });

    it('offers a taken one again once it is available anew, at a later version', async () => {
      const { table, takeOne, finder } = newFinderHarness([SANDBOX]);
      finder.settle(await takeOne(), 'taken');
      const anew = { ...SANDBOX, version: SANDBOX.version + 3 };
      table.seed({ sandboxes: [anew] });

      expect(await takeOne()).toEqual(anew);
    });

    it('offers one again that was removed from the pool and has come back as a new row', async () => {
      const account = { sandboxId: SANDBOX.sandboxId, name: SANDBOX.name, externalId: SANDBOX.externalId };
      const before = stock(account, 7, 1_700_000_000);
      const { table, takeOne, finder } = newFinderHarness([before]);
      finder.settle(await takeOne(), 'taken');
      const anew = stock(account, 8, 1_700_086_400);
      table.seed({ sandboxes: [anew] });

      expect(await takeOne()).toEqual(anew);
    });

    it('offers a changed one as it is now, however old the last page and whatever the index shows', async () => {
      const { clock, takeOne, finder, pagesRead } = newFinderHarness([SANDBOX], { indexLagMs: 60_000 });
      const candidate = await takeOne();
      await clock.advance(5_000);
      const pagesBefore = pagesRead();
      const current = { ...candidate, version: candidate.version + 1 };

      finder.settle(candidate, 'returned', current);

      expect(await takeOne()).toEqual(current);
      expect(pagesRead()).toBe(pagesBefore);
    });

    it('gives a returned one to somebody who waits for another prefix that fits', async () => {
      const { clock, take, takeOne, finder, pagesRead } = newFinderHarness([SANDBOX]);
      const candidate = await takeOne();
      const unfit = observe(take('other-'));
      const fit = observe(take('lab-'));
      await clock.advance(100);
      const pagesBefore = pagesRead();

      finder.settle(candidate, 'returned');
      await everythingElse();

      expect(fit.state).toEqual(SANDBOX);
      expect(pagesRead()).toBe(pagesBefore);
      await clock.advance(10_000);
      expect(unfit.state).toBe('empty');
    });

    it('gives a returned one to a caller who tries again, before those who have not tried yet', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
      const candidate = await takeOne();
      const first = observe(take());
      const second = observe(take());
      const retry = observe(take(undefined, { isRetry: true }));
      await clock.advance(100);

      finder.settle(candidate, 'returned');
      await everythingElse();

      expect([first.state, second.state, retry.state]).toEqual(['pending', 'pending', SANDBOX]);
    });

    it('serves the others in the order in which they came', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
      const candidate = await takeOne();
      const first = observe(take());
      const second = observe(take());
      await clock.advance(100);

      finder.settle(candidate, 'returned');
      await everythingElse();

      expect([first.state, second.state]).toEqual([SANDBOX, 'pending']);
    });
  });

  describe('when it cannot be waited for any longer', () => {
    it('answers timeout at once to a signal that has fired', async () => {
      const { take, pagesRead } = newFinderHarness([SANDBOX]);

      expect(await take(undefined, { signal: AbortSignal.abort() })).toBe('timeout');
      expect(pagesRead()).toBe(0);
    });

    it('answers timeout when the signal fires, and gives the candidate to the next', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
      const candidate = await takeOne();
      const patience = new AbortController();
      const impatient = observe(take(undefined, { signal: patience.signal }));
      await clock.advance(100);

      patience.abort();
      await everythingElse();
      expect(impatient.state).toBe('timeout');

      const patient = observe(take());
      finder.settle(candidate, 'returned');
      await clock.advance(100);
      expect(patient.state).toEqual(SANDBOX);
    });

    it('reads no more pages for those who have left', async () => {
      const { clock, take, pagesRead } = newFinderHarness([]);
      const patience = new AbortController();
      void take(undefined, { signal: patience.signal });
      await clock.advance(0);
      const pagesOfOneTurn = pagesRead();

      patience.abort();
      await clock.advance(10_000);

      expect(pagesRead() - pagesOfOneTurn).toBeLessThanOrEqual(1);
    });
  });

  it('forgets what it found for a prefix that nobody asks for any more', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const found: WeakRef<AvailableSandbox>[] = [];
    const store = {
      findAvailable: (segment: AvailableSegment) => {
        if (segment.by !== 'name' || segment.prefix !== 'lab-') return Promise.resolve({ items: [SANDBOX] });
        const items = availableSandboxes(10, { namePrefix: 'lab-' });
        found.push(...items.map((item) => new WeakRef(item)));
        return Promise.resolve({ items });
      },
    };
    const clock = new FakeClock();
    const finder = new CandidateFinder(store, clock, seededRandom(1));
    const { signal } = new AbortController();
    finder.settle((await finder.take('lab-', signal)) as AvailableSandbox, 'taken');

    await clock.advance(1_000);
    await finder.take(undefined, signal);
    await everythingElse();
    collectGarbage();

    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((candidate) => candidate.deref() !== undefined)).toEqual([]);
  });
});
