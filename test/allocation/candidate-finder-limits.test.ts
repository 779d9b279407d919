import { setImmediate as everythingElse } from 'node:timers/promises';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { SHARD_COUNT, shardOf } from '../../app/store/table';
import { faultOfShard, type FaultOfKey } from '../fakes/keyed-faults';
import { observe } from '../fakes/observe';
import { availableSandbox, availableSandboxes, idsOfShard } from '../fakes/sandbox-samples';
import { labsOfOneShard, newFinderHarness } from './finder-harness';

const SANDBOX = availableSandbox({ name: 'lab-1' });

function idsOf(results: unknown[]): string[] {
  return (results as AvailableSandbox[]).map(({ sandboxId }) => sandboxId);
}

describe('CandidateFinder', () => {
  describe('when a shard cannot be read', () => {
    const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);
    const isAllBad: FaultOfKey = () => 'throttled';

    it.each(SHARDS)('finds what the others hold while it is shard %i', async (bad) => {
      const pool = SHARDS.filter((shard) => shard !== bad)
        .flatMap((shard) => idsOfShard(shard, 3))
        .map((sandboxId) => availableSandbox({ sandboxId }));
      const { take } = newFinderHarness(pool, { faultOf: faultOfShard(bad, 'throttled') });

      const results = await Promise.all(pool.map(() => take()));

      expect(idsOf(results).sort()).toEqual(idsOf(pool).sort());
    });

    it.each(SHARDS)('goes on with the others while shard %i gives no answer', async (bad) => {
      const pool = availableSandboxes(100);
      const { clock, take } = newFinderHarness(pool, {
        faultOf: faultOfShard(bad, 'hanging'),
        turnLimits: { nextSegmentAfterMs: 5, pageMs: 60_000 },
      });

      const results = await clock.passUntil(Promise.all(Array.from({ length: 50 }, () => take())));

      expect(new Set(idsOf(results)).size).toBe(50);
    });

    it.each(SHARDS)('never says "empty" while it is shard %i, after all others were read', async (bad) => {
      const { clock, table, take } = newFinderHarness([], { faultOf: faultOfShard(bad, 'throttled') });
      const read = jest.spyOn(table, 'findAvailable');

      const result = observe(take());
      await clock.advance(10_000);

      expect(result.state).toBeInstanceOf(StoreUnavailableError);
      expect(new Set(read.mock.calls.map(([segment]) => segment.shard)).size).toBe(SHARD_COUNT - 1);
    });

    it('searches it after the others for a while', async () => {
      const { clock, table, take, finder } = newFinderHarness(availableSandboxes(400));
      const read = jest.spyOn(table, 'findAvailable');
      const bad = await take();
      finder.settle(bad as AvailableSandbox, 'throttled');
      const badShard = shardOf((bad as AvailableSandbox).sandboxId);
      read.mockClear();

      // More than any one shard holds: the ready ones of the bad shard are let go.
      const others = await Promise.all(Array.from({ length: 300 }, () => take()));
      expect(idsOf(others).map(shardOf)).not.toContain(badShard);

      await clock.advance(1_000);
      const rest = await Promise.all(Array.from({ length: 99 }, () => take()));
      expect(idsOf(rest).map(shardOf)).toContain(badShard);
    });

    it('tells all who wait when nothing can be read, and looks anew for the next', async () => {
      let faultOf: FaultOfKey = isAllBad;
      const { take, takeOne } = newFinderHarness([SANDBOX], { faultOf: (...args) => faultOf(...args) });

      const results = await Promise.allSettled([take(), take(), take()]);

      for (const result of results) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: expect.any(StoreUnavailableError) as Error,
        });
      }
      faultOf = () => undefined;
      expect(await takeOne()).toEqual(SANDBOX);
    });

    it('tells only those who wait for the same prefix', async () => {
      const { table, take } = newFinderHarness([SANDBOX]);
      const reallyFind = table.findAvailable.bind(table);
      jest.spyOn(table, 'findAvailable').mockImplementation(async (segment, page) => {
        if (segment.by === 'name' && segment.prefix === 'other-') {
          throw new StoreUnavailableError('findAvailable', { cause: new Error('no connection') });
        }
        return reallyFind(segment, page);
      });

      const failed = observe(take('other-'));
      const found = await take('lab-');
      await everythingElse();

      expect(failed.state).toBeInstanceOf(StoreUnavailableError);
      expect(found).toEqual(SANDBOX);
    });

    it('lets an error show at once that is not about the store’s availability', async () => {
      const { table, take } = newFinderHarness([SANDBOX]);
      jest.spyOn(table, 'findAvailable').mockRejectedValueOnce(new TypeError('a bug'));

      await expect(take()).rejects.toThrow(new TypeError('a bug'));
    });
  });

  describe('after the key of a candidate did not take a request', () => {
    it.each(['throttled', 'unanswered'] as const)(
      'offers others before one that was %s, and that one again soon',
      async (settlement) => {
        const [first, second] = labsOfOneShard(2) as [AvailableSandbox, AvailableSandbox];
        const { clock, table, take, takeOne, finder } = newFinderHarness([first]);
        finder.settle(await takeOne(), settlement);
        table.seed({ sandboxes: [second] });

        expect(await takeOne()).toEqual(second);
        const next = observe(take());
        await clock.advance(1_000);
        expect(next.state).toEqual(first);
      },
    );

    it('never says "empty" because of it', async () => {
      const { clock, take, takeOne, finder } = newFinderHarness([SANDBOX]);
      for (let fault = 0; fault < 5; fault += 1) {
        finder.settle(await clock.passUntil(takeOne()), 'throttled');
        const next = observe(take());
        await clock.advance(1_100);
        expect(next.state).toEqual(SANDBOX);
        finder.settle(SANDBOX, 'returned');
      }
    });
  });

  describe('that offers only so many candidates at a time', () => {
    it('keeps the others waiting, in order, until one is settled', async () => {
      const { take, takeOne, finder } = newFinderHarness(availableSandboxes(100), { maxOffered: 2 });
      const [first, second] = [await takeOne(), await takeOne()];
      const waiting = [observe(take()), observe(take('csp-')), observe(take())];
      await everythingElse();
      expect(waiting.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);

      finder.settle(first, 'taken');
      await everythingElse();

      expect(waiting.map(({ state }) => state === 'pending')).toEqual([false, true, true]);
      finder.settle(second, 'taken');
      await everythingElse();
      expect(waiting.map(({ state }) => state === 'pending')).toEqual([false, false, true]);
    });

    it('lets those who wait in vain take no place from others', async () => {
      const { take, takeOne } = newFinderHarness(availableSandboxes(100), { maxOffered: 2 });
      const inVain = Array.from({ length: 40 }, (_, index) => observe(take(`made-up-${index}`)));

      await takeOne();
      await takeOne();

      expect(inVain.filter(({ state }) => state !== 'pending')).toEqual([]);
    });

    it('tells whether the line moves', async () => {
      const { take, takeOne, finder } = newFinderHarness(availableSandboxes(100), { maxOffered: 1 });
      const held = await takeOne();
      const before = finder.progressOf(undefined);
      void take();
      void take();
      await everythingElse();
      expect(finder.progressOf(undefined)).toBe(before);

      finder.settle(held, 'taken');

      expect(finder.progressOf(undefined)).not.toBe(before);
    });
  });

  describe('when many names are asked for', () => {
    it('searches for one at a time that has never found anything', async () => {
      const { clock, table, take } = newFinderHarness([SANDBOX]);
      let atWork = 0;
      let most = 0;
      const reallyFind = table.findAvailable.bind(table);
      jest.spyOn(table, 'findAvailable').mockImplementation(async (segment, page) => {
        atWork += 1;
        most = Math.max(most, atWork);
        await clock.sleep(1);
        atWork -= 1;
        return reallyFind(segment, page);
      });

      const results = Array.from({ length: 20 }, (_, index) => take(`made-up-${index}`));
      expect(await clock.passUntil(Promise.all(results))).toEqual(Array(20).fill('empty'));

      expect(most).toBe(1);
    });

    it('searches first for names that have found something before', async () => {
      const { clock, table, take, takeOne, finder } = newFinderHarness(labsOfOneShard(3));
      finder.settle(await takeOne('lab-'), 'taken');
      await clock.advance(2_000);
      const reallyFind = table.findAvailable.bind(table);
      const searched: string[] = [];
      jest.spyOn(table, 'findAvailable').mockImplementation(async (segment, page) => {
        searched.push(segment.by === 'name' ? segment.prefix : '');
        await clock.sleep(1);
        return reallyFind(segment, page);
      });
      const inVain = Array.from({ length: 20 }, (_, index) => observe(take(`made-up-${index}`)));

      const found = await clock.passUntil(take('lab-'));

      expect(found).toMatchObject({ name: expect.stringMatching(/^lab-/) as string });
      expect(new Set(searched)).toEqual(new Set(['made-up-0', 'lab-']));
      expect(inVain.every(({ state }) => state === 'pending')).toBe(true);
    });

    it('is busy for a further name when too many are searched for, and for no other caller', async () => {
      const { take, takeOne } = newFinderHarness(labsOfOneShard(3));
      await takeOne('lab-');
      for (let index = 0; index < 50; index += 1) void take(`made-up-${index}`);

      expect(await take('one-more')).toBe('busy');
      expect(await take('lab-')).toMatchObject({ status: 'available' });
      expect(await take()).toMatchObject({ status: 'available' });
    });
  });
});
