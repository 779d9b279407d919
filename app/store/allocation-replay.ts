import { z } from 'zod';
import { accountKey } from '../allocation/account-key';
import { allocate, requestDeletion, stock } from '../allocation/transitions';
import type { AvailableSandbox, Sandbox } from '../allocation/sandbox';
import type { InventoryStore } from './inventory-store';
import type { SandboxStore } from './sandbox-store';
import { QUEUE_POSITION_LIMIT } from './table';

/** One allocation as the API logged it. Times are Unix seconds. */
export interface LoggedAllocation {
  caller: string;
  idempotencyKey: string;
  trackName?: string;
  sandboxId: string;
  sandboxName: string;
  externalId: string;
  allocatedAt: number;
  expiresAt: number;
}

/**
 * What became of replaying one allocation.
 * - `held`: the sandbox is allocated to its caller again.
 * - `retired`: the caller holds a newer sandbox under the same key, so this one was used before: it waits for deletion.
 * - `unchanged`: the row says so already, or is further on: allocated, in deletion, or deleted.
 * - `contradicted`: the account of that sandbox belongs to another row, or the row has another account.
 * - `failed`: the table was too busy. Repeating the replay tries again.
 */
export type ReplayOutcome = 'held' | 'retired' | 'unchanged' | 'contradicted' | 'failed';

export interface ReplayStores {
  store: Pick<SandboxStore, 'add' | 'allocate' | 'endAllocation' | 'getSandbox' | 'getClaim'>;
  inventory: Pick<InventoryStore, 'save'>;
}

const MAX_TRIES = 8;

const lineSchema = z.object({
  action: z.literal('allocate'),
  outcome: z.enum(['allocated', 'idempotent_hit']),
  caller: z.string().min(1),
  track_name: z.string().optional(),
  idempotency_key: z.string().min(1),
  sandbox_id: z.string().min(1),
  sandbox_name: z.string().min(1),
  external_id: z.string().min(1),
  allocated_at: z.int().positive(),
  expires_at: z.int().positive(),
});

/**
 * The allocations in log lines, each sandbox once, oldest first. Lines of other events are passed over; those that are
 * about an allocation and cannot be read are returned by their number, from 1.
 */
export function loggedAllocations(lines: Iterable<string>): {
  allocations: LoggedAllocation[];
  unreadableLines: number[];
} {
  const allocations = new Map<string, LoggedAllocation>();
  const unreadableLines: number[] = [];
  let number = 0;
  for (const line of lines) {
    number += 1;
    const entry = jsonIn(line);
    if (!isAboutAllocation(entry)) {
      // Whatever an export made of the lines: wrapped, cut, or put into one document.
      if (!isEvent(entry) && line.includes('allocate')) unreadableLines.push(number);
      continue;
    }
    const parsed = lineSchema.safeParse(entry);
    if (!parsed.success) {
      unreadableLines.push(number);
      continue;
    }
    const { data } = parsed;
    allocations.set(JSON.stringify([data.sandbox_id, data.allocated_at]), {
      caller: data.caller,
      idempotencyKey: data.idempotency_key,
      trackName: data.track_name,
      sandboxId: data.sandbox_id,
      sandboxName: data.sandbox_name,
      externalId: data.external_id,
      allocatedAt: data.allocated_at,
      expiresAt: data.expires_at,
    });
  }
  const sorted = [...allocations.values()].sort((a, b) => a.allocatedAt - b.allocatedAt);
  return { allocations: sorted, unreadableLines };
}

/**
 * Writes an allocation into a table that was restored to a time before it. The row becomes allocated, with its claim,
 * until its old end; then expiry and cleanup take it away as usual. A row that is further on is never changed back, and a
 * row that the restored table does not have is added. May be repeated.
 *
 * @param random where the row stands in the queue for the moment between being added and allocated.
 * @throws what the stores throw.
 */
export async function replayAllocation(
  logged: LoggedAllocation,
  { store, inventory }: ReplayStores,
  random: () => number,
): Promise<ReplayOutcome> {
  const { sandboxId, sandboxName: name, externalId, allocatedAt } = logged;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const row = await store.getSandbox(sandboxId);
    if (!row) {
      const account = { sandboxId, name, externalId };
      const added = await store.add(stock(account, Math.floor(random() * QUEUE_POSITION_LIMIT), allocatedAt));
      if (added.kind === 'identity_conflict') return 'contradicted';
      continue;
    }
    if (accountKey(row.externalId) !== accountKey(externalId)) return 'contradicted';
    if (row.status !== 'available' && row.status !== 'stale') return 'unchanged';
    const candidate = asAvailable(row);
    const held = allocate(candidate, allocationOf(logged));
    if (row.status === 'stale') {
      // Into the queue and out again: the API is closed meanwhile.
      await inventory.save(row, candidate);
      continue;
    }
    const outcome = await store.allocate(candidate, held);
    if (outcome.kind === 'allocated') return 'held';
    if (outcome.kind !== 'already_claimed') continue;
    const other = await store.getSandbox(outcome.claim.sandboxId);
    if (other?.status !== 'allocated') continue;
    if (other.allocation.allocatedAt > allocatedAt) {
      const saved = await inventory.save(candidate, requestDeletion(held, allocatedAt));
      if (saved.kind === 'written') return 'retired';
      continue;
    }
    // A caller and key hold one sandbox: the older allocation had ended before this one began.
    await store.endAllocation(other, requestDeletion(other, allocatedAt));
  }
  return 'failed';
}

function allocationOf(logged: LoggedAllocation) {
  const { caller, idempotencyKey, trackName, allocatedAt, expiresAt } = logged;
  return { caller, idempotencyKey, trackName, allocatedAt, expiresAt };
}

function asAvailable(row: Extract<Sandbox, { status: 'available' | 'stale' }>): AvailableSandbox {
  if (row.status === 'available') return row;
  const { staleSince, ...base } = row;
  return { ...base, status: 'available', version: row.version + 1, queuePosition: staleSince };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** True for a line as our processes log it, whatever it is about. */
function isEvent(entry: unknown): boolean {
  return (
    typeof entry === 'object' && entry !== null && typeof (entry as { level?: unknown }).level === 'number'
  );
}

function isAboutAllocation(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { action, outcome } = entry as { action?: unknown; outcome?: unknown };
  return action === 'allocate' && (outcome === 'allocated' || outcome === 'idempotent_hit');
}
