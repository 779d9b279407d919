import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type ConsumedCapacity,
} from '@aws-sdk/client-dynamodb';
import { allocate, requestDeletion } from '../../app/allocation/transitions';
import {
  claimToItem,
  sandboxKey,
  sandboxToItem,
  statusShard,
  updateBetween,
  type Item,
} from '../../app/store/items';
import { shardOf } from '../../app/store/table';
import { availableSandbox, SAMPLE_ALLOCATION } from '../fakes/sandbox-samples';
import { EngineTables, type EngineHarness } from './engine-tables';

/*
 * The benchmark of costs (bench/cost) believes what the engine says that a call consumes. Here the engine is held to
 * the rules of DynamoDB's Developer Guide: "Capacity unit consumption for read operations", "… for write operations",
 * "Using global secondary indexes", "DynamoDB item sizes and formats". That a transaction doubles the table's writes
 * but not those of the indexes is from AWS's own cost calculator (aws/agent-toolkit-for-aws, calculate_costs.py).
 */

const WITH_CAPACITY = { ReturnConsumedCapacity: 'INDEXES' } as const;

let tables: EngineTables;
let pool: EngineHarness;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(async () => {
  await tables.stop();
});

beforeEach(async () => {
  pool = await tables.newHarness();
});

/** Units of the table and of each index. */
function unitsOf(capacity: ConsumedCapacity | undefined): Record<string, number | undefined> {
  const { statusIndex, trackIndex, nameIndex } = pool.names;
  const of = (name: string): number | undefined => capacity?.GlobalSecondaryIndexes?.[name]?.CapacityUnits;
  return {
    total: capacity?.CapacityUnits,
    table: capacity?.Table?.CapacityUnits,
    status: of(statusIndex),
    track: of(trackIndex),
    name: of(nameIndex),
  };
}

/** The same item with an attribute that makes it so many bytes larger. */
function padded(item: Item, byteCount: number): Item {
  return { ...item, padding: { S: 'x'.repeat(byteCount - 'padding'.length) } };
}

/** The size of our sample row, added up by hand from the rule for each attribute, is less than this. */
const SAMPLE_ROW_BYTES = 420;

describe('writes', () => {
  it('cost a unit for the table and one for each index that holds the item', async () => {
    const { ConsumedCapacity } = await pool.client.send(
      new PutItemCommand({
        TableName: pool.names.table,
        Item: sandboxToItem(availableSandbox()),
        ...WITH_CAPACITY,
      }),
    );

    expect(unitsOf(ConsumedCapacity)).toMatchObject({ total: 3, table: 1, status: 1, name: 1 });
  });

  it('cost a unit for each kilobyte begun, in the table and in each index', async () => {
    const item = sandboxToItem(availableSandbox());
    const put = async (byteCount: number): Promise<number | undefined> => {
      const command = new PutItemCommand({
        TableName: pool.names.table,
        Item: padded(item, byteCount),
        ...WITH_CAPACITY,
      });
      return (await pool.client.send(command)).ConsumedCapacity?.CapacityUnits;
    };

    expect(await put(1_024 - SAMPLE_ROW_BYTES)).toBe(3);
    expect(await put(1_024)).toBe(6);
    expect(await put(3_000)).toBe(12);
  });

  it('cost two in an index whose key they change, one in an index that they only enter or leave', async () => {
    const before = availableSandbox();
    const held = allocate(before, SAMPLE_ALLOCATION);
    const released = requestDeletion(held, 1_700_001_000);
    await pool.seedItems([sandboxToItem(before)]);
    const update = async (from: typeof before | typeof held, to: typeof held | typeof released) =>
      pool.client.send(
        new UpdateItemCommand({
          TableName: pool.names.table,
          Key: sandboxKey(before.sandboxId),
          ...updateBetween(from, to),
          ...WITH_CAPACITY,
        }),
      );

    const taken = await update(before, held);
    // Status and name move to another partition; the track index has it for the first time.
    expect(unitsOf(taken.ConsumedCapacity)).toEqual({ total: 6, table: 1, status: 2, track: 1, name: 2 });

    const given = await update(held, released);
    // The track index keeps its key, but a changed row is written anew.
    expect(unitsOf(given.ConsumedCapacity)).toEqual({ total: 6, table: 1, status: 2, track: 1, name: 2 });
  });

  it('cost a unit in each index that a deleted item leaves', async () => {
    await pool.seedItems([sandboxToItem(allocate(availableSandbox(), SAMPLE_ALLOCATION))]);

    const { ConsumedCapacity } = await pool.client.send(
      new DeleteItemCommand({
        TableName: pool.names.table,
        Key: sandboxKey(availableSandbox().sandboxId),
        ...WITH_CAPACITY,
      }),
    );

    expect(unitsOf(ConsumedCapacity)).toEqual({ total: 4, table: 1, status: 1, track: 1, name: 1 });
  });

  it('cost double in a transaction, the index writes excepted', async () => {
    const before = availableSandbox();
    const held = allocate(before, SAMPLE_ALLOCATION);
    await pool.seedItems([sandboxToItem(before)]);
    const TableName = pool.names.table;
    const claim = { caller: 'student-1', idempotencyKey: 'student-1', sandboxId: before.sandboxId };

    const { ConsumedCapacity } = await pool.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: claimToItem(claim, 1_700_000_000) } },
          { Update: { TableName, Key: sandboxKey(before.sandboxId), ...updateBetween(before, held) } },
        ],
        ...WITH_CAPACITY,
      }),
    );

    expect(unitsOf(ConsumedCapacity?.[0])).toEqual({ total: 9, table: 4, status: 2, track: 1, name: 2 });
  });
});

describe('reads', () => {
  it('cost a unit when consistent, of a missing item too', async () => {
    const get = async (sandboxId: string): Promise<number | undefined> => {
      const command = new GetItemCommand({
        TableName: pool.names.table,
        Key: sandboxKey(sandboxId),
        ConsistentRead: true,
        ...WITH_CAPACITY,
      });
      return (await pool.client.send(command)).ConsumedCapacity?.CapacityUnits;
    };
    await pool.seedItems([sandboxToItem(availableSandbox())]);

    expect(await get(availableSandbox().sandboxId)).toBe(1);
    expect(await get('unknown')).toBe(1);
  });

  it.each(['COUNT', 'ALL_ATTRIBUTES'] as const)(
    'of an index cost half a unit for each 4 KB of what they pass over together (%s)',
    async (Select) => {
      const items = Array.from({ length: 40 }, (_, index) =>
        padded(sandboxToItem(availableSandbox({ sandboxId: '7', queuePosition: index })), 1_024),
      ).map((item, index) => ({ ...item, PK: { S: `SBX#${index}` } }));
      await pool.seedItems(items);
      const query = async (Limit: number): Promise<number | undefined> => {
        const command = new QueryCommand({
          TableName: pool.names.table,
          IndexName: pool.names.statusIndex,
          KeyConditionExpression: 'status_shard = :shard',
          ExpressionAttributeValues: { ':shard': { S: statusShard('available', shardOf('7')) } },
          Select,
          Limit,
          ...WITH_CAPACITY,
        });
        return (await pool.client.send(command)).ConsumedCapacity?.CapacityUnits;
      };

      // Of 1,024 and some 400 bytes each: 1 item is below 4 KB, 40 are about 56 KB.
      expect(await query(1)).toBe(0.5);
      expect(await query(40)).toBeGreaterThanOrEqual((40 * 1_324) / 8_192);
      expect(await query(40)).toBeLessThanOrEqual((40 * 1_474) / 8_192);
    },
  );

  it('of an empty index partition cost half a unit', async () => {
    const { ConsumedCapacity } = await pool.client.send(
      new QueryCommand({
        TableName: pool.names.table,
        IndexName: pool.names.statusIndex,
        KeyConditionExpression: 'status_shard = :shard',
        ExpressionAttributeValues: { ':shard': { S: 'stale#0' } },
        Select: 'COUNT',
        ...WITH_CAPACITY,
      }),
    );

    expect(ConsumedCapacity?.CapacityUnits).toBe(0.5);
  });
});
