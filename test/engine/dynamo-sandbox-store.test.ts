import { GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { allocate, requestDeletion } from '../../app/allocation/transitions';
import { DynamoSandboxStore } from '../../app/store/dynamo-sandbox-store';
import { claimToItem, sandboxKey, sandboxToItem, type Item } from '../../app/store/items';
import { DEFAULT_TABLE_NAMES, shardOf } from '../../app/store/table';
import { recordingLogger, silentLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  idsOfShard,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { describeSandboxStore } from '../store/sandbox-store-contract';
import { EngineTables, type EngineHarness } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

describeSandboxStore('DynamoSandboxStore', () => tables.newHarness());

describe('DynamoSandboxStore, on its table', () => {
  const candidate = availableSandbox();
  const shard = shardOf(candidate.sandboxId);
  const wholeShard = { by: 'queuePosition', shard, from: 0, to: 2 ** 32 - 1 } as const;

  async function itemOf(harness: EngineHarness): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: harness.names.table,
      Key: sandboxKey(candidate.sandboxId),
    });
    return (await harness.client.send(command)).Item;
  }

  it('keeps what it does not know in a row through every change', async () => {
    const harness = await tables.newHarness();
    const fromTheFuture = { cleaned_services: { L: [{ S: 'dns' }] }, cleaned_at: { N: '1700000000' } };
    await harness.seedItems([{ ...sandboxToItem(candidate), ...fromTheFuture }]);

    const allocated = allocate(candidate, SAMPLE_ALLOCATION);
    await harness.store.allocate(candidate, allocated);
    expect(await itemOf(harness)).toMatchObject(fromTheFuture);

    await harness.store.endAllocation(allocated, requestDeletion(allocated, 1_700_000_300));
    expect(await itemOf(harness)).toMatchObject(fromTheFuture);
  });

  it('keeps what somebody else changed in a row without touching its version', async () => {
    const harness = await tables.newHarness();
    await harness.seed({ sandboxes: [candidate] });
    await harness.client.send(
      new UpdateItemCommand({
        TableName: harness.names.table,
        Key: sandboxKey(candidate.sandboxId),
        UpdateExpression: 'SET sfdc_account_id = :new',
        ExpressionAttributeValues: { ':new': { S: 'corrected-by-hand' } },
      }),
    );

    await harness.store.allocate(candidate, allocate(candidate, SAMPLE_ALLOCATION));

    expect((await harness.store.getSandbox(candidate.sandboxId))?.sfdcAccountId).toBe('corrected-by-hand');
  });

  it('writes exactly the item that its state makes up, with nothing left of the one before', async () => {
    const harness = await tables.newHarness();
    await harness.seed({ sandboxes: [candidate] });
    const allocated = allocate(candidate, SAMPLE_ALLOCATION);

    await harness.store.allocate(candidate, allocated);
    expect(await itemOf(harness)).toEqual(sandboxToItem(allocated));

    const released = requestDeletion(allocated, 1_700_000_300);
    await harness.store.endAllocation(allocated, released);
    expect(await itemOf(harness)).toEqual(sandboxToItem(released));
  });

  it('shows what a caller holds in the track index', async () => {
    const harness = await tables.newHarness();
    await harness.seed({ sandboxes: [candidate] });
    await harness.store.allocate(candidate, allocate(candidate, SAMPLE_ALLOCATION));

    const { Items: items } = await harness.client.send(
      new QueryCommand({
        TableName: harness.names.table,
        IndexName: harness.names.trackIndex,
        KeyConditionExpression: 'allocated_to_track = :caller',
        ExpressionAttributeValues: { ':caller': { S: SAMPLE_ALLOCATION.caller } },
      }),
    );

    expect(items?.map((item) => item.sandbox_id?.S)).toEqual([candidate.sandboxId]);
  });

  it.each<[string, Item]>([
    ['has no version', { ...sandboxToItem(candidate), version: { NULL: true } }],
    ['has no name', { ...sandboxToItem(candidate), name: { S: 'x' }, sandbox_id: { N: '7' } }],
    ['is stale, by its status', { ...sandboxToItem(candidate), status: { S: 'stale' } }],
    ['has an unknown status', { ...sandboxToItem(candidate), status: { S: 'on_holiday' } }],
  ])('passes over a candidate that %s, and finds the others', async (_what, item) => {
    const harness = await tables.newHarness();
    const [id] = idsOfShard(shard, 1);
    const readable = availableSandbox({ sandboxId: id, queuePosition: 9_999_999 });
    await harness.seedItems([item, sandboxToItem(readable)]);

    const { items } = await harness.store.findAvailable(wholeShard, { limit: 10 });

    expect(items).toEqual([readable]);
  });

  it('reports the unreadable candidate that it passed over', async () => {
    const { logger, lines } = recordingLogger();
    const harness = await tables.newHarness({ logger });
    await harness.seedItems([{ ...sandboxToItem(candidate), version: { S: 'one' } }]);

    const page = await harness.store.findAvailable(wholeShard, { limit: 10 });

    expect(page.items).toEqual([]);
    expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('unreadable') as string }]);
  });

  it('reports a claim for another sandbox when it ends an allocation', async () => {
    const { logger, lines } = recordingLogger();
    const harness = await tables.newHarness({ logger });
    const before = allocatedSandbox();
    await harness.seed({ sandboxes: [before], claims: [{ ...claimOf(before), sandboxId: 'another' }] });

    await harness.store.endAllocation(before, requestDeletion(before, 1_700_000_300));

    expect(lines).toMatchObject([{ level: 50, msg: expect.stringContaining('another') as string }]);
  });

  it('reports nothing of a claim that was never there', async () => {
    const { logger, lines } = recordingLogger();
    const harness = await tables.newHarness({ logger });
    const before = allocatedSandbox();
    await harness.seed({ sandboxes: [before] });

    await harness.store.endAllocation(before, requestDeletion(before, 1_700_000_300));

    expect(lines).toEqual([]);
  });

  it('counts a status that fills many pages', async () => {
    const harness = await tables.newHarness();
    // 140 rows of 20 kB in one shard: DynamoDB ends a page at 1 MB.
    const sandboxes = idsOfShard(shard, 140).map((sandboxId) =>
      staleSandbox({ sandboxId, sfdcAccountId: 'x'.repeat(20_000) }),
    );
    await harness.seed({ sandboxes });

    expect((await harness.store.countByStatus()).stale).toBe(140);
  });

  it('finds all candidates of a segment that fills many pages', async () => {
    const harness = await tables.newHarness();
    const sandboxes = idsOfShard(shard, 140).map((sandboxId, index) =>
      availableSandbox({ sandboxId, queuePosition: index, sfdcAccountId: 'x'.repeat(20_000) }),
    );
    await harness.seed({ sandboxes });

    const found: string[] = [];
    let cursor: string | undefined;
    let pageCount = 0;
    do {
      const page = await harness.store.findAvailable(wholeShard, { limit: 1_000, cursor });
      found.push(...page.items.map(({ sandboxId }) => sandboxId));
      cursor = page.cursor;
      pageCount += 1;
    } while (cursor !== undefined);

    expect(found).toEqual(sandboxes.map(({ sandboxId }) => sandboxId));
    expect(pageCount).toBeGreaterThan(1);
  });

  it('works on a table and indexes of other names', async () => {
    const harness = await tables.newHarness({
      names: { table: 'other-pool', statusIndex: 'by.status', trackIndex: 'by.track', nameIndex: 'by.name' },
    });
    const { store } = harness;
    await store.add(candidate);

    expect((await store.findAvailable(wholeShard, { limit: 10 })).items).toEqual([candidate]);
    const byName = { by: 'name', shard, prefix: 'csp', descending: false } as const;
    expect((await store.findAvailable(byName, { limit: 10 })).items).toEqual([candidate]);
    expect((await store.countByStatus()).available).toBe(1);
    expect(await store.allocate(candidate, allocate(candidate, SAMPLE_ALLOCATION))).toEqual({
      kind: 'allocated',
    });
    await store.ping();
  });

  it.each<[string, Item]>([
    ['allocated sandbox without a holder', { ...sandboxToItem(candidate), status: { S: 'allocated' } }],
    ['sandbox without a version', { ...sandboxToItem(candidate), version: { S: '1' } }],
  ])('says which row it is when it reads an %s', async (_what, item) => {
    const harness = await tables.newHarness();
    await harness.seedItems([item]);

    await expect(harness.store.getSandbox(candidate.sandboxId)).rejects.toThrow(/SBX#2009521 cannot be read/);
  });

  it('tells a missing table from one that does not answer', async () => {
    const names = { ...DEFAULT_TABLE_NAMES, table: 'NotThere' };
    const store = new DynamoSandboxStore(tables.client, names, silentLogger);

    const missing = { name: 'StoreUnavailableError', cause: { name: 'ResourceNotFoundException' } };
    await expect(store.ping()).rejects.toMatchObject(missing);
    await expect(store.add(candidate)).rejects.toMatchObject(missing);
  });

  it('keeps a claim in an item that tells a person what it is', async () => {
    const harness = await tables.newHarness();
    await harness.seed({ sandboxes: [candidate] });
    await harness.store.allocate(candidate, allocate(candidate, SAMPLE_ALLOCATION));

    const expected = claimToItem(claimOf(allocatedSandbox()), SAMPLE_ALLOCATION.allocatedAt);
    const { Item: item } = await harness.client.send(
      new GetItemCommand({
        TableName: harness.names.table,
        Key: { PK: expected.PK ?? { S: '' }, SK: { S: 'META' } },
      }),
    );

    expect(item).toEqual(expected);
    expect(item).not.toHaveProperty('ttl');
  });
});
