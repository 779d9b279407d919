import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accountKey } from '../allocation/account-key';
import { NEVER_SECONDS, SANDBOX_STATUSES, type Sandbox } from '../allocation/sandbox';
import type { Logger } from '../logger';
import { deleteGuards, putGuard, readGuard } from './dynamo-account-guards';
import { cancellationReasons, reasonKind, writeOutcome } from './dynamo-errors';
import { decodeCursor, DynamoTable, encodeCursor } from './dynamo-table';
import type {
  AccountRow,
  GuardOutcome,
  InventoryStore,
  NameSegment,
  RowPage,
  RowPosition,
  ScanPage,
  StatusSegment,
} from './inventory-store';
import {
  CorruptItemError,
  sandboxFromItem,
  sandboxIdOf,
  sandboxKey,
  statusShard,
  unchangedSince,
  updateBetween,
  type Item,
} from './items';
import type { CallOptions, WriteOutcome } from './sandbox-store';
import { SHARD_COUNT, type TableNames } from './table';
import { reportUnreadable } from './unreadable-records';

/** The {@link InventoryStore} on DynamoDB. */
export class DynamoInventoryStore implements InventoryStore {
  readonly #table: DynamoTable;

  constructor(
    client: DynamoDBClient,
    private readonly names: TableNames,
    private readonly logger: Logger,
  ) {
    this.#table = new DynamoTable(client, names);
  }

  async listByStatus(
    segment: StatusSegment,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage> {
    const shard = statusShard(segment.status, segment.shard);
    const { condition, values } = orderRange(segment);
    return this.#page(
      {
        IndexName: this.names.statusIndex,
        KeyConditionExpression: `status_shard = :shard${condition}`,
        ExpressionAttributeValues: { ':shard': { S: shard }, ...values },
      },
      page,
      (position) => ({ status_shard: { S: shard }, status_order: { N: digitsOf(position) } }),
      (item) => numberAt(item.status_order?.N),
      options,
    );
  }

  async listByCaller(
    caller: string,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage> {
    return this.#page(
      {
        IndexName: this.names.trackIndex,
        KeyConditionExpression: 'allocated_to_track = :caller',
        ExpressionAttributeValues: { ':caller': { S: caller } },
      },
      page,
      (position) => ({ allocated_to_track: { S: caller }, allocated_at: { N: digitsOf(position) } }),
      (item) => numberAt(item.allocated_at?.N),
      options,
    );
  }

  async listByName(
    { status, shard, prefix }: NameSegment,
    page: { limit: number; after?: RowPosition<string> },
    options?: CallOptions,
  ): Promise<RowPage<string>> {
    const shardKey = { S: statusShard(status, shard) };
    return this.#page(
      {
        IndexName: this.names.nameIndex,
        KeyConditionExpression: 'status_shard = :shard AND begins_with(#name, :prefix)',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':shard': shardKey, ':prefix': { S: prefix } },
      },
      page,
      ({ order }) => ({ status_shard: shardKey, name: { S: order } }),
      (item) => ({ order: item.name?.S ?? '' }),
      options,
    );
  }

  async scan({ after }: { after?: string }, options?: CallOptions): Promise<ScanPage> {
    const answer = await this.#table.scan(
      {
        FilterExpression: 'begins_with(PK, :row)',
        ProjectionExpression: 'PK, external_id, created_at, #status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':row': { S: 'SBX#' } },
        ExclusiveStartKey: decodeCursor(after),
      },
      'scan',
      options,
    );
    const unreadable: string[] = [];
    const rows = (answer.Items ?? []).flatMap((item) => {
      const row = scannedRow(item);
      if (!row) {
        reportUnreadable(item.PK?.S);
        unreadable.push(sandboxIdOf(item));
      }
      return row ?? [];
    });
    const next = encodeCursor(answer.LastEvaluatedKey);
    return {
      rows,
      ...(unreadable.length > 0 ? { unreadable } : {}),
      ...(next === undefined ? {} : { next }),
    };
  }

  async countGivenUp(options?: CallOptions): Promise<number> {
    const shards = Array.from({ length: SHARD_COUNT }, (_, shard) =>
      this.#table.countAll(
        {
          IndexName: this.names.statusIndex,
          KeyConditionExpression: 'status_shard = :shard AND status_order = :given_up',
          ExpressionAttributeValues: {
            ':shard': { S: statusShard('deletion_failed', shard) },
            ':given_up': { N: String(NEVER_SECONDS) },
          },
        },
        'countGivenUp',
        options,
      ),
    );
    return (await Promise.all(shards)).reduce((sum, count) => sum + count, 0);
  }

  async save(before: Sandbox, after: Sandbox, options?: CallOptions): Promise<WriteOutcome> {
    const update = { Key: sandboxKey(before.sandboxId), ...updateBetween(before, after) };
    return (await this.#table.update(update, 'save', options)).outcome;
  }

  async remove(sandbox: Sandbox, options?: CallOptions): Promise<WriteOutcome> {
    const input = { Key: sandboxKey(sandbox.sandboxId), ...unchangedSince(sandbox) };
    const isGuardKept = sandbox.status !== 'stale' || accountKey(sandbox.externalId) === undefined;
    if (isGuardKept) return this.#table.delete(input, 'remove', options);
    const row = { Delete: { TableName: this.#table.names.table, ...input } };
    try {
      await this.#table.transact([row, ...deleteGuards(this.#table, sandbox)], options);
      return { kind: 'written' };
    } catch (error) {
      const [rowReason, ...guardReasons] = (cancellationReasons(error) ?? []).map(reasonKind);
      if (!guardReasons.includes('condition') || rowReason !== 'none') return writeOutcome(error, 'remove');
    }
    // The account belongs to another row, whose guard stays.
    return this.#table.delete(input, 'remove', options);
  }

  async guardAccount(
    sandbox: Pick<Sandbox, 'sandboxId' | 'externalId' | 'createdAt'>,
    options?: CallOptions & { insteadOf?: string },
  ): Promise<GuardOutcome> {
    const insteadOf = options?.insteadOf;
    const guard = putGuard(this.#table, sandbox, insteadOf);
    // Nearly all rows have theirs, and a read costs less than a write that is refused.
    const found = await readGuard(this.#table, sandbox.externalId, options);
    const isOwn = found?.sandboxId === sandbox.sandboxId;
    if (found?.isUnderKey && isOwn) return { kind: 'written' };
    if (found && !isOwn && found.sandboxId !== insteadOf) {
      return { kind: 'identity_conflict', heldBy: found.sandboxId };
    }
    const isThere = {
      TableName: this.#table.names.table,
      Key: sandboxKey(sandbox.sandboxId),
      ConditionExpression: 'external_id = :external_id',
      ExpressionAttributeValues: { ':external_id': { S: sandbox.externalId } },
    };
    try {
      await this.#table.transact([{ ConditionCheck: isThere }, { Put: guard }], options);
      return { kind: 'written' };
    } catch (error) {
      if (reasonKind(cancellationReasons(error)?.[0]) === 'condition') return { kind: 'gone' };
      const outcome = writeOutcome(error, 'guardAccount');
      // Put by another process between the two calls: the next try reads it.
      return outcome.kind === 'changed' ? { kind: 'conflict' } : outcome;
    }
  }

  async accountHolder(externalId: string, options?: CallOptions): Promise<string | undefined> {
    return (await readGuard(this.#table, externalId, options))?.sandboxId;
  }

  async #page<Order>(
    query: {
      IndexName: string;
      KeyConditionExpression: string;
      ExpressionAttributeNames?: Record<string, string>;
      ExpressionAttributeValues: Item;
    },
    page: { limit: number; after?: RowPosition<Order> },
    indexKey: (position: RowPosition<Order>) => Item,
    placeOf: (item: Item) => Omit<RowPosition<Order>, 'sandboxId'>,
    options?: CallOptions,
  ): Promise<RowPage<Order>> {
    const { limit, after } = page;
    const answer = await this.#table.query(
      {
        ...query,
        Limit: limit,
        ExclusiveStartKey: after && { ...sandboxKey(after.sandboxId), ...indexKey(after) },
      },
      'list',
      options,
    );
    const last = answer.LastEvaluatedKey;
    const unreadable: string[] = [];
    const items = (answer.Items ?? []).flatMap((item) => this.#readable(item, unreadable));
    return {
      items,
      ...(unreadable.length > 0 ? { unreadable } : {}),
      next: last && { sandboxId: sandboxIdOf(last), ...placeOf(last) },
    };
  }

  /** One unreadable row must not stop a job that has thousands to do: it is reported and passed over. */
  #readable(item: Item, unreadable: string[]): Sandbox[] {
    try {
      return [sandboxFromItem(item)];
    } catch (error) {
      if (!(error instanceof CorruptItemError)) throw error;
      this.logger.error({ err: error }, 'passed over an unreadable sandbox row: correct or remove it');
      unreadable.push(sandboxIdOf(item));
      return [];
    }
  }
}

/** The part of a key condition that limits the order, and its values. */
function orderRange({ from, upTo }: StatusSegment): { condition: string; values: Item } {
  const values: Item = {
    ...(from === undefined ? {} : { ':from': { N: String(from) } }),
    ...(upTo === undefined ? {} : { ':up_to': { N: String(upTo) } }),
  };
  // A query takes one condition on the range key.
  if (from !== undefined && upTo !== undefined) {
    return { condition: ' AND status_order BETWEEN :from AND :up_to', values };
  }
  if (from !== undefined) return { condition: ' AND status_order >= :from', values };
  return { condition: upTo === undefined ? '' : ' AND status_order <= :up_to', values };
}

/** A place in an order of numbers. What a number cannot hold would come before its own row, which would come again. */
function numberAt(digits = ''): { order: number; exactOrder?: string } {
  const order = Number(digits);
  return String(order) === digits ? { order } : { order, exactOrder: digits };
}

function digitsOf({ order, exactOrder = String(order) }: RowPosition): string {
  return exactOrder;
}

/** Reads only what it needs, so that a row which is damaged elsewhere keeps its account all the same. */
function scannedRow(item: Item): AccountRow | undefined {
  const externalId = item.external_id?.S;
  if (externalId === undefined) return undefined;
  const createdAt = Number(item.created_at?.N ?? 0);
  const status = SANDBOX_STATUSES.find((known) => known === item.status?.S) ?? 'unknown';
  return { sandboxId: sandboxIdOf(item), externalId, createdAt, status };
}
