import {
  SANDBOX_STATUSES,
  type AllocatedSandbox,
  type AvailableSandbox,
  type Claim,
  type PendingDeletionSandbox,
  type Sandbox,
  type SandboxStatus,
} from '../allocation/sandbox';

/**
 * What became of putting a claim and taking its sandbox, in one transaction. Except for `allocated`, nothing was
 * written.
 * - `already_claimed`: this caller and key hold a sandbox already; `candidateTaken` if, besides, this one is gone.
 * - `candidate_taken`: the sandbox has moved on from the version that the candidate shows, and is not to be had.
 * - `candidate_changed`: it has moved on, and still is to be had, as `current`: a sync has touched it, say.
 * - `conflict`: another transaction touched the claim or the sandbox at the same moment. It may have failed too.
 * - `throttled`: DynamoDB takes no more requests for the moment: for the claim's partition, or for one that the sandbox is
 *   in, its indexes included; `unknown` when it refused the call as a whole.
 */
export type AllocateOutcome =
  | { kind: 'allocated' }
  | { kind: 'already_claimed'; claim: Claim; candidateTaken: boolean }
  | { kind: 'candidate_taken' }
  | { kind: 'candidate_changed'; current: AvailableSandbox }
  | { kind: 'conflict'; on: 'claim' | 'sandbox' }
  | { kind: 'throttled'; on: 'claim' | 'sandbox' | 'unknown' };

/** What became of a conditional write; except for `written`, nothing was. `changed`: the row has moved on. */
export type WriteOutcome =
  { kind: 'written' } | { kind: 'changed' } | { kind: 'conflict' } | { kind: 'throttled' };

/**
 * What became of adding a row. `identity_conflict`: the account has, or once had, a row, as `heldBy`; nothing was
 * written. That row may be the one to be added, removed by something other than `InventoryStore.remove`.
 */
export type AddOutcome = WriteOutcome | { kind: 'identity_conflict'; heldBy: string };

/**
 * A piece of the index to look for available sandboxes in: a stretch of one shard's queue (both ends included), or
 * the names in one shard that begin with a prefix.
 */
export type AvailableSegment =
  | { by: 'queuePosition'; shard: number; from: number; to: number }
  | { by: 'name'; shard: number; prefix: string; descending: boolean };

/** One page of a query. A `cursor` means that there is more, even when `items` is empty. */
export interface Page<T> {
  items: T[];
  cursor?: string;
}

type CountedStatus = Exclude<SandboxStatus, 'deleted'>;

export type StatusCounts = Record<CountedStatus, number>;

/** Every status that is counted: tombstones are in no index. */
export const COUNTED_STATUSES = SANDBOX_STATUSES.filter(
  (status): status is CountedStatus => status !== 'deleted',
);

/** Counts as far as they are known: a status of which some shard did not answer is absent. */
export type KnownCounts = Partial<StatusCounts>;

export interface CallOptions {
  /** Gives up the call, retries included. A write given up may still have been applied. */
  signal?: AbortSignal;
}

export interface AllocateOptions extends CallOptions {
  /** Kept in the claim, so that the call finds out whether it was it that wrote it. */
  callId?: string;
}

/**
 * Where sandboxes and claims are kept. Single reads are consistent; everything that comes from an index may lag
 * behind and is only a hint.
 *
 * Every method throws {@link StoreUnavailableError} when the store cannot be reached, times out or (for reads)
 * throttles. After that error a write may or may not have been applied.
 */
export interface SandboxStore {
  /**
   * Puts the claim, if this caller and key have none, and takes the candidate, if it is still as shown. An attempt that is
   * not answered soon ends with {@link StoreUnavailableError}, well before the caller's time does: it may still be
   * applied, and the next attempt for the same claim finds out.
   */
  allocate(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options?: AllocateOptions,
  ): Promise<AllocateOutcome>;

  /** Moves an allocated sandbox on and ends its claim, in one transaction. */
  endAllocation(
    before: AllocatedSandbox,
    after: PendingDeletionSandbox,
    options?: CallOptions,
  ): Promise<WriteOutcome>;

  /**
   * Ends a claim whose sandbox is not allocated to its caller and key, which only a hand in the table can cause.
   * `changed` if it is allocated to them after all, or if the claim is another one by now.
   */
  endOrphanedClaim(claim: Claim, options?: CallOptions): Promise<WriteOutcome>;

  /**
   * Adds a sandbox that the table does not know, and the guard of its account, in one transaction. `changed` if the
   * table knows the sandbox, tombstones included; `identity_conflict` if its account has a guard already. A guard stays
   * for ever, unless a row that was never used is removed.
   *
   * @throws RowRefusedError if the external id ends in no account key, or the table does not accept the row.
   */
  add(sandbox: AvailableSandbox, options?: CallOptions): Promise<AddOutcome>;

  getSandbox(sandboxId: string, options?: CallOptions): Promise<Sandbox | undefined>;

  getClaim(caller: string, idempotencyKey: string, options?: CallOptions): Promise<Claim | undefined>;

  /** Candidates, at most `limit` of them. Walk the cursor to the end to have seen the whole segment. */
  findAvailable(
    segment: AvailableSegment,
    page: { limit: number; cursor?: string },
    options?: CallOptions,
  ): Promise<Page<AvailableSandbox>>;

  /**
   * Counts every sandbox by status, all shards and pages. Reads the whole index: not for every request. A shard that does
   * not answer leaves its own status uncounted, and no other.
   *
   * @throws StoreUnavailableError if no status could be counted.
   */
  countByStatus(options?: CallOptions): Promise<KnownCounts>;

  /** The cheapest read that proves that the table answers. */
  ping(options?: CallOptions): Promise<void>;
}

/** The store did not answer as it should; trying again later may help. The cause tells what the SDK said. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';

  constructor(operation: string, options: { cause: unknown }) {
    const why =
      options.cause instanceof Error ? `${options.cause.name}: ${options.cause.message}` : 'unknown cause';
    super(`The sandbox table did not answer ${operation} (${why})`, options);
  }
}

/** The store refuses this row for what is in it. Repeating the write does not help; other rows are not affected. */
export class RowRefusedError extends Error {
  override readonly name = 'RowRefusedError';

  constructor(operation: string, options: { cause: unknown }) {
    const why = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`The sandbox table refused a row of ${operation}: ${why}`, options);
  }
}
