import type { CancellationReason, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { systemClock, type Clock } from '../allocation/clock';
import { assertNever, type AllocatedSandbox, type AvailableSandbox } from '../allocation/sandbox';
import { cancellationReasons, reasonKind, writeOutcome } from './dynamo-errors';
import type { DynamoTable } from './dynamo-table';
import { GroupCommit, type MemberResult } from './group-commit';
import {
  claimFromItem,
  claimToItem,
  CorruptItemError,
  sandboxFromItem,
  sandboxKey,
  updateBetween,
  type Item,
} from './items';
import {
  RowRefusedError,
  StoreUnavailableError,
  type AllocateOutcome,
  type AllocateOptions,
} from './sandbox-store';

/**
 * Transactions of one process at a time. While fewer are under way, every allocation is a transaction of its own; from
 * then on those that come meanwhile share one. At ten milliseconds each this carries thousands of allocations a second.
 */
const MAX_CONCURRENT_TRANSACTIONS = 8;
/**
 * Allocations in one transaction, two items each. DynamoDB takes 100 items; but one candidate that is gone sends the
 * others of its group round again, so a small group wastes less.
 */
const MAX_ALLOCATIONS_PER_TRANSACTION = 8;
/** Enough for every candidate that a process offers at a time: an allocation that hangs delays no other. */
const MAX_CONCURRENT_ALONE = 64;
/** A throttled partition recovers within about a second; one that still hangs shows itself again in that time. */
const ALONE_MS = 2_000;
/**
 * A transaction takes some ten milliseconds, and a fraction of the default time budget even when a class comes to a new
 * process. Short enough for several more candidates within the budget.
 */
const ANSWER_LIMIT_MS = 400;

interface Allocation {
  candidate: AvailableSandbox;
  allocated: AllocatedSandbox;
  callId?: string;
}

/**
 * Takes candidates for callers on DynamoDB: for each the claim and the sandbox, both or neither. Callers who come at
 * the same moment share a transaction (ADR 12); what becomes of one is no other's business.
 */
export class DynamoAllocations {
  readonly #groups: GroupCommit<Allocation, AllocateOutcome>;

  constructor(
    private readonly table: DynamoTable,
    clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {
    this.#groups = new GroupCommit<Allocation, AllocateOutcome>({
      send: (allocations, signal) => this.#send(allocations, signal),
      keysOf: ({ candidate, allocated }) => [
        candidate.sandboxId,
        JSON.stringify([allocated.allocation.caller, allocated.allocation.idempotencyKey]),
      ],
      onAbort: (reason) => new StoreUnavailableError('allocate', { cause: reason }),
      maxConcurrentGroups: MAX_CONCURRENT_TRANSACTIONS,
      isThrottled: ({ kind }) => kind === 'throttled',
      maxGroupSize: MAX_ALLOCATIONS_PER_TRANSACTION,
      maxConcurrentAlone: MAX_CONCURRENT_ALONE,
      aloneMs: ALONE_MS,
      answerLimitMs: ANSWER_LIMIT_MS,
      monotonicMs: () => clock.monotonicMs(),
    });
  }

  /** See `SandboxStore.allocate`. */
  async allocate(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options: AllocateOptions = {},
  ): Promise<AllocateOutcome> {
    const { signal, callId } = options;
    return this.#groups.submit({ candidate, allocated, callId }, signal);
  }

  async #send(allocations: Allocation[], signal: AbortSignal): Promise<MemberResult<AllocateOutcome>[]> {
    try {
      await this.table.transact(
        allocations.flatMap((allocation) => this.#writes(allocation)),
        { signal },
      );
      return allocations.map(() => done({ kind: 'allocated' }));
    } catch (error) {
      const reasons = cancellationReasons(error);
      if (!reasons) return this.#withoutReasons(allocations, signal, error);
      const results = allocations.map((_, index) =>
        resultOf(reasons[2 * index], reasons[2 * index + 1], error),
      );
      // Cancelled, and by nobody: no answer that TransactWriteItems gives.
      if (results.every(({ kind }) => kind === 'again')) throw error;
      return results;
    }
  }

  async #withoutReasons(
    allocations: Allocation[],
    signal: AbortSignal,
    error: unknown,
  ): Promise<MemberResult<AllocateOutcome>[]> {
    try {
      const outcome = outcomeWithoutReasons(error);
      return allocations.map(() => done(outcome));
    } catch (storeError) {
      // What DynamoDB does not even accept, such as a row spoilt by hand, must not take others with it.
      if (storeError instanceof RowRefusedError && allocations.length > 1)
        return this.#sendEachAlone(allocations, signal);
      throw storeError;
    }
  }

  async #sendEachAlone(
    allocations: Allocation[],
    signal: AbortSignal,
  ): Promise<MemberResult<AllocateOutcome>[]> {
    const each = await Promise.allSettled(allocations.map((allocation) => this.#send([allocation], signal)));
    return each.flatMap((sent) =>
      sent.status === 'fulfilled' ? sent.value : [{ kind: 'failed', error: sent.reason as unknown } as const],
    );
  }

  #writes({ candidate, allocated, callId }: Allocation): [TransactWriteItem, TransactWriteItem] {
    const { caller, idempotencyKey, allocatedAt } = allocated.allocation;
    const claim = { caller, idempotencyKey, sandboxId: candidate.sandboxId, callId };
    const TableName = this.table.names.table;
    return [
      {
        Put: {
          TableName,
          Item: claimToItem(claim, allocatedAt),
          ConditionExpression: 'attribute_not_exists(PK)',
          // The claim that stands in the way tells which sandbox to answer with: no read needed.
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      {
        Update: {
          TableName,
          Key: sandboxKey(candidate.sandboxId),
          ...updateBetween(candidate, allocated),
          // The index may show an old version of a sandbox that is still free: then this is the one to try.
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ];
  }
}

/** What became of one allocation in a cancelled transaction, by the reasons of its claim and of its sandbox. */
function resultOf(
  claimReason: CancellationReason | undefined,
  sandboxReason: CancellationReason | undefined,
  error: unknown,
): MemberResult<AllocateOutcome> {
  const onClaim = reasonKind(claimReason);
  const onSandbox = reasonKind(sandboxReason);
  const current = onSandbox === 'condition' ? stillAvailable(sandboxReason?.Item) : undefined;
  if (onClaim === 'condition' && claimReason?.Item) {
    try {
      const claim = claimFromItem(claimReason.Item);
      return done({ kind: 'already_claimed', claim, candidateTaken: onSandbox === 'condition' && !current });
    } catch (corruptItemError) {
      return { kind: 'failed', error: corruptItemError };
    }
  }
  if (current) return done({ kind: 'candidate_changed', current });
  if (onSandbox === 'condition') return done({ kind: 'candidate_taken' });
  // Before what befell the claim: a candidate that is throttled must not go to the next caller.
  if (onSandbox === 'throttled') return done({ kind: 'throttled', on: 'sandbox' });
  if (onClaim === 'conflict') return done({ kind: 'conflict', on: 'claim' });
  if (onSandbox === 'conflict') return done({ kind: 'conflict', on: 'sandbox' });
  if (onClaim === 'throttled') return done({ kind: 'throttled', on: 'claim' });
  if (onClaim === 'none' && onSandbox === 'none') return { kind: 'again' };
  return { kind: 'failed', error };
}

/** The row that stood in the way, if it is one to be had. An unreadable one is not; the search reports those. */
function stillAvailable(item: Item | undefined): AvailableSandbox | undefined {
  try {
    const sandbox = item && sandboxFromItem(item);
    return sandbox?.status === 'available' ? sandbox : undefined;
  } catch (error) {
    if (!(error instanceof CorruptItemError)) throw error;
    return undefined;
  }
}

function outcomeWithoutReasons(error: unknown): AllocateOutcome {
  const outcome = writeOutcome(error, 'allocate');
  switch (outcome.kind) {
    case 'throttled':
      return { kind: 'throttled', on: 'unknown' };
    case 'conflict':
      return { kind: 'conflict', on: 'claim' };
    case 'changed':
    case 'written':
      // A failed condition without a reason for it: not an answer that TransactWriteItems gives.
      throw error;
    default:
      return assertNever(outcome);
  }
}

function done(outcome: AllocateOutcome): MemberResult<AllocateOutcome> {
  return { kind: 'done', outcome };
}
