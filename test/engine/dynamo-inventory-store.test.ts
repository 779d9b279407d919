import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { listSandboxes } from '../../app/admin/sandbox-list';
import { accountGuardKey, claimToItem, sandboxToItem, type Item } from '../../app/store/items';
import { DynamoInventoryStore } from '../../app/store/dynamo-inventory-store';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import type { RowPosition, ScanPage } from '../../app/store/inventory-store';
import { shardOf } from '../../app/store/table';
import { recordingLogger, silentLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { describeInventoryStore, type InventoryHarness } from '../store/inventory-store-contract';
import { sampleRun } from '../store/job-store-contract';
import { EngineTables, type EngineHarness } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

async function newHarness(logger = silentLogger): Promise<EngineHarness & InventoryHarness> {
  const harness = await tables.newHarness();
  const inventory = new DynamoInventoryStore(harness.client, harness.names, logger);
  return {
    ...harness,
    inventory,
    seedUnguarded: (sandboxes) => harness.seedItems(sandboxes.map(sandboxToItem)),
  };
}

describeInventoryStore('DynamoInventoryStore', () => newHarness());

describe('DynamoInventoryStore, on its table', () => {
  it('gives everything of a segment that DynamoDB cuts into pages by their size', async () => {
    const { inventory, seed } = await newHarness();
    // 140 rows of 20 kB in one shard: DynamoDB ends a page at 1 MB.
    const sandboxes = idsOfShard(2, 140).map((sandboxId, index) =>
      staleSandbox({ sandboxId, staleSince: index, sfdcAccountId: 'x'.repeat(20_000) }),
    );
    await seed({ sandboxes });

    const found: string[] = [];
    let after: RowPosition | undefined;
    let pages = 0;
    do {
      const page = await inventory.listByStatus({ status: 'stale', shard: 2 }, { limit: 1_000, after });
      found.push(...page.items.map(({ sandboxId }) => sandboxId));
      after = page.next;
      pages += 1;
    } while (after);

    expect(found).toEqual(sandboxes.map(({ sandboxId }) => sandboxId));
    expect(pages).toBeGreaterThan(1);
  });

  it('passes over an unreadable row, reports it, and goes on behind it', async () => {
    const { logger, lines } = recordingLogger();
    const { inventory, seedItems } = await newHarness(logger);
    const [first = '', second = '', third = ''] = idsOfShard(2, 3);
    const rows = [first, second, third].map((sandboxId, index) =>
      pendingDeletionSandbox({ sandboxId, nextAttemptAt: 100 + index }),
    );
    await seedItems(
      rows.map((row, index) => ({
        ...sandboxToItem(row),
        ...(index === 1 ? { version: { S: 'one' } } : {}),
      })),
    );

    const found: string[] = [];
    let after: RowPosition | undefined;
    do {
      const page = await inventory.listByStatus(
        { status: 'pending_deletion', shard: 2 },
        { limit: 1, after },
      );
      found.push(...page.items.map(({ sandboxId }) => sandboxId));
      after = page.next;
    } while (after);

    expect(found).toEqual([first, third]);
    expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('unreadable') as string }]);
  });

  it('goes on behind a row whose order is no number of JavaScript', async () => {
    const { inventory, seedItems } = await newHarness();
    const ids = idsOfShard(2, 3);
    await seedItems(
      ids.map((sandboxId, index) => ({
        ...sandboxToItem(pendingDeletionSandbox({ sandboxId })),
        status_order: { N: `900719925474099${1 + index}` },
      })),
    );

    const found: string[] = [];
    let after: RowPosition | undefined;
    do {
      const page = await inventory.listByStatus(
        { status: 'pending_deletion', shard: 2 },
        { limit: 1, after },
      );
      found.push(...(page.unreadable ?? []));
      after = page.next;
    } while (after && found.length < 10);

    expect(found).toEqual(ids);
  });

  it('scans to the end of a table, past rows that it cannot read or that a newer release wrote', async () => {
    const { inventory, seedItems } = await newHarness();
    // More than the megabyte that one page of a scan reads.
    const ballast = { B: new Uint8Array(100_000) };
    const rows = Array.from({ length: 12 }, (_, index) => availableSandbox({ sandboxId: `row-${index}` }));
    const item = (sandboxId: string): Item => sandboxToItem(availableSandbox({ sandboxId }));
    await seedItems([
      ...rows.map((row) => ({ ...sandboxToItem(row), ballast })),
      { ...item('newer'), status: { S: 'quarantined' } },
      { ...item('damaged'), version: { S: 'odd' }, created_at: { S: 'odd' } },
      { ...item('nameless'), external_id: { N: '7' } },
    ]);

    const pages: ScanPage[] = [];
    do pages.push(await inventory.scan({ after: pages.at(-1)?.next }));
    while (pages.at(-1)?.next !== undefined);

    expect(pages.length).toBeGreaterThan(1);
    const found = new Map(pages.flatMap((page) => page.rows).map((row) => [row.sandboxId, row]));
    expect(found.size).toBe(14);
    expect(found.get('newer')).toMatchObject({ status: 'unknown' });
    expect(found.get('damaged')).toMatchObject({ status: 'available', createdAt: 0 });
    expect(pages.flatMap((page) => page.unreadable ?? [])).toEqual(['nameless']);
  });

  describe.each([
    'identity/accounts/0B2F2B0C-6C3C-4F0E-9D5E-1F2C3A4B5C6D',
    'a/0b2F2b0c-6c3c-4f0e-9d5e-1f2c3a4b5c6d',
  ])('with a guard that a build put under the key as spelled in %s', (externalId) => {
    const row = staleSandbox({ externalId });
    const spelled = externalId.split('/').at(-1) ?? '';
    const newHarnessWithGuard = async (): ReturnType<typeof newHarness> => {
      const harness = await newHarness();
      const guard = { ...accountGuardKey(spelled), sandbox_id: { S: row.sandboxId } };
      await harness.seedItems([sandboxToItem(row), guard]);
      return harness;
    };

    it('lets no second row of the account in', async () => {
      const { store, inventory } = await newHarnessWithGuard();
      const twin = availableSandbox({ sandboxId: 'twin', externalId });

      expect(await inventory.accountHolder(externalId)).toBe(row.sandboxId);
      expect(await store.add(twin)).toEqual({ kind: 'identity_conflict', heldBy: row.sandboxId });
    });

    it('finds it in any case once its row was seen', async () => {
      const { store, inventory } = await newHarnessWithGuard();
      const twin = availableSandbox({ sandboxId: 'twin', externalId: externalId.toLowerCase() });

      expect(await inventory.guardAccount(row)).toEqual({ kind: 'written' });

      expect(await inventory.accountHolder(externalId.toLowerCase())).toBe(row.sandboxId);
      expect(await store.add(twin)).toEqual({ kind: 'identity_conflict', heldBy: row.sandboxId });
    });

    it('removes it with its stale row, so that the account may come back', async () => {
      const { store, inventory } = await newHarnessWithGuard();
      await inventory.guardAccount(row);

      expect(await inventory.remove(row)).toEqual({ kind: 'written' });

      expect(await inventory.accountHolder(externalId)).toBeUndefined();
      expect(await store.add(availableSandbox({ externalId }))).toEqual({ kind: 'written' });
    });
  });

  it('keeps what it does not know in a row when it saves', async () => {
    const { inventory, seedItems, client, names } = await newHarness();
    const before = staleSandbox();
    await seedItems([{ ...sandboxToItem(before), cleaned_at: { N: '7' } }]);
    const after = { ...before, version: before.version + 1, missedSyncs: 3 };

    expect(await inventory.save(before, after)).toEqual({ kind: 'written' });

    const { Items: items } = await client.send(new ScanCommand({ TableName: names.table }));
    expect(items).toEqual([{ ...sandboxToItem(after), cleaned_at: { N: '7' } }]);
  });

  it('walks to the end of a list with every kind of item in the table', async () => {
    const harness = await newHarness();
    const { inventory, seedItems, client, names } = harness;
    const rows = Object.values(SAMPLE_OF_STATUS).flatMap((sample) =>
      Array.from({ length: 20 }, (_, index) => ({ ...sample, sandboxId: `${sample.status}-${index}` })),
    );
    await seedItems([
      ...rows.map(sandboxToItem),
      claimToItem(claimOf(allocatedSandbox()), 1),
      { PK: { S: 'ROLLBACK#1' }, SK: { S: 'META' }, ttl: { N: '4000000000' } },
    ]);
    const jobs = new DynamoJobStore(client, names);
    const lease = await jobs.acquireLease('sync', 'a', 1, 1_000);
    if (lease) await jobs.recordRun(sampleRun({ job: 'sync' }), lease);
    await jobs.setControl({ runner: 'api' });

    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSandboxes(inventory, {}, 7, cursor);
      found.push(...page.sandboxes.map(({ sandboxId }) => sandboxId));
      cursor = page.cursor;
    } while (cursor !== undefined);

    const expected = rows.filter(({ status }) => status !== 'deleted').map(({ sandboxId }) => sandboxId);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('goes on from a position that was never a row', async () => {
    const { inventory, seed } = await newHarness();
    const row = pendingDeletionSandbox({ nextAttemptAt: 500 });
    await seed({ sandboxes: [row] });
    const segment = { status: 'pending_deletion', shard: shardOf(row.sandboxId) } as const;

    const behind = { sandboxId: 'never-there', order: 499 };
    expect((await inventory.listByStatus(segment, { limit: 5, after: behind })).items).toEqual([row]);
    const beyond = { sandboxId: 'never-there', order: 501 };
    expect((await inventory.listByStatus(segment, { limit: 5, after: beyond })).items).toEqual([]);
  });
});
