import { randomInt } from 'node:crypto';
import {
  BatchWriteItemCommand,
  paginateScan,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { AvailableSandbox, Sandbox } from '../../app/allocation/sandbox';
import { stock } from '../../app/allocation/transitions';
import { sandboxFromItem, sandboxKey, sandboxToItem, type Item } from '../../app/store/items';
import { QUEUE_POSITION_LIMIT, type TableNames } from '../../app/store/table';
import { localDynamoClient } from '../../local/engine/ensure-table';

/** A table, and the engine that keeps it. */
export interface TableAt {
  endpoint: string;
  tableNames: TableNames;
}

/** Sandboxes to fill the pool with. */
export interface Batch {
  count: number;
  namePrefix: string;
}

/** What `BatchWriteItem` takes at once. */
const BATCH_SIZE = 25;
const BATCHES_AT_ONCE = 8;

/**
 * The pool between two rounds, straight in the engine. Each round begins with the same number of rows. What a round has
 * touched is replaced by sandboxes of new ids: API processes pass over revisions that they have seen taken.
 */
export class BenchPool {
  readonly client: DynamoDBClient;
  #nextId = 2_000_000;

  constructor(readonly table: TableAt) {
    this.client = localDynamoClient(table.endpoint);
  }

  /**
   * Sees to it that the table holds these available sandboxes and nothing else. No batch's prefix may begin another's.
   * Resolves with all of them.
   */
  async refill(batches: Batch[]): Promise<AvailableSandbox[]> {
    const items = await this.scan();
    const untouched = items.filter(isUntouched).map(sandboxFromItem).filter(isAvailable);
    const kept = batches.flatMap(({ count, namePrefix }) =>
      untouched.filter(({ name }) => name.startsWith(namePrefix)).slice(0, count),
    );
    const keptKeys = new Set(kept.map(({ sandboxId }) => sandboxKey(sandboxId).PK?.S));
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const added = batches.flatMap(({ count, namePrefix }) => {
      const keptCount = kept.filter(({ name }) => name.startsWith(namePrefix)).length;
      return Array.from({ length: count - keptCount }, () => this.#newSandbox(namePrefix, nowSeconds));
    });
    await this.#write([
      ...items
        .filter(({ PK }) => !keptKeys.has(PK?.S))
        .map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } as Item } })),
      ...added.map((sandbox) => ({ PutRequest: { Item: sandboxToItem(sandbox) } })),
    ]);
    return [...kept, ...added];
  }

  /** Adds these to what is there. */
  async add(sandboxes: AvailableSandbox[]): Promise<void> {
    await this.#write(sandboxes.map((sandbox) => ({ PutRequest: { Item: sandboxToItem(sandbox) } })));
  }

  /** Every item of the table. */
  async scan(): Promise<Item[]> {
    const pages = paginateScan(
      { client: this.client },
      { TableName: this.table.tableNames.table, ConsistentRead: true },
    );
    const all: Item[] = [];
    for await (const { Items: items = [] } of pages) all.push(...items);
    return all;
  }

  close(): void {
    this.client.destroy();
  }

  #newSandbox(namePrefix: string, nowSeconds: number): AvailableSandbox {
    const sandboxId = String(this.#nextId++);
    const account = {
      sandboxId,
      name: `${namePrefix}${sandboxId}`,
      externalId: `identity/accounts/00000000-0000-4000-8000-${sandboxId.padStart(12, '0')}`,
      sfdcAccountId: '001BE91C0000000000',
    };
    return stock(account, randomInt(QUEUE_POSITION_LIMIT), nowSeconds);
  }

  async #write(requests: WriteRequest[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(requests.length / BATCH_SIZE) }, (_, batch) =>
      requests.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE),
    ).values();
    const lane = async (): Promise<void> => {
      for (const batch of batches) await this.#writeBatch(batch);
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, lane));
  }

  async #writeBatch(batch: WriteRequest[]): Promise<void> {
    let left: WriteRequest[] = batch;
    while (left.length > 0) {
      const { table } = this.table.tableNames;
      const answer = await this.client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = answer.UnprocessedItems?.[table] ?? [];
    }
  }
}

/** Whether the item is a sandbox that is still as `stock` made it: available, and at its first version. */
export function isUntouched({ PK, status, status_order: queuePosition, version }: Item): boolean {
  return (
    PK?.S?.startsWith('SBX#') === true &&
    status?.S === 'available' &&
    Number(version?.N) === Number(queuePosition?.N) + 1
  );
}

function isAvailable(sandbox: Sandbox): sandbox is AvailableSandbox {
  return sandbox.status === 'available';
}
