import { accountKey } from '../../app/allocation/account-key';
import type { Clock } from '../../app/allocation/clock';
import type {
  AllocatedSandbox,
  AvailableSandbox,
  Claim,
  PendingDeletionSandbox,
  Sandbox,
} from '../../app/allocation/sandbox';
import {
  RowRefusedError,
  StoreUnavailableError,
  type AddOutcome,
  type AllocateOutcome,
  type AvailableSegment,
  type AllocateOptions,
  type CallOptions,
  type Page,
  type SandboxStore,
  type StatusCounts,
  type WriteOutcome,
} from '../../app/store/sandbox-store';
import { shardOf } from '../../app/store/table';
import type { PoolContents } from './pool-invariants';

export interface FakeSandboxStoreOptions {
  clock?: Pick<Clock, 'nowMs'>;
  /** How far behind the table the indexes are; asked for each query. Zero unless given. */
  indexLagMs?: () => number;
}

/** The rows behind the port, for a fake of another port on the same table. Nothing is copied on the way out. */
export interface SharedRows {
  current: (sandboxId: string) => Sandbox | undefined;
  /** The rows as the indexes show them to one query. */
  indexed: () => Sandbox[];
  write: (sandbox: Sandbox) => void;
  /** Takes a row out, for the indexes too. The guard of its account stays. */
  erase: (sandboxId: string) => void;
  /** The sandbox id that the guard of each account names, by account key. */
  guards: Map<string, string>;
}

interface Revision {
  sinceMs: number;
  sandbox: Sandbox;
}

/**
 * A {@link SandboxStore} in memory that keeps the same promises as DynamoDB's: it passes the same contract. Every
 * call takes effect at once and as a whole. Its indexes can be made to lag behind its table, within a call exactly as
 * far as `indexLagMs` says.
 */
export class FakeSandboxStore implements SandboxStore {
  readonly rows: SharedRows = {
    current: (sandboxId) => this.#current(sandboxId),
    indexed: () => this.#indexed(),
    write: (sandbox) => {
      this.#write(sandbox);
    },
    erase: (sandboxId) => {
      this.#rows.delete(sandboxId);
    },
    guards: new Map(),
  };
  /** Each row's past, the present last: from it come the answers of an index that lags. */
  readonly #rows = new Map<string, Revision[]>();
  readonly #claims = new Map<string, Claim>();
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #indexLagMs: () => number;

  constructor({ clock = { nowMs: () => 0 }, indexLagMs = () => 0 }: FakeSandboxStoreOptions = {}) {
    this.#clock = clock;
    this.#indexLagMs = indexLagMs;
  }

  /**
   * Puts rows as they are, as if they had been there forever: the indexes know them. Their accounts have guards, as if
   * they had been added, unless `unguarded`, as an earlier release left them. Of two rows with one account the first
   * has the guard.
   */
  seed({ sandboxes = [], claims = [] }: Partial<PoolContents>, { unguarded = false } = {}): void {
    for (const sandbox of sandboxes) {
      const key = accountKey(sandbox.externalId);
      const { guards } = this.rows;
      if (!unguarded && key !== undefined && !guards.has(key)) guards.set(key, sandbox.sandboxId);
      this.#rows.set(sandbox.sandboxId, [
        { sinceMs: Number.NEGATIVE_INFINITY, sandbox: structuredClone(sandbox) },
      ]);
    }
    for (const claim of claims) this.#claims.set(claimId(claim), { ...claim });
  }

  /** Everything in the table as it is now. */
  contents(): PoolContents {
    return structuredClone({
      sandboxes: [...this.#rows.keys()].flatMap((id) => this.#current(id) ?? []),
      claims: [...this.#claims.values()],
    });
  }

  async allocate(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options: AllocateOptions = {},
  ): Promise<AllocateOutcome> {
    await refuseIfGivenUp('allocate', options);
    const { caller, idempotencyKey } = allocated.allocation;
    const { callId } = options;
    const claim = { caller, idempotencyKey, sandboxId: candidate.sandboxId, callId };
    const standing = this.#claims.get(claimId(claim));
    const row = structuredClone(this.#current(candidate.sandboxId));
    const isStill = this.#isStill(candidate);
    const candidateTaken = !isStill && row?.status !== 'available';
    if (standing) return { kind: 'already_claimed', claim: { ...standing }, candidateTaken };
    if (candidateTaken) return { kind: 'candidate_taken' };
    if (!isStill && row?.status === 'available') return { kind: 'candidate_changed', current: row };
    this.#claims.set(claimId(claim), claim);
    this.#write(allocated);
    return { kind: 'allocated' };
  }

  async endAllocation(
    before: AllocatedSandbox,
    after: PendingDeletionSandbox,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    await refuseIfGivenUp('endAllocation', options);
    if (!this.#isStill(before)) return { kind: 'changed' };
    const id = claimId(before.allocation);
    if (this.#claims.get(id)?.sandboxId === before.sandboxId) this.#claims.delete(id);
    this.#write(after);
    return { kind: 'written' };
  }

  async endOrphanedClaim(claim: Claim, options?: CallOptions): Promise<WriteOutcome> {
    await refuseIfGivenUp('endOrphanedClaim', options);
    const sandbox = this.#current(claim.sandboxId);
    const isHeld = sandbox?.status === 'allocated' && claimId(sandbox.allocation) === claimId(claim);
    const isAnother = this.#claims.get(claimId(claim))?.sandboxId !== claim.sandboxId;
    if (isHeld || isAnother) return { kind: 'changed' };
    this.#claims.delete(claimId(claim));
    return { kind: 'written' };
  }

  async add(sandbox: AvailableSandbox, options?: CallOptions): Promise<AddOutcome> {
    await refuseIfGivenUp('add', options);
    const key = accountKey(sandbox.externalId);
    if (key === undefined) throw new RowRefusedError('add', { cause: new Error('no account key') });
    if (this.#current(sandbox.sandboxId)) return { kind: 'changed' };
    const heldBy = this.rows.guards.get(key);
    if (heldBy !== undefined) return { kind: 'identity_conflict', heldBy };
    this.rows.guards.set(key, sandbox.sandboxId);
    this.#write(sandbox);
    return { kind: 'written' };
  }

  async getSandbox(sandboxId: string, options?: CallOptions): Promise<Sandbox | undefined> {
    await refuseIfGivenUp('getSandbox', options);
    return structuredClone(this.#current(sandboxId));
  }

  async getClaim(caller: string, idempotencyKey: string, options?: CallOptions): Promise<Claim | undefined> {
    await refuseIfGivenUp('getClaim', options);
    return structuredClone(this.#claims.get(claimId({ caller, idempotencyKey })));
  }

  async findAvailable(
    segment: AvailableSegment,
    page: { limit: number; cursor?: string },
    options?: CallOptions,
  ): Promise<Page<AvailableSandbox>> {
    await refuseIfGivenUp('findAvailable', options);
    const isDescending = segment.by === 'name' && segment.descending;
    const inOrder = this.#indexed()
      .filter((sandbox) => sandbox.status === 'available')
      .filter((sandbox) => isIn(segment, sandbox))
      .map((sandbox) => ({ sandbox, place: placeIn(segment, sandbox) }))
      .sort((a, b) => (isDescending ? -1 : 1) * comparePlaces(a.place, b.place));
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
    // As in DynamoDB, the cursor is a place: whether the row that stood there still does is all the same.
    const rest = after
      ? inOrder.filter(({ place }) => (isDescending ? -1 : 1) * comparePlaces(place, after) > 0)
      : inOrder;
    const found = rest.slice(0, page.limit);
    const last = found.at(-1);
    return {
      items: found.map(({ sandbox }) => structuredClone(sandbox)),
      // As in DynamoDB, a full page has a cursor even if nothing follows.
      cursor: found.length === page.limit && last ? encodeCursor(last.place) : undefined,
    };
  }

  async countByStatus(options?: CallOptions): Promise<StatusCounts> {
    await refuseIfGivenUp('countByStatus', options);
    const counts: StatusCounts = {
      available: 0,
      allocated: 0,
      pending_deletion: 0,
      deletion_unconfirmed: 0,
      deletion_failed: 0,
      stale: 0,
    };
    for (const { status } of this.#indexed()) if (status !== 'deleted') counts[status] += 1;
    return counts;
  }

  async ping(options?: CallOptions): Promise<void> {
    await refuseIfGivenUp('ping', options);
  }

  #current(sandboxId: string): Sandbox | undefined {
    return this.#rows.get(sandboxId)?.at(-1)?.sandbox;
  }

  #isStill(before: Sandbox): boolean {
    const now = this.#current(before.sandboxId);
    return now?.status === before.status && now.version === before.version;
  }

  #write(sandbox: Sandbox): void {
    const revision = { sinceMs: this.#clock.nowMs(), sandbox: structuredClone(sandbox) };
    this.#rows.set(sandbox.sandboxId, [...(this.#rows.get(sandbox.sandboxId) ?? []), revision]);
  }

  /** The rows as the indexes show them to one query. */
  #indexed(): Sandbox[] {
    const asOfMs = this.#clock.nowMs() - this.#indexLagMs();
    return [...this.#rows.values()].flatMap(
      (past) => past.findLast(({ sinceMs }) => sinceMs <= asOfMs)?.sandbox ?? [],
    );
  }
}

function claimId({ caller, idempotencyKey }: { caller: string; idempotencyKey: string }): string {
  return JSON.stringify([caller, idempotencyKey]);
}

/** A row's place in an index: its sort key, and the id among equals. */
interface Place {
  key: number | string;
  sandboxId: string;
}

function isIn(segment: AvailableSegment, sandbox: AvailableSandbox): boolean {
  if (shardOf(sandbox.sandboxId) !== segment.shard) return false;
  return segment.by === 'name'
    ? sandbox.name.startsWith(segment.prefix)
    : sandbox.queuePosition >= segment.from && sandbox.queuePosition <= segment.to;
}

function placeIn(segment: AvailableSegment, sandbox: AvailableSandbox): Place {
  return {
    key: segment.by === 'name' ? sandbox.name : sandbox.queuePosition,
    sandboxId: sandbox.sandboxId,
  };
}

function comparePlaces(a: Place, b: Place): number {
  const byKey = typeof a.key === 'number' ? a.key - Number(b.key) : compareBytes(a.key, String(b.key));
  return byKey === 0 ? compareBytes(a.sandboxId, b.sandboxId) : byKey;
}

/** DynamoDB orders strings by their UTF-8 bytes. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function encodeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decodeCursor(cursor: string): Place {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Place;
}

/** A call whose time is over before it begins changes nothing, and fails as a store does that does not answer. */
function refuseIfGivenUp(operation: string, options?: CallOptions): Promise<void> {
  return options?.signal?.aborted
    ? Promise.reject(new StoreUnavailableError(operation, { cause: options.signal.reason }))
    : Promise.resolve();
}
