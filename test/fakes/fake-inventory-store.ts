import { accountKey } from '../../app/allocation/account-key';
import { isGivenUp, type Sandbox } from '../../app/allocation/sandbox';
import type {
  GuardOutcome,
  InventoryStore,
  NameSegment,
  RowPage,
  RowPosition,
  ScanPage,
  StatusSegment,
} from '../../app/store/inventory-store';
import {
  RowRefusedError,
  StoreUnavailableError,
  type CallOptions,
  type WriteOutcome,
} from '../../app/store/sandbox-store';
import { shardOf } from '../../app/store/table';
import type { FakeSandboxStore } from './fake-sandbox-store';

type Operation = keyof InventoryStore;

/** Small, so that a scan has pages. */
const SCAN_PAGE_SIZE = 4;

/**
 * An {@link InventoryStore} over the rows of a {@link FakeSandboxStore}, lag of its indexes included: it passes the same
 * contract as DynamoDB's.
 */
export class FakeInventoryStore implements InventoryStore {
  /** Every save and removal asked for, whatever became of it, by the row it was meant for. */
  readonly writes: { operation: 'save' | 'remove'; sandboxId: string; outcome: string }[] = [];
  /** Guards put so far. */
  guardWrites = 0;
  /** Lists asked for so far. */
  listCount = 0;
  /** What to do before a call is answered, e.g. to let something else happen first, or to throw. */
  before: (operation: Operation, sandboxId?: string) => Promise<void> | void = () => undefined;
  /** Shards of the status index that do not answer, as `<status>#<shard>` or, of every status, `#<shard>`. */
  readonly silentShards = new Set<string>();
  /** What to answer to a write instead of trying it. */
  refuse: (operation: 'save' | 'remove', sandboxId: string) => WriteOutcome | undefined = () => undefined;

  /** Worked out once an id: pages of large pools ask for it a million times. */
  readonly #shards = new Map<string, number>();

  constructor(private readonly store: FakeSandboxStore) {}

  async listByStatus(
    { status, shard, from = Number.NEGATIVE_INFINITY, upTo = Number.POSITIVE_INFINITY }: StatusSegment,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage> {
    await this.#answer('listByStatus', options);
    this.#throwIfSilent('listByStatus', status, shard);
    const rows = this.store.rows
      .indexed()
      .filter((sandbox) => sandbox.status === status && this.#shardOf(sandbox.sandboxId) === shard)
      .map((sandbox) => ({ sandbox, order: statusOrder(sandbox) }))
      .filter(({ order }) => order >= from && order <= upTo);
    return pageOf(rows, page);
  }

  async listByCaller(
    caller: string,
    page: { limit: number; after?: RowPosition },
    options?: CallOptions,
  ): Promise<RowPage> {
    await this.#answer('listByCaller', options);
    const rows = this.store.rows.indexed().flatMap((sandbox) => {
      const allocation = 'allocation' in sandbox ? sandbox.allocation : undefined;
      return allocation?.caller === caller ? [{ sandbox, order: allocation.allocatedAt }] : [];
    });
    return pageOf(rows, page);
  }

  async listByName(
    { status, shard, prefix }: NameSegment,
    page: { limit: number; after?: RowPosition<string> },
    options?: CallOptions,
  ): Promise<RowPage<string>> {
    await this.#answer('listByName', options);
    this.#throwIfSilent('listByName', status, shard);
    const rows = this.store.rows
      .indexed()
      .filter((row) => row.status === status && this.#shardOf(row.sandboxId) === shard)
      .filter(({ name }) => name.startsWith(prefix))
      .map((sandbox) => ({ sandbox, order: sandbox.name }));
    return pageOf(rows, page);
  }

  async scan({ after }: { after?: string }, options?: CallOptions): Promise<ScanPage> {
    await this.#answer('scan', options);
    const left = this.store
      .contents()
      .sandboxes.filter(({ sandboxId }) => after === undefined || sandboxId > after)
      .sort((a, b) => (a.sandboxId < b.sandboxId ? -1 : 1));
    const rows = left
      .slice(0, SCAN_PAGE_SIZE)
      .map(({ sandboxId, externalId, createdAt, status }) => ({ sandboxId, externalId, createdAt, status }));
    return { rows, ...(left.length > rows.length ? { next: rows.at(-1)?.sandboxId } : {}) };
  }

  async countGivenUp(options?: CallOptions): Promise<number> {
    await this.#answer('countGivenUp', options);
    return this.store.rows.indexed().filter((row) => row.status === 'deletion_failed' && isGivenUp(row))
      .length;
  }

  async save(before: Sandbox, after: Sandbox, options?: CallOptions): Promise<WriteOutcome> {
    await this.#answer('save', options, before.sandboxId);
    return this.#write('save', before, () => {
      this.store.rows.write(after);
    });
  }

  async remove(sandbox: Sandbox, options?: CallOptions): Promise<WriteOutcome> {
    await this.#answer('remove', options, sandbox.sandboxId);
    return this.#write('remove', sandbox, () => {
      const { guards } = this.store.rows;
      const key = accountKey(sandbox.externalId) ?? '';
      if (sandbox.status === 'stale' && guards.get(key) === sandbox.sandboxId) guards.delete(key);
      this.store.rows.erase(sandbox.sandboxId);
    });
  }

  async guardAccount(
    { sandboxId, externalId }: Pick<Sandbox, 'sandboxId' | 'externalId'>,
    options?: CallOptions & { insteadOf?: string },
  ): Promise<GuardOutcome> {
    await this.#answer('guardAccount', options, sandboxId);
    const key = accountKey(externalId);
    if (key === undefined) throw new RowRefusedError('guardAccount', { cause: new Error('no account key') });
    const { guards } = this.store.rows;
    const standing = guards.get(key);
    const isThere = this.store.rows.current(sandboxId)?.externalId === externalId;
    if (!isThere && (standing === undefined || standing === options?.insteadOf)) return { kind: 'gone' };
    const heldBy = standing === undefined || standing === options?.insteadOf ? sandboxId : standing;
    if (standing !== heldBy) this.guardWrites += 1;
    guards.set(key, heldBy);
    return heldBy === sandboxId ? { kind: 'written' } : { kind: 'identity_conflict', heldBy };
  }

  async accountHolder(externalId: string, options?: CallOptions): Promise<string | undefined> {
    await this.#answer('accountHolder', options);
    return this.store.rows.guards.get(accountKey(externalId) ?? '');
  }

  #throwIfSilent(operation: Operation, status: string, shard: number): void {
    if (!this.silentShards.has(`${status}#${shard}`) && !this.silentShards.has(`#${shard}`)) return;
    const cause = new Error('The level of configured provisioned throughput was exceeded (injected)');
    cause.name = 'ProvisionedThroughputExceededException';
    throw new StoreUnavailableError(operation, { cause });
  }

  #shardOf(sandboxId: string): number {
    const shard = this.#shards.get(sandboxId) ?? shardOf(sandboxId);
    this.#shards.set(sandboxId, shard);
    return shard;
  }

  #write(operation: 'save' | 'remove', before: Sandbox, apply: () => void): WriteOutcome {
    const { sandboxId } = before;
    const outcome = this.refuse(operation, sandboxId) ?? this.#outcome(before);
    if (outcome.kind === 'written') apply();
    this.writes.push({ operation, sandboxId, outcome: outcome.kind });
    return outcome;
  }

  #outcome(before: Sandbox): WriteOutcome {
    const now = this.store.rows.current(before.sandboxId);
    const isStill = now?.status === before.status && now.version === before.version;
    return { kind: isStill ? 'written' : 'changed' };
  }

  async #answer(operation: Operation, options?: CallOptions, sandboxId?: string): Promise<void> {
    if (operation.startsWith('listBy')) this.listCount += 1;
    await this.before(operation, sandboxId);
    if (options?.signal?.aborted) {
      throw new StoreUnavailableError(operation, { cause: options.signal.reason });
    }
  }
}

/** As DynamoDB pages: a position is a place, whether the row that stood there still does or not. */
function pageOf<Order extends number | string>(
  rows: { sandbox: Sandbox; order: Order }[],
  { limit, after }: { limit: number; after?: RowPosition<Order> },
): RowPage<Order> {
  const place = after && { order: after.order, sandbox: { sandboxId: after.sandboxId } };
  const rest = rows
    .filter((row) => place === undefined || compare(row, place) > 0)
    .sort(compare)
    .slice(0, limit);
  const last = rest.at(-1);
  return {
    items: rest.map(({ sandbox }) => structuredClone(sandbox)),
    // As in DynamoDB, a full page has a position even if nothing follows.
    next:
      rest.length === limit && last ? { sandboxId: last.sandbox.sandboxId, order: last.order } : undefined,
  };
}

interface Placed {
  order: number | string;
  sandbox: { sandboxId: string };
}

function compare(a: Placed, b: Placed): number {
  return compareOrders(a.order, b.order) || compareTexts(a.sandbox.sandboxId, b.sandbox.sandboxId);
}

function compareOrders(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b));
}

/** By their bytes, as DynamoDB sorts them. */
function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The queue order of design §3: `status_order`. Written out once more, so that a slip in the real one shows. */
function statusOrder(sandbox: Sandbox): number {
  switch (sandbox.status) {
    case 'available':
      return sandbox.queuePosition;
    case 'allocated':
      return sandbox.allocation.expiresAt;
    case 'pending_deletion':
    case 'deletion_unconfirmed':
    case 'deletion_failed':
      return sandbox.nextAttemptAt;
    case 'stale':
      return sandbox.staleSince;
    case 'deleted':
      throw new Error('a tombstone stands in no index');
  }
}
