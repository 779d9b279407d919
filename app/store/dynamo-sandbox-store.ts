import type { DynamoDBClient, QueryCommandInput, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type {
  AllocatedSandbox,
  AvailableSandbox,
  Claim,
  PendingDeletionSandbox,
  Sandbox,
} from '../allocation/sandbox';
import type { Logger } from '../logger';
import { heldBy, noOtherGuard, putGuard } from './dynamo-account-guards';
import { DynamoAllocations } from './dynamo-allocations';
import { cancellationReasons, reasonKind, writeOutcome } from './dynamo-errors';
import { decodeCursor, DynamoTable, encodeCursor, outcomeOf } from './dynamo-table';
import {
  claimFromItem,
  claimKey,
  CorruptItemError,
  JOBS_CONTROL_KEY,
  sandboxFromItem,
  sandboxKey,
  sandboxToItem,
  statusShard,
  updateBetween,
  type Item,
} from './items';
import {
  COUNTED_STATUSES,
  StoreUnavailableError,
  type AddOutcome,
  type AllocateOptions,
  type AllocateOutcome,
  type AvailableSegment,
  type CallOptions,
  type KnownCounts,
  type Page,
  type SandboxStore,
  type StatusCounts,
  type WriteOutcome,
} from './sandbox-store';
import { SHARD_COUNT, type TableNames } from './table';

/** The {@link SandboxStore} on DynamoDB. */
export class DynamoSandboxStore implements SandboxStore {
  readonly #table: DynamoTable;
  readonly #allocations: DynamoAllocations;

  constructor(
    client: DynamoDBClient,
    private readonly names: TableNames,
    private readonly logger: Logger,
  ) {
    this.#table = new DynamoTable(client, names);
    this.#allocations = new DynamoAllocations(this.#table);
  }

  async allocate(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options?: AllocateOptions,
  ): Promise<AllocateOutcome> {
    return this.#allocations.allocate(candidate, allocated, options);
  }

  async endAllocation(
    before: AllocatedSandbox,
    after: PendingDeletionSandbox,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const { caller, idempotencyKey } = before.allocation;
    const update = this.#update(before, after);
    const endClaim: TransactWriteItem = {
      Delete: {
        TableName: this.names.table,
        Key: claimKey(caller, idempotencyKey),
        // A row from before there were claims has none.
        ConditionExpression: 'attribute_not_exists(PK) OR sandbox_id = :sandbox_id',
        ExpressionAttributeValues: { ':sandbox_id': { S: before.sandboxId } },
      },
    };
    try {
      await this.#table.transact([update, endClaim], options);
      return { kind: 'written' };
    } catch (error) {
      const [sandboxReason, claimReason] = (cancellationReasons(error) ?? []).map(reasonKind);
      if (claimReason !== 'condition' || sandboxReason !== 'none')
        return writeOutcome(error, 'endAllocation');
    }
    // Only a hand in the table leads here. The claim is for another sandbox and stays; this one must still end.
    this.logger.error(
      { sandbox_id: before.sandboxId },
      'the claim of an allocated sandbox is for another one',
    );
    return outcomeOf('endAllocation', () => this.#table.transact([update], options));
  }

  async endOrphanedClaim(claim: Claim, options?: CallOptions): Promise<WriteOutcome> {
    const isOrphan: TransactWriteItem = {
      ConditionCheck: {
        TableName: this.names.table,
        Key: sandboxKey(claim.sandboxId),
        ConditionExpression:
          'attribute_not_exists(PK) OR #status <> :allocated OR allocated_to_track <> :caller OR idempotency_key <> :key',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':allocated': { S: 'allocated' },
          ':caller': { S: claim.caller },
          ':key': { S: claim.idempotencyKey },
        },
      },
    };
    const endClaim: TransactWriteItem = {
      Delete: {
        TableName: this.names.table,
        Key: claimKey(claim.caller, claim.idempotencyKey),
        ConditionExpression: 'sandbox_id = :sandbox_id',
        ExpressionAttributeValues: { ':sandbox_id': { S: claim.sandboxId } },
      },
    };
    return outcomeOf('endOrphanedClaim', () => this.#table.transact([isOrphan, endClaim], options));
  }

  async add(sandbox: AvailableSandbox, options?: CallOptions): Promise<AddOutcome> {
    const row = {
      TableName: this.names.table,
      Item: sandboxToItem(sandbox),
      ConditionExpression: 'attribute_not_exists(PK)',
    };
    const guard = putGuard(this.#table, sandbox);
    try {
      const parts = [{ Put: row }, { Put: guard }, ...noOtherGuard(this.#table, sandbox)];
      await this.#table.transact(parts, options);
      return { kind: 'written' };
    } catch (error) {
      const [rowReason, ...guardReasons] = cancellationReasons(error) ?? [];
      const standing = guardReasons.find((reason) => reasonKind(reason) === 'condition')?.Item;
      if (standing && reasonKind(rowReason) !== 'condition') {
        return { kind: 'identity_conflict', heldBy: heldBy(standing) };
      }
      return writeOutcome(error, 'add');
    }
  }

  async getSandbox(sandboxId: string, options?: CallOptions): Promise<Sandbox | undefined> {
    const item = await this.#table.get(sandboxKey(sandboxId), 'getSandbox', options);
    return item && sandboxFromItem(item);
  }

  async getClaim(caller: string, idempotencyKey: string, options?: CallOptions): Promise<Claim | undefined> {
    const item = await this.#table.get(claimKey(caller, idempotencyKey), 'getClaim', options);
    return item && claimFromItem(item);
  }

  async findAvailable(
    segment: AvailableSegment,
    page: { limit: number; cursor?: string },
    options?: CallOptions,
  ): Promise<Page<AvailableSandbox>> {
    const answer = await this.#table.query(
      { ...this.#availableQuery(segment), Limit: page.limit, ExclusiveStartKey: decodeCursor(page.cursor) },
      'findAvailable',
      options,
    );
    return {
      items: (answer.Items ?? []).flatMap((item) => this.#readableCandidate(item)),
      cursor: encodeCursor(answer.LastEvaluatedKey),
    };
  }

  async countByStatus(options?: CallOptions): Promise<KnownCounts> {
    const counts: KnownCounts = {};
    let fault: StoreUnavailableError | undefined;
    for (const status of COUNTED_STATUSES) {
      const shards = await Promise.allSettled(this.#countShards(status, options));
      const silent = shards.filter((shard) => shard.status === 'rejected');
      if (silent.length === 0) {
        counts[status] = shards.reduce((sum, shard) => sum + ('value' in shard ? shard.value : 0), 0);
        continue;
      }
      const error: unknown = silent[0]?.reason;
      if (!(error instanceof StoreUnavailableError)) throw error;
      fault ??= error;
      // Not one answer so far: the table does not answer, and the other statuses would be waited for in vain.
      if (silent.length === shards.length && Object.keys(counts).length === 0) break;
      this.logger.warn(
        { err: error, status, silent_shards: silent.length },
        'could not count the sandboxes in a status',
      );
    }
    if (fault && Object.keys(counts).length === 0) throw fault;
    return counts;
  }

  #countShards(status: keyof StatusCounts, options?: CallOptions): Promise<number>[] {
    return Array.from({ length: SHARD_COUNT }, (_, shard) =>
      this.#table.countAll(
        {
          IndexName: this.names.statusIndex,
          KeyConditionExpression: 'status_shard = :shard',
          ExpressionAttributeValues: { ':shard': { S: statusShard(status, shard) } },
        },
        'countByStatus',
        options,
      ),
    );
  }

  async ping(options?: CallOptions): Promise<void> {
    // The same item that tells who runs the jobs; that it may be missing does not matter.
    await this.#table.get(JOBS_CONTROL_KEY, 'ping', options);
  }

  #availableQuery(segment: AvailableSegment): Omit<QueryCommandInput, 'TableName'> {
    const shard = { S: statusShard('available', segment.shard) };
    if (segment.by === 'queuePosition') {
      return {
        IndexName: this.names.statusIndex,
        KeyConditionExpression: 'status_shard = :shard AND status_order BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':shard': shard,
          ':from': { N: String(segment.from) },
          ':to': { N: String(segment.to) },
        },
      };
    }
    return {
      IndexName: this.names.nameIndex,
      KeyConditionExpression: 'status_shard = :shard AND begins_with(#name, :prefix)',
      ExpressionAttributeNames: { '#name': 'name' },
      ExpressionAttributeValues: { ':shard': shard, ':prefix': { S: segment.prefix } },
      ScanIndexForward: !segment.descending,
    };
  }

  /** One unreadable row must not stop a class from starting: it is reported and passed over. */
  #readableCandidate(item: Item): AvailableSandbox[] {
    try {
      const sandbox = sandboxFromItem(item);
      return sandbox.status === 'available' ? [sandbox] : [];
    } catch (error) {
      if (!(error instanceof CorruptItemError)) throw error;
      this.logger.error({ err: error }, 'passed over an unreadable sandbox row: correct or remove it');
      return [];
    }
  }

  #update(before: Sandbox, after: Sandbox): TransactWriteItem {
    return {
      Update: {
        TableName: this.names.table,
        Key: sandboxKey(before.sandboxId),
        ...updateBetween(before, after),
      },
    };
  }
}
