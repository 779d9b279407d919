import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoInventoryStore } from '../../app/store/dynamo-inventory-store';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import { sandboxKey } from '../../app/store/items';
import { silentLogger } from '../fakes/loggers';
import { asAskedFor, checkWorlds } from '../properties/check-worlds';
import type { WorldTable, WorldTableOptions } from '../properties/pool-world';
import { EngineTables } from './engine-tables';
import { LaggingLists } from './lagging-lists';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

/** A world's table in the engine. */
async function newEngineTable({ nowMs, indexLagMs, pool }: WorldTableOptions): Promise<WorldTable> {
  const { store, client, names, seed, contents } = await tables.newHarness();
  await seed(pool);
  const lists = new LaggingLists(nowMs, indexLagMs);
  return {
    ports: {
      store: lists.store(store),
      inventory: lists.inventory(new DynamoInventoryStore(client, names, silentLogger)),
      jobStore: new DynamoJobStore(client, names),
    },
    row: (sandboxId) => store.getSandbox(sandboxId),
    contents,
    forget: async (sandboxId) => {
      await client.send(new DeleteItemCommand({ TableName: names.table, Key: sandboxKey(sandboxId) }));
    },
    isCheapToRead: false,
  };
}

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
  }, 600_000);
});
