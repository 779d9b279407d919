/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import { NEVER_SECONDS, type Sandbox } from '../../app/allocation/sandbox';
import { bury, failDeletion, requestDeletion } from '../../app/allocation/transitions';
import {
  rowsByStatus,
  type ListedStatus,
  type RowPage,
  type RowPosition,
} from '../../app/store/inventory-store';
import { shardOf } from '../../app/store/table';
import {
  allocatedSandbox,
  availableSandbox,
  deletedSandbox,
  deletionFailedSandbox,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { describeAccountGuards } from './account-guards-contract';
import type { InventoryHarness } from './store-harness';

export type { InventoryHarness };

const SHARD = 3;
const CALLER = 'student-1';

type Page = (page: { limit: number; after?: RowPosition }) => Promise<RowPage>;

/** What an {@link InventoryStore} promises, whatever it is made of. */
export function describeInventoryStore(name: string, newHarness: () => Promise<InventoryHarness>): void {
  let harness: InventoryHarness;

  beforeEach(async () => {
    harness = await newHarness();
  });

  const segment =
    (status: ListedStatus, upTo?: number, from?: number): Page =>
    (page) =>
      harness.inventory.listByStatus({ status, shard: SHARD, upTo, from }, page);

  const byCaller: Page = (page) => harness.inventory.listByCaller(CALLER, page);

  /** The ids of all pages; `between` happens after each. */
  async function walk(
    list: Page,
    limit: number,
    between = (): Promise<void> => Promise.resolve(),
  ): Promise<string[]> {
    const ids: string[] = [];
    let after: RowPosition | undefined;
    let pages = 0;
    do {
      const page = await list({ limit, after });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.items.map(({ sandboxId }) => sandboxId));
      after = page.next;
      pages += 1;
      if (pages > 1_000) throw new Error('the listing does not end');
      await between();
    } while (after);
    return ids;
  }

  /** Pending rows of one shard, due at 1000, 1001, … */
  function pendingRows(count: number, overrides = {}): Sandbox[] {
    return idsOfShard(SHARD, count).map((sandboxId, index) =>
      pendingDeletionSandbox({ sandboxId, nextAttemptAt: 1_000 + index, ...overrides }),
    );
  }

  const idsOf = (rows: readonly Sandbox[]): string[] => rows.map(({ sandboxId }) => sandboxId);

  describe(`${name}, listByStatus`, () => {
    it.each([
      ['available', availableSandbox({ queuePosition: 7 })],
      ['allocated', allocatedSandbox()],
      ['pending_deletion', pendingDeletionSandbox()],
      ['deletion_failed', deletionFailedSandbox()],
      ['stale', staleSandbox()],
    ] as const)('lists %s rows whole, and those of no other status', async (status, sample) => {
      const [id = ''] = idsOfShard(SHARD, 1, 9_000_000);
      const row = { ...sample, sandboxId: id };
      const others = Object.values(SAMPLE_OF_STATUS)
        .filter((other) => other.status !== status)
        .map((other, index) => ({ ...other, sandboxId: idsOfShard(SHARD, 9)[index] ?? '' }));
      await harness.seed({ sandboxes: [row, ...others] });

      expect((await segment(status)({ limit: 10 })).items).toEqual([row]);
    });

    it('lists the rows of its own shard only', async () => {
      const elsewhere = idsOfShard(SHARD + 1, 3).map((sandboxId) => staleSandbox({ sandboxId }));
      await harness.seed({ sandboxes: elsewhere });

      expect(await segment('stale')({ limit: 10 })).toEqual({ items: [], next: undefined });
    });

    it.each([1, 2, 3, 5, 100])('pages to the end in order, %i at a time', async (limit) => {
      const rows = pendingRows(6);
      await harness.seed({ sandboxes: [...rows].reverse() });

      expect(await walk(segment('pending_deletion'), limit)).toEqual(idsOf(rows));
    });

    it.each([
      [1_002, undefined, [2, 3, 4, 5]],
      [1_002, 1_003, [2, 3]],
    ])('lists what stands from %p up to %p, both ends included', async (from, upTo, expected) => {
      const rows = pendingRows(6);
      await harness.seed({ sandboxes: rows });
      const found = await walk(segment('pending_deletion', upTo, from), 1);
      expect(found).toEqual(expected.map((index) => rows[index]?.sandboxId));
    });

    it('pages through rows that all stand at the same place', async () => {
      const rows = pendingRows(7, { nextAttemptAt: 1_000 });
      await harness.seed({ sandboxes: rows });

      const ids = await walk(segment('pending_deletion'), 1);

      expect([...ids].sort()).toEqual(idsOf(rows).sort());
    });

    it('goes up to a point of its order, that point included', async () => {
      const rows = pendingRows(6);
      await harness.seed({ sandboxes: rows });

      expect(await walk(segment('pending_deletion', 1_002), 1)).toEqual(idsOf(rows.slice(0, 3)));
      expect(await walk(segment('pending_deletion', 999), 10)).toEqual([]);
    });

    it('goes on behind a row that has left the segment meanwhile', async () => {
      const rows = pendingRows(6);
      await harness.seed({ sandboxes: rows });
      let at = 0;

      const ids = await walk(segment('pending_deletion', 2_000), 1, async () => {
        const row = rows[at];
        at += 1;
        if (row?.status === 'pending_deletion') await harness.inventory.save(row, bury(row, 2_000));
      });

      expect(ids).toEqual(idsOf(rows));
    });

    it('goes on behind a row that is gone from the table', async () => {
      const rows = pendingRows(4);
      await harness.seed({ sandboxes: rows });
      const { next } = await segment('pending_deletion')({ limit: 2 });
      const [, second] = rows;
      if (second?.status === 'pending_deletion') await harness.inventory.remove(second);

      const rest = await segment('pending_deletion')({ limit: 10, after: next });

      expect(idsOf(rest.items)).toEqual(idsOf(rows.slice(2)));
    });

    it('sees every row of every shard, and up to the point only, through rowsByStatus', async () => {
      const rows = Array.from({ length: 300 }, (_, index) =>
        pendingDeletionSandbox({ sandboxId: String(6_000_000 + index), nextAttemptAt: 1_000 + index }),
      );
      await harness.seed({ sandboxes: rows });

      const seen: string[] = [];
      for await (const page of rowsByStatus(harness.inventory, 'pending_deletion', 1_200)) {
        seen.push(...idsOf(page));
      }

      expect(seen.sort()).toEqual(idsOf(rows.slice(0, 201)).sort());
      expect(new Set(rows.map(({ sandboxId }) => shardOf(sandboxId))).size).toBe(8);
    });
  });

  describe(`${name}, listByName`, () => {
    /** Stale rows of one shard with these names. */
    const named = (...names: string[]): Sandbox[] =>
      idsOfShard(SHARD, names.length).map((sandboxId, index) =>
        staleSandbox({ sandboxId, name: names[index] ?? '' }),
      );

    const byName = (prefix: string, page: { limit: number; after?: RowPosition<string> }) =>
      harness.inventory.listByName({ status: 'stale', shard: SHARD, prefix }, page);

    it('lists whole rows by name, and those of no other beginning, status or shard', async () => {
      const rows = named('lab-a', 'lab-b', 'other');
      const [elsewhere = ''] = idsOfShard(SHARD + 1, 1);
      const [allocated = ''] = idsOfShard(SHARD, 1, 9_000_000);
      await harness.seed({
        sandboxes: [
          ...[...rows].reverse(),
          staleSandbox({ sandboxId: elsewhere, name: 'lab-c' }),
          allocatedSandbox({ sandboxId: allocated, name: 'lab-d' }),
        ],
      });

      expect((await byName('lab-', { limit: 10 })).items).toEqual(rows.slice(0, 2));
    });

    it.each([1, 2, 3, 100])('pages to the end, through rows of one name too, %i at a time', async (limit) => {
      const rows = named('lab-a', 'lab-b', 'lab-b', 'lab-b', 'lab-ü', 'x');
      await harness.seed({ sandboxes: rows });

      const ids: string[] = [];
      let after: RowPosition<string> | undefined;
      do {
        const page = await byName('lab-', { limit, after });
        ids.push(...page.items.map(({ sandboxId }) => sandboxId));
        after = page.next;
      } while (after);

      expect([...ids].sort()).toEqual(idsOf(rows.slice(0, 5)).sort());
    });
  });

  describe(`${name}, listByCaller`, () => {
    const allocation = (allocatedAt: number): typeof SAMPLE_ALLOCATION => ({
      ...SAMPLE_ALLOCATION,
      caller: CALLER,
      allocatedAt,
    });

    it.each([1, 2, 100])('lists what a caller holds or held, oldest first, %i at a time', async (limit) => {
      const held = [
        deletionFailedSandbox({ sandboxId: 'c', allocation: allocation(100) }),
        pendingDeletionSandbox({ sandboxId: 'b', allocation: allocation(200) }),
        allocatedSandbox({ sandboxId: 'a', allocation: allocation(300) }),
      ];
      const others = [
        allocatedSandbox({ sandboxId: 'd', allocation: { ...allocation(150), caller: 'student-10' } }),
        pendingDeletionSandbox({ sandboxId: 'e', allocation: undefined }),
        availableSandbox({ sandboxId: 'f' }),
        deletedSandbox({ sandboxId: 'g' }),
      ];
      await harness.seed({ sandboxes: [...others, ...held] });

      expect(await walk(byCaller, limit)).toEqual(['c', 'b', 'a']);
      expect((await byCaller({ limit: 10 })).items).toEqual(held);
    });

    it('goes on behind a row that is gone', async () => {
      const rows = ['a', 'b', 'c'].map((sandboxId, index) =>
        pendingDeletionSandbox({ sandboxId, allocation: allocation(100 + index) }),
      );
      await harness.seed({ sandboxes: rows });
      const { next } = await byCaller({ limit: 2 });
      const [, second] = rows;
      if (second) await harness.inventory.save(second, bury(second, 2_000));

      expect(idsOf((await byCaller({ limit: 10, after: next })).items)).toEqual(['c']);
    });
  });

  describe(`${name}, countGivenUp`, () => {
    it('counts those of deletion_failed that nobody tries any more, in all shards', async () => {
      const givenUp = Array.from({ length: 40 }, (_, index) =>
        deletionFailedSandbox({ sandboxId: String(7_000_000 + index), nextAttemptAt: NEVER_SECONDS }),
      );
      const others = [
        deletionFailedSandbox({ sandboxId: 'a', nextAttemptAt: NEVER_SECONDS - 1 }),
        pendingDeletionSandbox({ sandboxId: 'b', nextAttemptAt: NEVER_SECONDS }),
      ];
      expect(await harness.inventory.countGivenUp()).toBe(0);
      await harness.seed({ sandboxes: [...givenUp, ...others] });

      expect(await harness.inventory.countGivenUp()).toBe(40);
    });
  });

  describeAccountGuards(name, newHarness);

  describe(`${name}, save and remove`, () => {
    const before = pendingDeletionSandbox({ deletionRetryCount: 0 });
    const after = failDeletion(before, 3, 1_700_001_000);

    it('moves a row on, and moves it in the index too', async () => {
      await harness.seed({ sandboxes: [before] });

      expect(await harness.inventory.save(before, after)).toEqual({ kind: 'written' });

      expect((await harness.contents()).sandboxes).toEqual([after]);
      const shard = shardOf(before.sandboxId);
      const list = async (status: ListedStatus): Promise<Sandbox[]> =>
        (await harness.inventory.listByStatus({ status, shard }, { limit: 10 })).items;
      expect(await list('pending_deletion')).toEqual([]);
      expect(await list('deletion_failed')).toEqual([after]);
    });

    it('leaves nothing in the indexes of one that is buried', async () => {
      await harness.seed({ sandboxes: [before] });
      const tombstone = bury(before, 1_700_001_000);
      await harness.inventory.save(before, tombstone);

      expect((await harness.contents()).sandboxes).toEqual([tombstone]);
      expect((await byCaller({ limit: 10 })).items).toEqual([]);
    });

    it('removes a row, and leaves all others', async () => {
      const stale = staleSandbox({ sandboxId: 'stale' });
      await harness.seed({ sandboxes: [before, stale] });

      expect(await harness.inventory.remove(stale)).toEqual({ kind: 'written' });

      expect((await harness.contents()).sandboxes).toEqual([before]);
    });

    it.each<[string, Sandbox[]]>([
      ['is at a later version', [{ ...before, version: before.version + 1 }]],
      ['is at an earlier version', [{ ...before, version: before.version - 1 }]],
      ['has another status at the same version', [{ ...after, version: before.version }]],
      ['is allocated', [allocatedSandbox({ version: before.version })]],
      ['is a tombstone', [deletedSandbox({ version: before.version })]],
      ['is gone', []],
    ])('writes nothing when the row %s', async (_what, rows) => {
      await harness.seed({ sandboxes: rows });

      expect(await harness.inventory.save(before, after)).toEqual({ kind: 'changed' });
      expect(await harness.inventory.remove(before)).toEqual({ kind: 'changed' });

      expect((await harness.contents()).sandboxes).toEqual(rows);
    });

    it('lets exactly one of two writers win', async () => {
      await harness.seed({ sandboxes: [before] });

      const outcomes = await Promise.all([
        harness.inventory.save(before, after),
        harness.inventory.save(before, bury(before, 5)),
        harness.inventory.remove(before),
      ]);

      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
    });

    it('knows at once what the sandbox store has done', async () => {
      const allocated = allocatedSandbox();
      await harness.seed({ sandboxes: [allocated] });
      const released = requestDeletion(allocated, 1_700_001_000);
      await harness.store.endAllocation(allocated, released);

      expect(await harness.inventory.save(released, bury(released, 1_700_001_001))).toEqual({
        kind: 'written',
      });
      expect((await harness.store.getSandbox(allocated.sandboxId))?.status).toBe('deleted');
    });
  });
}
