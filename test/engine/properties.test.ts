import {
  DeleteItemCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { DynamoInventoryStore } from '../../app/store/dynamo-inventory-store';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import {
  claimFromItem,
  JOBS_CONTROL_KEY,
  sandboxFromItem,
  sandboxKey,
  type Item,
} from '../../app/store/items';
import { silentLogger } from '../fakes/loggers';
import type { PoolContents } from '../fakes/pool-invariants';
import { asAskedFor, checkWorlds } from '../properties/check-worlds';
import type { WorldTable, WorldTableOptions } from '../properties/pool-world';
import type { StoredDamage } from '../properties/stored-damage';
import { EngineTables, type EngineHarness } from './engine-tables';
import { LaggingLists } from './lagging-lists';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

/** A world's table in the engine. */
async function newEngineTable({ nowMs, indexLagMs, pool }: WorldTableOptions): Promise<WorldTable> {
  const harness = await tables.newHarness();
  const { store, client, names, seed } = harness;
  await seed(pool);
  const lists = new LaggingLists(nowMs, indexLagMs);
  return {
    ports: {
      store: lists.store(store),
      inventory: lists.inventory(new DynamoInventoryStore(client, names, silentLogger)),
      jobStore: new DynamoJobStore(client, names),
    },
    row: (sandboxId) => store.getSandbox(sandboxId),
    contents: () => readableContents(harness),
    damage: (damage) => put(damage, harness),
    forget: async (sandboxId) => {
      await client.send(new DeleteItemCommand({ TableName: names.table, Key: sandboxKey(sandboxId) }));
    },
    isCheapToRead: false,
  };
}

/** All that can be read of a table, whatever else is in it. */
async function readableContents({ client, names }: EngineHarness): Promise<PoolContents> {
  const contents: PoolContents = { sandboxes: [], claims: [] };
  const { Items = [] } = await client.send(new ScanCommand({ TableName: names.table, ConsistentRead: true }));
  for (const item of Items) {
    const kind = item.PK?.S?.split('#')[0];
    if (kind === 'CLAIM') contents.claims.push(claimFromItem(item));
    if (kind !== 'SBX' || item[DAMAGED]) continue;
    contents.sandboxes.push(sandboxFromItem(item));
  }
  return contents;
}

/** Marks the rows that this test has made unreadable. */
const DAMAGED = 'damaged_by_test';

async function put(damage: StoredDamage, { client, names }: EngineHarness): Promise<boolean> {
  const [key, attributes] = damagedAttributes(damage);
  const changes = Object.entries(attributes);
  await client.send(
    new UpdateItemCommand({
      TableName: names.table,
      Key: key,
      UpdateExpression: `SET ${changes.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(changes.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(changes.map(([name, value]) => [`:${name}`, value])),
    }),
  );
  return true;
}

function damagedAttributes(damage: StoredDamage): [Item, Record<string, AttributeValue>] {
  const isMarked = { [DAMAGED]: { BOOL: true } };
  switch (damage.kind) {
    case 'due time':
      return [
        runKey(damage.job),
        { ...EMPTY_RUN, next_due_at: { N: String(Math.floor(damage.atMs / 1_000)) } },
      ];
    case 'outcome':
      return [runKey(damage.job), { ...EMPTY_RUN, outcome: { S: damage.word } }];
    case 'lease':
      return [
        { PK: { S: `LEASE#${damage.job}` }, SK: { S: 'META' } },
        { holder: { S: 'somebody' }, expires_at_ms: { N: String(damage.atMs) }, fencing_number: { N: '1' } },
      ];
    case 'runner':
      return [JOBS_CONTROL_KEY, { runner: { S: damage.word } }];
    case 'status':
      return [sandboxKey(damage.sandboxId), { ...isMarked, status: { S: damage.word } }];
    case 'broken row':
      return [sandboxKey(damage.sandboxId), { ...isMarked, version: { S: 'one' } }];
    case 'attempt time':
      return [sandboxKey(damage.sandboxId), { status_order: { N: String(Math.floor(damage.atMs / 1_000)) } }];
  }
}

function runKey(job: string): Item {
  return { PK: { S: `JOB#${job}` }, SK: { S: 'LAST' } };
}

const EMPTY_RUN: Record<string, AttributeValue> = {
  started_at: { N: '0' },
  duration_ms: { N: '0' },
  outcome: { S: 'success' },
  counts: { M: {} },
  run_by: { S: 'somebody' },
  next_due_at: { N: '0' },
};

const RUNS = 150;
/** Shorter than with the fake: a call takes a hundred times as long. */
const MAX_COMMAND_COUNT = 12;

describe('Whatever happens, in whatever order, on the engine', () => {
  it('every rule of the pool holds', async () => {
    const { failure, eventCounts } = await checkWorlds({
      newTable: newEngineTable,
      maxCommandCount: MAX_COMMAND_COUNT,
      replay: '--selectProjects engine --testPathPatterns engine/properties',
      ...asAskedFor(RUNS),
    });

    expect(failure?.report).toBeUndefined();
    expect([...eventCounts.keys()]).toEqual(expect.arrayContaining(['201', 'available → allocated']));
  }, 1_800_000);
});
