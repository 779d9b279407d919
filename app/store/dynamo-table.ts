import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  type PutItemCommandInput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type TransactWriteItem,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { toStoreError, writeOutcome } from './dynamo-errors';
import type { Item } from './items';
import type { CallOptions, WriteOutcome } from './sandbox-store';
import type { TableNames } from './table';

type OnTable<Input> = Omit<Input, 'TableName'>;

/**
 * The calls that our adapters make on the one table: the table's name filled in, reads consistent, and errors told
 * apart as `dynamo-errors.ts` does. `operation` names the port's method in error messages.
 */
export class DynamoTable {
  constructor(
    private readonly client: DynamoDBClient,
    readonly names: TableNames,
  ) {}

  async get(key: Item, operation: string, options?: CallOptions): Promise<Item | undefined> {
    try {
      const command = new GetItemCommand({ TableName: this.names.table, Key: key, ConsistentRead: true });
      return (await this.client.send(command, sendOptions(options))).Item;
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
      return await this.client.send(command, sendOptions(options));
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
    await this.client.send(new TransactWriteItemsCommand({ TransactItems: items }), sendOptions(options));
  }

  async put(
    input: OnTable<PutItemCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const command = new PutItemCommand({ TableName: this.names.table, ...input });
    return outcomeOf(operation, () => this.client.send(command, sendOptions(options)));
  }

  async delete(
    input: OnTable<DeleteItemCommandInput>,
    operation: string,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const command = new DeleteItemCommand({ TableName: this.names.table, ...input });
    return outcomeOf(operation, () => this.client.send(command, sendOptions(options)));
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
      attributes = (await this.client.send(command, sendOptions(options))).Attributes ?? {};
    });
    return { outcome, attributes };
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

function sendOptions(options?: CallOptions): { abortSignal?: AbortSignal } {
  return options?.signal ? { abortSignal: options.signal } : {};
}
