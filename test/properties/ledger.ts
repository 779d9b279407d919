import {
  isPastGrace,
  type AllocatedSandbox,
  type Sandbox,
  type SandboxStatus,
} from '../../app/allocation/sandbox';
import { GRACE_SECONDS } from '../allocation/broker-harness';
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
}

const MOVES: Record<SandboxStatus, readonly SandboxStatus[]> = {
  available: ['available', 'allocated', 'stale'],
  allocated: ['pending_deletion'],
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
  /** How many lists without this sandbox the portal has given. */
  listsWithout: (sandboxId: string) => number;
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
  /** Ids that somebody has held. */
  readonly usedIds = new Set<string>();
  /** Ids whose rows an admin has buried, whatever became of their accounts. */
  readonly writtenOff = new Set<string>();

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
    if (!('allocation' in row) || !row.allocation) return;
    this.usedIds.add(row.sandboxId);
    const { expiresAt } = row.allocation;
    const span = {
      sandboxId: row.sandboxId,
      holder: holderName(row.allocation),
      expiresAt,
      from: this.now(),
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
    if (row) this.rows.set(sandboxId, row);
    else this.rows.delete(sandboxId);
    this.available.note(sandboxId, row, this.now());
    this.#noteHolder(sandboxId, row);
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
    if ((row.status === 'available' || row.status === 'stale') && this.usedIds.has(row.sandboxId)) {
      this.fail('one use', `${move}: somebody has held it before`);
    }
    if (row.status === 'allocated') this.#judgeAllocation(row, actor, move);
    if (before?.status === 'allocated' && row.status !== 'allocated') this.#judgeEnd(before, actor, move);
    if (
      row.missedSyncs > this.portal.listsWithout(row.sandboxId) &&
      row.missedSyncs > (before?.missedSyncs ?? 0)
    ) {
      const lists = this.portal.listsWithout(row.sandboxId);
      this.fail(
        'stale only after two lists without it',
        `${move}: missed ${row.missedSyncs}, lists ${lists}`,
      );
    }
    const isTombstone = row.status === 'deleted' && before?.status !== 'deleted';
    if (!isTombstone || operation.startsWith('admin')) return;
    if (this.portal.hasAccount(row.externalId))
      this.fail('tombstones are true', `${move}: its account lives`);
  }

  #judgeAllocation({ sandboxId, allocation }: AllocatedSandbox, actor: Actor, move: string): void {
    const { caller, idempotencyKey } = allocation;
    if (this.usedIds.has(sandboxId)) this.fail('one use', `${move}: somebody has held it before`);
    this.usedIds.add(sandboxId);
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
    const isOver = isPastGrace(before, actor.latestNowSeconds(), GRACE_SECONDS);
    if (isOver || actor.isReleasing(before.sandboxId, before.allocation.caller)) return;
    this.fail('held until released or over', `${move}: ${holderName(before.allocation)} still had time`);
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

export function holderName({ caller, idempotencyKey }: { caller: string; idempotencyKey: string }): string {
  return `${caller}/${idempotencyKey}`;
}

function isSame(a: Sandbox | undefined, b: Sandbox | undefined): boolean {
  return a?.status === b?.status && a?.version === b?.version && describeHolder(a) === describeHolder(b);
}

function describeHolder(row: Sandbox | undefined): string {
  return row?.status === 'allocated' ? ` to ${holderName(row.allocation)}` : '';
}
