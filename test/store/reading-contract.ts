/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import type { AvailableSandbox, Sandbox } from '../../app/allocation/sandbox';
import {
  StoreUnavailableError,
  type AvailableSegment,
  type SandboxStore,
} from '../../app/store/sandbox-store';
import { QUEUE_POSITION_LIMIT, SHARD_COUNT, shardOf } from '../../app/store/table';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  claimOf,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import type { NewStoreHarness, StoreHarness } from './store-harness';

const SHARD = 3;

/** What {@link SandboxStore}'s reads promise. */
export function describeReading(newHarness: NewStoreHarness): void {
  let harness: StoreHarness;

  beforeEach(async () => {
    harness = await newHarness();
  });

  describe('getSandbox', () => {
    it.each(Object.values(SAMPLE_OF_STATUS))('gives back one that is $status as it was', async (sandbox) => {
      await harness.seed({ sandboxes: [sandbox] });

      expect(await harness.store.getSandbox(sandbox.sandboxId)).toEqual(sandbox);
    });

    it.each<Sandbox>([
      availableSandbox({ sfdcAccountId: undefined, lastSynced: undefined }),
      allocatedSandbox({
        allocation: { caller: 'a', idempotencyKey: 'b', trackName: undefined, allocatedAt: 1, expiresAt: 2 },
      }),
      pendingDeletionSandbox({ allocation: undefined }),
    ])('gives back one that is $status and lacks what it may lack', async (sandbox) => {
      await harness.seed({ sandboxes: [sandbox] });

      expect(await harness.store.getSandbox(sandbox.sandboxId)).toEqual(sandbox);
    });

    it('finds nothing where nothing is', async () => {
      expect(await harness.store.getSandbox('nobody')).toBeUndefined();
    });
  });

  describe('findAvailable by queue position', () => {
    const queue = idsOfShard(SHARD, 6).map((sandboxId, index) =>
      availableSandbox({ sandboxId, queuePosition: index * 100 }),
    );
    const whole = queueSegment(0, QUEUE_POSITION_LIMIT - 1);

    it('lists a stretch of the shard, both ends included, in order', async () => {
      await harness.seed({ sandboxes: [...queue].reverse() });

      expect(await walk(harness.store, queueSegment(100, 300), 10)).toEqual([queue.slice(1, 4)]);
    });

    it('lists whole sandboxes, as the table has them', async () => {
      await harness.seed({ sandboxes: [availableSandbox()] });
      const segment = { ...whole, shard: shardOf(availableSandbox().sandboxId) };

      expect((await walk(harness.store, segment, 10)).flat()).toEqual([availableSandbox()]);
    });

    it.each([1, 2, 4])('comes to the end with %d a page', async (limit) => {
      await harness.seed({ sandboxes: queue });

      const pages = await walk(harness.store, whole, limit);

      expect(pages.flat()).toEqual(queue);
      expect(Math.max(...pages.map((page) => page.length))).toBe(limit);
    });

    it('goes on behind a sandbox that was taken meanwhile', async () => {
      await harness.seed({ sandboxes: queue });
      const [first, second] = queue as [AvailableSandbox, AvailableSandbox];
      const page = await harness.store.findAvailable(whole, { limit: 1 });
      expect(page.items).toEqual([first]);
      await harness.store.allocate(
        first,
        allocatedSandbox({ sandboxId: first.sandboxId, version: first.version + 1 }),
      );

      const { items } = await harness.store.findAvailable(whole, { limit: 1, cursor: page.cursor });

      expect(items).toEqual([second]);
    });

    it('lists two that stand at the same place, one a page', async () => {
      const twins = queue.slice(0, 2).map((sandbox) => ({ ...sandbox, queuePosition: 7 }));
      await harness.seed({ sandboxes: twins });

      const found = (await walk(harness.store, whole, 1)).flat();

      expect(new Set(found.map(({ sandboxId }) => sandboxId))).toEqual(
        new Set(twins.map(({ sandboxId }) => sandboxId)),
      );
    });

    it('takes the first and the last place of the queue', async () => {
      const edges = [0, QUEUE_POSITION_LIMIT - 1].map((queuePosition, index) =>
        availableSandbox({ sandboxId: queue[index]?.sandboxId, queuePosition }),
      );
      await harness.seed({ sandboxes: edges });

      expect((await walk(harness.store, whole, 10)).flat()).toEqual(edges);
    });

    it('lists nothing that is not available, nor what is in another shard', async () => {
      const [otherShard] = idsOfShard(SHARD + 1, 1);
      const [id1, id2, id3] = idsOfShard(SHARD, 3);
      await harness.seed({
        sandboxes: [
          availableSandbox({ sandboxId: otherShard }),
          allocatedSandbox({ sandboxId: id1 }),
          staleSandbox({ sandboxId: id2 }),
          pendingDeletionSandbox({ sandboxId: id3 }),
        ],
      });

      expect((await walk(harness.store, whole, 10)).flat()).toEqual([]);
    });

    it('no longer lists what was taken', async () => {
      const [first] = queue as [AvailableSandbox];
      await harness.seed({ sandboxes: [first] });
      await harness.store.allocate(
        first,
        allocatedSandbox({ sandboxId: first.sandboxId, version: first.version + 1 }),
      );

      expect((await walk(harness.store, whole, 10)).flat()).toEqual([]);
    });
  });

  describe('findAvailable by name', () => {
    const names = ['lab-1', 'lab-10', 'lab-2', 'labor', 'lab', 'other'];
    const sandboxes = idsOfShard(SHARD, names.length).map((sandboxId, index) =>
      availableSandbox({ sandboxId, name: names[index] }),
    );

    it.each([
      { descending: false, prefix: 'lab', expected: ['lab', 'lab-1', 'lab-10', 'lab-2', 'labor'] },
      { descending: true, prefix: 'lab', expected: ['labor', 'lab-2', 'lab-10', 'lab-1', 'lab'] },
      { descending: false, prefix: 'lab-1', expected: ['lab-1', 'lab-10'] },
      { descending: false, prefix: 'lab-10x', expected: [] },
    ])('lists what begins with $prefix (descending: $descending)', async ({ expected, ...rest }) => {
      await harness.seed({ sandboxes });
      const segment: AvailableSegment = { by: 'name', shard: SHARD, ...rest };

      expect(namesOf(await walk(harness.store, segment, 10))).toEqual(expected);
      expect(namesOf(await walk(harness.store, segment, 1))).toEqual(expected);
    });

    it('finds the one match among 5,000 others', async () => {
      const needle = availableSandbox({ sandboxId: 'needle', name: 'needle-0001' });
      await harness.seed({ sandboxes: [...availableSandboxes(5_000), needle] });

      const found: AvailableSandbox[] = [];
      for (let shard = 0; shard < SHARD_COUNT; shard += 1) {
        const segment: AvailableSegment = { by: 'name', shard, prefix: 'needle', descending: false };
        found.push(...(await walk(harness.store, segment, 100)).flat());
      }

      expect(found).toEqual([needle]);
    });
  });

  describe('countByStatus', () => {
    it('counts nothing in an empty table', async () => {
      expect(await harness.store.countByStatus()).toEqual(countsOf({}));
    });

    it('counts each status over all shards, tombstones and claims left out', async () => {
      const sandboxes = availableSandboxes(120).map((sandbox, index): Sandbox => {
        const { sandboxId } = sandbox;
        if (index < 50) return sandbox;
        if (index < 80) return allocatedSandbox({ sandboxId });
        if (index < 100) return { ...SAMPLE_OF_STATUS.pending_deletion, sandboxId };
        if (index < 110) return { ...SAMPLE_OF_STATUS.deletion_failed, sandboxId };
        if (index < 115) return { ...SAMPLE_OF_STATUS.stale, sandboxId };
        return { ...SAMPLE_OF_STATUS.deleted, sandboxId };
      });
      await harness.seed({ sandboxes, claims: [claimOf(allocatedSandbox())] });

      expect(await harness.store.countByStatus()).toEqual(
        countsOf({ available: 50, allocated: 30, pending_deletion: 20, deletion_failed: 10, stale: 5 }),
      );
    });
  });

  describe('ping', () => {
    it('answers on a table that is there, even an empty one', async () => {
      await expect(harness.store.ping()).resolves.toBeUndefined();
    });
  });

  describe('a call that is given up', () => {
    const options = { signal: AbortSignal.abort() };
    const sandbox = allocatedSandbox();
    it.each<[keyof SandboxStore, (store: SandboxStore) => Promise<unknown>]>([
      ['allocate', (store) => store.allocate(availableSandbox(), sandbox, options)],
      ['endAllocation', (store) => store.endAllocation(sandbox, pendingDeletionSandbox(), options)],
      ['endOrphanedClaim', (store) => store.endOrphanedClaim(claimOf(sandbox), options)],
      ['add', (store) => store.add(availableSandbox(), options)],
      ['getSandbox', (store) => store.getSandbox('1', options)],
      ['getClaim', (store) => store.getClaim('a', 'b', options)],
      ['findAvailable', (store) => store.findAvailable(queueSegment(0, 1), { limit: 1 }, options)],
      ['countByStatus', (store) => store.countByStatus(options)],
      ['ping', (store) => store.ping(options)],
    ])('%s fails as one that got no answer', async (_operation, call) => {
      await expect(call(harness.store)).rejects.toBeInstanceOf(StoreUnavailableError);
    });
  });
}

function queueSegment(from: number, to: number): AvailableSegment & { by: 'queuePosition' } {
  return { by: 'queuePosition', shard: SHARD, from, to };
}

/** All pages of a segment that have anything on them. */
async function walk(
  store: SandboxStore,
  segment: AvailableSegment,
  limit: number,
): Promise<AvailableSandbox[][]> {
  const pages: AvailableSandbox[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.findAvailable(segment, { limit, cursor });
    if (page.items.length > 0) pages.push(page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

function namesOf(pages: AvailableSandbox[][]): string[] {
  return pages.flat().map(({ name }) => name);
}

function countsOf(counts: Record<string, number>): Record<string, number> {
  const none = {
    available: 0,
    allocated: 0,
    pending_deletion: 0,
    deletion_unconfirmed: 0,
    deletion_failed: 0,
  };
  return { ...none, stale: 0, ...counts };
}
