import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  type PutItemCommandInput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type ScanCommandInput,
  type ScanCommandOutput,
  type TransactWriteItem,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { accessFaultOf, toStoreError, writeOutcome } from './dynamo-errors';
import type { Item } from './items';
import type { CallOptions, WriteOutcome } from './sandbox-store';
import type { TableNames } from './table';

interface SendOptions {
  abortSignal?: AbortSignal;
}

/** Rejects when the signal fires first. */
type Sleep = (durationMs: number, value: undefined, options: { signal?: AbortSignal }) => Promise<void>;

type OnTable<Input> = Omit<Input, 'TableName'>;

/**
 * Delays before a call that was denied access is repeated. New credentials may be valid meanwhile. And an error within
 * milliseconds would make the load balancer prefer this process: it sends requests where the fewest are outstanding.
 */
const DELAYS_WHILE_DENIED_MS = [100, 300, 600];

/**
 * The calls that our adapters make on the one table: the table's name filled in, reads consistent, and errors told
 * apart as `dynamo-errors.ts` does. `operation` names the port's method in error messages.
 */
export class DynamoTable {
  constructor(
    private readonly client: Pick<DynamoDBClient, 'send'>,
    readonly names: TableNames,
    private readonly sleep: Sleep = delay,
  ) {}

  async get(key: Item, operation: string, options?: CallOptions): Promise<Item | undefined> {
    try {
      const command = new GetItemCommand({ TableName: this.names.table, Key: key, ConsistentRead: true });
      return (await this.#send((to) => this.client.send(command, to), options)).Item;
    } catch (error) {
      throw toStoreError(error, operation);
    }
  }

  async query(
    input: OnTable<QueryCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<QueryCommandOutput> {
    try {
      const command = new QueryCommand({ TableName: this.names.table, ...input });
      return await this.#send((to) => this.client.send(command, to), options);
    } catch (error) {
      throw toStoreError(error, operation);
    }
  }

  /** A page of the table itself. */
  async scan(
    input: OnTable<ScanCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<ScanCommandOutput> {
    try {
      const command = new ScanCommand({ TableName: this.names.table, ConsistentRead: true, ...input });
      return await this.#send((to) => this.client.send(command, to), options);
    } catch (error) {
      throw toStoreError(error, operation);
    }
  }

  /** Counts what a query finds, to its last page. */
  async countAll(
    input: OnTable<QueryCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<number> {
    let count = 0;
    let startKey: Item | undefined;
    do {
      const answer = await this.query(
        { ...input, Select: 'COUNT', ExclusiveStartKey: startKey },
        operation,
        options,
      );
      count += answer.Count ?? 0;
      startKey = answer.LastEvaluatedKey;
    } while (startKey);
    return count;
  }

  /** All or nothing. Throws what the SDK throws: only the caller knows what each part's reason means. */
  async transact(items: TransactWriteItem[], options?: CallOptions): Promise<void> {
    const command = new TransactWriteItemsCommand({ TransactItems: items });
    await this.#send((to) => this.client.send(command, to), options);
  }

  async put(
    input: OnTable<PutItemCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const command = new PutItemCommand({ TableName: this.names.table, ...input });
    return outcomeOf(operation, () => this.#send((to) => this.client.send(command, to), options));
  }

  async delete(
    input: OnTable<DeleteItemCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const command = new DeleteItemCommand({ TableName: this.names.table, ...input });
    return outcomeOf(operation, () => this.#send((to) => this.client.send(command, to), options));
  }

  /** The outcome, and after `written` the attributes that `ReturnValues` asked for. */
  async update(
    input: OnTable<UpdateItemCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<{ outcome: WriteOutcome; attributes: Item }> {
    const command = new UpdateItemCommand({ TableName: this.names.table, ...input });
    let attributes: Item = {};
    const outcome = await outcomeOf(operation, async () => {
      const answer = await this.#send((to) => this.client.send(command, to), options);
      attributes = answer.Attributes ?? {};
    });
    return { outcome, attributes };
  }

  /** Sends a call; one that is denied access again after {@link DELAYS_WHILE_DENIED_MS}, until its caller gives it up. */
  async #send<Output>(
    send: (options: SendOptions) => Promise<Output>,
    { signal }: CallOptions = {},
  ): Promise<Output> {
    const options = signal ? { abortSignal: signal } : {};
    for (let tries = 0; ; tries += 1) {
      try {
        return await send(options);
      } catch (error) {
        const delayMs = DELAYS_WHILE_DENIED_MS[tries];
        if (delayMs === undefined || accessFaultOf(error) === undefined) throw error;
        await this.sleep(delayMs, undefined, { signal }).catch(() => undefined);
        // Why it failed is worth more to its caller than that the time is over.
        if (signal?.aborted) throw error;
      }
    }
  }
}

/** Sends a write; what DynamoDB refuses is an outcome, what it does not answer an error. */
export async function outcomeOf(operation: string, send: () => Promise<unknown>): Promise<WriteOutcome> {
  try {
    await send();
    return { kind: 'written' };
  } catch (error) {
    return writeOutcome(error, operation);
  }
}

/** A place in a query, as text; `undefined` at its end. */
export function encodeCursor(key: Item | undefined): string | undefined {
  return key && Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The place that {@link encodeCursor} wrote. Only for cursors that never leave this process. */
export function decodeCursor(cursor: string | undefined): Item | undefined {
  return cursor === undefined ? undefined : (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Item);
}
