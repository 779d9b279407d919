import {
  isPastGrace,
  type AllocatedSandbox,
  type Sandbox,
  type SandboxStatus,
} from '../../app/allocation/sandbox';
import { accountKey } from '../../app/allocation/account-key';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import { Availability, type Moment } from './availability';
import { Violation, type Rule } from './violations';

/** Whoever made a call of the table: what it is about, and what would entitle it to that. */
export interface Actor {
  name: string;
  /** The furthest that its clock has been. */
  latestNowSeconds: () => number;
  /** True while a call of this caller for a sandbox under this key is under way in it. */
  isAllocatingFor: (caller: string, idempotencyKey: string) => boolean;
  /** True while a call of this caller to give this sandbox back is under way in it. */
  isReleasing: (sandboxId: string, caller: string) => boolean;
}

/** A sandbox in somebody's hands. */
export interface HeldSpan {
  sandboxId: string;
  holder: string;
  expiresAt: number;
  from: Moment;
  to?: Moment;
  /** Held since before the world began, and nobody knows for how long. */
  isOlderThanWorld?: boolean;
}

/** How far the times that two processes go by may differ. */
export const MAX_CLOCK_ERROR_MS = 150_000;

const MOVES: Record<SandboxStatus, readonly SandboxStatus[]> = {
  available: ['available', 'allocated', 'stale'],
  // To itself when a time that nothing can have written is corrected.
  allocated: ['allocated', 'pending_deletion'],
  pending_deletion: ['deletion_failed', 'deletion_unconfirmed'],
  deletion_unconfirmed: ['deletion_unconfirmed', 'deletion_failed', 'deleted'],
  // To `deleted` by an admin's hand only: they write it off.
  deletion_failed: ['deletion_failed', 'pending_deletion', 'deletion_unconfirmed', 'deleted'],
  stale: ['available'],
  deleted: [],
};

/** What the world's rules need to know of the portal. */
export interface PortalFacts {
  hasAccount: (externalId: string) => boolean;
  /** How many lists without this account the portal has given. */
  listsWithout: (externalId: string) => number;
  /** True when a list that was requested after the account's last deletion did not name it. */
  wasMissingSinceDelete: (externalId: string) => boolean;
}

/**
 * The history of the table, row by row, and the judge of every change: it is told right after each write, whatever the
 * writer gets to hear of it. What it finds wrong is collected in {@link violations}.
 */
export class Ledger {
  readonly rows = new Map<string, Sandbox>();
  readonly available = new Availability();
  readonly heldSpans: HeldSpan[] = [];
  readonly violations: Violation[] = [];
  /** In words, for people: every change. */
  readonly story: string[] = [];
  /** How often each kind of thing has happened, so that a test can tell that its programs are not dull. */
  readonly eventCounts = new Map<string, number>();
  /** Accounts that somebody has held, or whose deletion was asked for: they are never to be had again. */
  readonly usedAccounts = new Set<string>();
  /** Jobs whose lease a person has written over. */
  readonly leasesWrittenByHand = new Set<string>();
  /** Accounts with a tombstone, whatever became of them. */
  readonly buriedAccounts = new Set<string>();
  /** Rows that somebody has made unreadable, with the accounts that they stand for. */
  readonly unreadable = new Map<string, string>();

  constructor(
    private readonly portal: PortalFacts,
    private readonly now: () => Moment,
  ) {}

  fail(rule: Rule, what: string): void {
    this.violations.push(new Violation(rule, what));
  }

  count(event: string): void {
    this.eventCounts.set(event, (this.eventCounts.get(event) ?? 0) + 1);
  }

  tell(line: string): void {
    this.story.push(`${this.#time()}  ${line}`);
  }

  /** A row as it was at the beginning of the world. */
  begin(row: Sandbox): void {
    this.rows.set(row.sandboxId, row);
    this.available.note(row.sandboxId, row, { count: 0, atMs: Number.NEGATIVE_INFINITY });
    this.#noteUse(row);
    if (!('allocation' in row) || !row.allocation) return;
    const { expiresAt } = row.allocation;
    const span = {
      sandboxId: row.sandboxId,
      holder: holderName(row.allocation),
      expiresAt,
      from: this.now(),
      isOlderThanWorld: true,
    };
    this.heldSpans.push(row.status === 'allocated' ? span : { ...span, to: this.now() });
  }

  /** A row is now this; `undefined` when it is not there. */
  note(sandboxId: string, row: Sandbox | undefined, operation: string, actor: Actor): void {
    const before = this.rows.get(sandboxId);
    if (isSame(before, row)) return;
    const path = `${before?.status ?? 'unknown'} → ${row?.status ?? 'removed'}`;
    this.count(path);
    this.tell(`${actor.name} ${operation}: ${sandboxId} ${path}${describeHolder(row)}`);
    this.#judge(before, row, operation, actor, `${actor.name} ${operation} ${sandboxId} (${path})`);
    if (row) {
      this.rows.set(sandboxId, row);
      this.#noteUse(row);
    } else this.rows.delete(sandboxId);
    this.available.note(sandboxId, row, this.now());
    this.#noteHolder(sandboxId, row);
  }

  /** Somebody has put a record into the table past the broker. */
  corrupt(row: Sandbox, isReadable: boolean): void {
    if (isReadable) {
      this.rows.set(row.sandboxId, row);
      return;
    }
    this.unreadable.set(row.sandboxId, keyOf(row));
    this.rows.delete(row.sandboxId);
    this.available.note(row.sandboxId, undefined, this.now());
  }

  /** DynamoDB forgets a tombstone. */
  forget(sandboxId: string): void {
    this.count('tombstone forgotten');
    this.tell(`time to live: the tombstone of ${sandboxId} is forgotten`);
    this.rows.delete(sandboxId);
  }

  /** What this caller and key hold now. */
  heldBy(caller: string, idempotencyKey: string): AllocatedSandbox | undefined {
    return this.allocated().find(
      ({ allocation }) => holderName(allocation) === holderName({ caller, idempotencyKey }),
    );
  }

  allocated(): AllocatedSandbox[] {
    return [...this.rows.values()].filter((row) => row.status === 'allocated');
  }

  #judge(
    before: Sandbox | undefined,
    row: Sandbox | undefined,
    operation: string,
    actor: Actor,
    move: string,
  ): void {
    if (!row) {
      const isRemovable = before?.status === 'stale' && operation.endsWith('remove');
      if (!isRemovable) this.fail('lawful moves', `${move}: only a stale row may be removed`);
      return;
    }
    const isLawful = before ? MOVES[before.status].includes(row.status) : row.status === 'available';
    if (!isLawful) this.fail('lawful moves', move);
    if (before && row.version !== before.version + 1) {
      this.fail('lawful moves', `${move}: version ${before.version} became ${row.version}`);
    }
    this.#judgeAccount(before, row, move);
    const isNew = row.status === 'allocated' && before?.status !== 'allocated';
    if (isNew) this.#judgeAllocation(row, actor, move);
    if (before?.status === 'allocated' && row.status !== 'allocated') this.#judgeEnd(before, actor, move);
    const lists = this.portal.listsWithout(row.externalId);
    if (row.missedSyncs > lists && row.missedSyncs > (before?.missedSyncs ?? 0)) {
      this.fail(
        'stale only after two lists without it',
        `${move}: missed ${row.missedSyncs}, lists ${lists}`,
      );
    }
    const isTombstone = row.status === 'deleted' && before?.status !== 'deleted';
    if (!isTombstone || operation.startsWith('admin')) return;
    if (!this.portal.wasMissingSinceDelete(row.externalId))
      this.fail('tombstones are true', `${move}: no list since its deletion was without its account`);
  }

  /** An account has one row, and a row one account. Once used, it is nobody's any more. */
  #judgeAccount(before: Sandbox | undefined, row: Sandbox, move: string): void {
    const key = keyOf(row);
    if (before && keyOf(before) !== key)
      this.fail('one row an account', `${move}: it stood for ${keyOf(before)}, and stands for ${key}`);
    const other = [...this.rows.values()].find(
      (each) => keyOf(each) === key && each.sandboxId !== row.sandboxId,
    );
    if (other && !before)
      this.fail(
        'one row an account',
        `${move}: ${key} has the row ${other.sandboxId} (${other.status}) already`,
      );
    const isOffered = row.status === 'available' || row.status === 'allocated';
    if (
      isOffered &&
      this.usedAccounts.has(key) &&
      !(before?.status === 'allocated' && row.status === 'allocated')
    )
      this.fail('one use', `${move}: ${key} was used before`);
  }

  #noteUse(row: Sandbox): void {
    if (row.status !== 'available' && row.status !== 'stale') this.usedAccounts.add(keyOf(row));
    if (row.status === 'deleted') this.buriedAccounts.add(keyOf(row));
  }

  #judgeAllocation({ sandboxId, allocation }: AllocatedSandbox, actor: Actor, move: string): void {
    const { caller, idempotencyKey } = allocation;
    const other = this.heldBy(caller, idempotencyKey);
    if (other && other.sandboxId !== sandboxId) {
      this.fail(
        'one sandbox a caller and key',
        `${move}: ${holderName(allocation)} has ${other.sandboxId} already`,
      );
    }
    if (!actor.isAllocatingFor(caller, idempotencyKey)) {
      this.fail('answers are true', `${move}: ${holderName(allocation)} does not ask for one`);
    }
  }

  #judgeEnd(before: AllocatedSandbox, actor: Actor, move: string): void {
    if (actor.isReleasing(before.sandboxId, before.allocation.caller)) return;
    const isOver = isPastGrace(before, actor.latestNowSeconds(), GRACE_SECONDS);
    if (!isOver)
      this.fail('held until released or over', `${move}: ${holderName(before.allocation)} still had time`);
    // What is written down of its end may itself be wrong; how long it was held is not.
    const span = this.heldSpans.find(({ sandboxId, to }) => sandboxId === before.sandboxId && !to);
    const heldMs = this.now().atMs - (span?.from.atMs ?? 0);
    const promisedMs = (LAB_SECONDS + GRACE_SECONDS) * 1_000 - MAX_CLOCK_ERROR_MS;
    if (!span || span.isOlderThanWorld || heldMs >= promisedMs) return;
    this.fail('held until released or over', `${move}: ${span.holder} had it for ${heldMs / 1_000} s`);
  }

  #noteHolder(sandboxId: string, row: Sandbox | undefined): void {
    const open = this.heldSpans.find((span) => span.sandboxId === sandboxId && !span.to);
    const holder = row?.status === 'allocated' ? holderName(row.allocation) : undefined;
    if (open && open.holder === holder) return;
    if (open) open.to = this.now();
    if (row?.status !== 'allocated' || holder === undefined) return;
    this.heldSpans.push({ sandboxId, holder, expiresAt: row.allocation.expiresAt, from: this.now() });
  }

  #time(): string {
    return new Date(this.now().atMs).toISOString().slice(5, 23);
  }
}

/** The account that a row stands for, whatever number it has. */
export function keyOf({ externalId }: Pick<Sandbox, 'externalId'>): string {
  return accountKey(externalId) ?? externalId;
}

export function holderName({ caller, idempotencyKey }: { caller: string; idempotencyKey: string }): string {
  return `${caller}/${idempotencyKey}`;
}

function isSame(a: Sandbox | undefined, b: Sandbox | undefined): boolean {
  return a?.status === b?.status && a?.version === b?.version && describeHolder(a) === describeHolder(b);
}

function describeHolder(row: Sandbox | undefined): string {
  return row?.status === 'allocated' ? ` to ${holderName(row.allocation)}` : '';
}
