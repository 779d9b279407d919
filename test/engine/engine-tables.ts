import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accountKey } from '../../app/allocation/account-key';
import type { Logger } from '../../app/logger';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { DynamoSandboxStore } from '../../app/store/dynamo-sandbox-store';
import { accountGuardKey, claimToItem, sandboxToItem, type Item } from '../../app/store/items';
import { DEFAULT_TABLE_NAMES, tableDefinition, type TableNames } from '../../app/store/table';
import { startEngine, type Engine } from '../../local/engine/engine';
import { ensureTable } from '../../local/engine/ensure-table';
import { silentLogger } from '../fakes/loggers';
import type { PoolContents } from '../fakes/pool-invariants';
import { scanPool } from '../fakes/scan-pool';
import type { StoreHarness } from '../store/store-harness';

/** BatchWriteItem takes no more. */
const MAX_BATCH_SIZE = 25;

/** A real store on a table of its own, and the client to look behind its back with. */
export interface EngineHarness extends StoreHarness {
  store: DynamoSandboxStore;
  client: DynamoDBClient;
  names: TableNames;
  /** Puts items as they are, readable or not. */
  seedItems: (items: Item[]) => Promise<void>;
}

/** A running engine in which every test gets a new table. */
export class EngineTables {
  #tableCount = 0;

  private constructor(
    private readonly engine: Engine,
    readonly client: DynamoDBClient,
  ) {}

  static async start(): Promise<EngineTables> {
    const engine = await startEngine();
    return new EngineTables(engine, createDynamoClient({ region: 'us-east-1', endpoint: engine.endpoint }));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.engine.stop();
  }

  /** A new table and a store on it. */
  async newHarness({
    names = {},
    logger = silentLogger,
  }: { names?: Partial<TableNames>; logger?: Logger } = {}): Promise<EngineHarness> {
    this.#tableCount += 1;
    const tableNames = { ...DEFAULT_TABLE_NAMES, table: `Pool-${this.#tableCount}`, ...names };
    const { client } = this;
    await ensureTable(client, tableDefinition(tableNames));
    const seedItems = (items: Item[]): Promise<void> => putAll(client, tableNames.table, items);
    return {
      client,
      names: tableNames,
      store: new DynamoSandboxStore(client, tableNames, logger),
      seed: (contents) => seedItems(toItems(contents)),
      seedItems,
      contents: () => scanPool(client, tableNames.table),
    };
  }
}

/** Rows with the guards of their accounts, as if they had been added: the first row of an account has it. */
function toItems({ sandboxes = [], claims = [] }: Partial<PoolContents>): Item[] {
  const guards = new Map<string, Item>();
  for (const { sandboxId, externalId, createdAt } of sandboxes) {
    const key = accountKey(externalId);
    if (key === undefined || guards.has(key)) continue;
    guards.set(key, {
      ...accountGuardKey(key),
      sandbox_id: { S: sandboxId },
      external_id: { S: externalId },
      created_at: { N: String(createdAt) },
    });
  }
  return [
    ...sandboxes.map(sandboxToItem),
    ...guards.values(),
    ...claims.map((claim) => claimToItem(claim, 1_700_000_000)),
  ];
}

async function putAll(client: DynamoDBClient, table: string, items: Item[]): Promise<void> {
  for (let start = 0; start < items.length; start += MAX_BATCH_SIZE) {
    const requests = items
      .slice(start, start + MAX_BATCH_SIZE)
      .map((item) => ({ PutRequest: { Item: item } }));
    const { UnprocessedItems: left = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
    );
    if (Object.keys(left).length > 0) throw new Error(`The engine did not put all items into ${table}`);
  }
}
