import type { AllocatedSandbox, Sandbox, SandboxStatus } from '../allocation/sandbox';
import { StoreUnavailableError, type CallOptions, type WriteOutcome } from './sandbox-store';
import { SHARD_COUNT } from './table';

/** A status that the indexes hold; tombstones have left them. */
export type ListedStatus = Exclude<SandboxStatus, 'deleted'>;

/** One shard of a status, between two points of its own order (docs/architecture.md, `status_order`), both included. */
export interface StatusSegment {
  status: ListedStatus;
  shard: number;
  from?: number;
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
  /** The same, digit by digit, where a number of JavaScript would be another one. */
  exactOrder?: string;
}

/** A page of rows. `next` is there as long as there may be more, even when `items` is empty. */
export interface RowPage<Order = number> {
  items: Sandbox[];
  /** The ids of rows on this page that cannot be read; absent when there are none. They are not among `items`. */
  unreadable?: string[];
  next?: RowPosition<Order>;
}

/** Which account a row stands for. `unknown`: a status of a newer release. */
export interface AccountRow {
  sandboxId: string;
  externalId: string;
  /** Unix seconds; 0 if the row does not say. */
  createdAt: number;
  status: Sandbox['status'] | 'unknown';
}

/** A page of a scan. `next` is there as long as there may be more, even when `rows` is empty. */
export interface ScanPage {
  rows: AccountRow[];
  /** The ids of rows without a readable external id; absent when there are none. */
  unreadable?: string[];
  /** Only for the next page of the same scan. */
  next?: string;
}

/** Whose the account is. `identity_conflict`: it belongs to another row, `heldBy`. `gone`: the row is no longer there. */
export type GuardOutcome =
  | { kind: 'written' }
  | { kind: 'identity_conflict'; heldBy: string }
  | { kind: 'gone' }
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

  /**
   * Every row of the table itself, tombstones included, read consistently and in no order. It reads the whole table: for
   * what is done once in the life of a table.
   */
  scan(page: { after?: string }, options?: CallOptions): Promise<ScanPage>;

  /** How many rows of `deletion_failed` have been given up. */
  countGivenUp(options?: CallOptions): Promise<number>;

  /**
   * Moves a row on to its next state, if it is still as it was. An allocated one stays allocated, to the same holder: only
   * its times may be corrected, because the end of an allocation must end its claim, too.
   */
  save<Before extends Sandbox>(
    before: Before,
    after: Before extends AllocatedSandbox ? AllocatedSandbox : Sandbox,
    options?: CallOptions,
  ): Promise<WriteOutcome>;

  /**
   * Removes a row, if it is still as it was. What the portal has is not touched. With a row that nobody has ever held
   * (`stale`) the guard of its account goes, so that the account may be added again; any other row's stays.
   */
  remove(sandbox: Exclude<Sandbox, { status: 'allocated' }>, options?: CallOptions): Promise<WriteOutcome>;

  /**
   * Puts the guard of a row's account if there is none: rows of an earlier release have none. Repeating it is harmless. A
   * row that was removed meanwhile gets none: the guard of a stale row went with it, and its account may come back.
   *
   * @param options `insteadOf`: the row that the guard is taken from, if it is that row's.
   * @throws RowRefusedError if the row's external id ends in no account key, or its guard cannot be read.
   */
  guardAccount(
    sandbox: Pick<Sandbox, 'sandboxId' | 'externalId' | 'createdAt'>,
    options?: CallOptions & { insteadOf?: string },
  ): Promise<GuardOutcome>;

  /**
   * The sandbox id of the row that an account belongs to; `undefined` if it has no guard.
   *
   * @throws RowRefusedError if the guard cannot be read.
   */
  accountHolder(externalId: string, options?: CallOptions): Promise<string | undefined>;
}

/** A shard that could not be read to its end. */
export interface UnreadShard {
  status: ListedStatus;
  shard: number;
  error: StoreUnavailableError;
}

/**
 * The shards that one pass over the table could not read. As long as there are any, nothing may be concluded from what
 * the pass did not show.
 */
export class UnreadShards {
  readonly #shards: UnreadShard[] = [];

  add(shard: UnreadShard): void {
    this.#shards.push(shard);
  }

  get count(): number {
    return this.#shards.length;
  }

  /** What could not be read and why, in words for people. */
  get message(): string {
    const names = [...new Set(this.#shards.map(({ status, shard }) => `${status}#${shard}`))].join(', ');
    return (
      `The sandbox table could not be read completely: no answer for ${names} ` +
      `(${this.#shards[0]?.error.message ?? ''}). Everything else was worked on.`
    );
  }
}

/** Every row that could be read has been given; those of some shards could not. */
export class IncompletePassError extends StoreUnavailableError {
  constructor(readonly unread: UnreadShards) {
    super('listByStatus', { cause: new Error(unread.message) });
  }
}

export interface PassOptions {
  /** Only rows from this point of the status's own order, included. */
  from?: number;
  /** Only rows up to this point of the status's own order, included. */
  upTo?: number;
  /** Collects the shards that could not be read. Without it, the pass throws for them at its end. */
  unread?: UnreadShards;
  /** The run that the pass belongs to. */
  run?: PassRun;
}

/** What a pass owes to the run of a job. */
export interface PassRun {
  /** Ends the pass: what has not been read by then counts as unread. */
  signal: AbortSignal;
  /** Called with each answer, and each time that none came: a table that is slow does not make a run stall. */
  onProgress: () => void;
}

const PAGE_SIZE = 250;
/** A shard that does not answer is tried once more, when all others have been read. */
const MAX_ROUNDS = 2;

/**
 * Every row of a status, all shards and pages, a page at a time. A shard that does not answer keeps no other from being
 * read.
 *
 * @param options a number means `{ upTo }`.
 * @throws IncompletePassError after the last row, when a shard could not be read and nothing collects those.
 */
export async function* rowsByStatus(
  inventory: Pick<InventoryStore, 'listByStatus'>,
  status: ListedStatus,
  options: number | PassOptions = {},
): AsyncGenerator<Sandbox[]> {
  const { from, upTo, unread, run } = typeof options === 'number' ? { upTo: options } : options;
  const missing = unread ?? new UnreadShards();
  let positions = Array.from({ length: SHARD_COUNT }, (_, shard): { shard: number; after?: RowPosition } => ({
    shard,
  }));
  for (let round = 1; positions.length > 0; round += 1) {
    const failed: typeof positions = [];
    for (const position of positions) {
      if (run?.signal.aborted === true) {
        missing.add({
          status,
          shard: position.shard,
          error: new StoreUnavailableError('listByStatus', { cause: run.signal.reason }),
        });
        continue;
      }
      const segment = { status, shard: position.shard, from, upTo };
      do {
        const page = await inventory
          .listByStatus(segment, { limit: PAGE_SIZE, after: position.after }, run && { signal: run.signal })
          .catch((error: unknown) => {
            if (!(error instanceof StoreUnavailableError)) throw error;
            if (round === MAX_ROUNDS) missing.add({ status, shard: position.shard, error });
            else failed.push(position);
            return undefined;
          });
        run?.onProgress();
        if (!page) break;
        position.after = page.next;
        if (page.items.length > 0) yield page.items;
      } while (position.after);
    }
    positions = failed;
  }
  if (!unread && missing.count > 0) throw new IncompletePassError(missing);
}
