import type { Sandbox, SandboxStatus } from '../allocation/sandbox';
import type { CallOptions, WriteOutcome } from './sandbox-store';
import { SHARD_COUNT } from './table';

/** A status that the indexes hold; tombstones have left them. */
export type ListedStatus = Exclude<SandboxStatus, 'deleted'>;

/** One shard of a status, up to a point of its own order (docs/architecture.md, `status_order`), included. */
export interface StatusSegment {
  status: ListedStatus;
  shard: number;
  upTo?: number;
}

/** One shard of a status, as far as names begin with the prefix. */
export interface NameSegment {
  status: ListedStatus;
  shard: number;
  prefix: string;
}

/** Where a listing stopped: behind this row of its segment. */
export interface RowPosition<Order = number> {
  sandboxId: string;
  /** `status_order`, `allocated_at` in a listing by caller, the name in one by name. */
  order: Order;
}

/** A page of rows. `next` is there as long as there may be more, even when `items` is empty. */
export interface RowPage<Order = number> {
  items: Sandbox[];
  next?: RowPosition<Order>;
}

/** Whose the account is. `identity_conflict`: it belongs to another row, `heldBy`. */
export type GuardOutcome =
  | { kind: 'written' }
  | { kind: 'identity_conflict'; heldBy: string }
  | { kind: 'conflict' }
  | { kind: 'throttled' };

/**
 * The whole pool, as the jobs and admins see it: rows in bulk, and the writes that end no claim. Lists come from
 * indexes and may lag; writes rest on their own conditions. Throws StoreUnavailableError as the sandbox store does.
 */
export interface InventoryStore {
  /** The rows of a segment in its order, at most `limit` a page. */
  listByStatus(
    segment: StatusSegment,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage>;

  /** What a caller holds or held, oldest first. */
  listByCaller(
    caller: string,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage>;

  /** The rows of a segment by name. */
  listByName(
    segment: NameSegment,
    page: { limit: number; after?: RowPosition<string> },
    options?: CallOptions,
  ): Promise<RowPage<string>>;

  /** How many rows of `deletion_failed` have been given up. */
  countGivenUp(options?: CallOptions): Promise<number>;

  /** Moves a row that is not allocated on to its next state, if it is still as it was. */
  save(
    before: Exclude<Sandbox, { status: 'allocated' }>,
    after: Sandbox,
    options?: CallOptions,
  ): Promise<WriteOutcome>;

  /**
   * Removes a row, if it is still as it was. What the portal has is not touched. With a row that nobody has ever held
   * (`stale`) the guard of its account goes, so that the account may be added again; any other row's stays.
   */
  remove(sandbox: Exclude<Sandbox, { status: 'allocated' }>, options?: CallOptions): Promise<WriteOutcome>;

  /**
   * Puts the guard of a row's account if there is none: rows of an earlier release have none. Repeating it is harmless.
   *
   * @throws RowRefusedError if the row's external id ends in no account key.
   */
  guardAccount(
    sandbox: Pick<Sandbox, 'sandboxId' | 'externalId' | 'createdAt'>,
    options?: CallOptions,
  ): Promise<GuardOutcome>;

  /** The sandbox id of the row that an account belongs to; `undefined` if it has no guard. */
  accountHolder(externalId: string, options?: CallOptions): Promise<string | undefined>;
}

const PAGE_SIZE = 250;

/** Every row of a status, all shards and pages, up to a point of its order (included); a page at a time. */
export async function* rowsByStatus(
  inventory: Pick<InventoryStore, 'listByStatus'>,
  status: ListedStatus,
  upTo?: number,
): AsyncGenerator<Sandbox[]> {
  for (let shard = 0; shard < SHARD_COUNT; shard += 1) {
    let after: RowPosition | undefined;
    do {
      const page = await inventory.listByStatus({ status, shard, upTo }, { limit: PAGE_SIZE, after });
      if (page.items.length > 0) yield page.items;
      after = page.next;
    } while (after);
  }
}
