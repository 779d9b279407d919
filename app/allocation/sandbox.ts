/**
 * What a sandbox is, state by state. A state carries exactly what it needs, so that code cannot read an
 * expiry from a sandbox that nobody holds.
 */

/** Every status, in the order a sandbox usually goes through them. `deleted` is a tombstone. */
export const SANDBOX_STATUSES = [
  'available',
  'allocated',
  'pending_deletion',
  'deletion_unconfirmed',
  'deletion_failed',
  'stale',
  'deleted',
] as const;

export type SandboxStatus = (typeof SANDBOX_STATUSES)[number];

/** The `nextAttemptAt` of a deletion that was given up. */
export const NEVER_SECONDS = 9_999_999_999;

/** Who holds (or last held) a sandbox. All times here and below are Unix seconds. */
export interface Allocation {
  /** The student's instance or, for old scripts, the track: what the rate limiter and the owner check see. */
  caller: string;
  /** Scoped to the caller. */
  idempotencyKey: string;
  /** The lab's name, for people who read the table. */
  trackName?: string;
  allocatedAt: number;
  /** End of the lab. The grace period comes on top. */
  expiresAt: number;
}

/** What every state carries. */
export interface SandboxBase {
  sandboxId: string;
  /** Never empty: the portal's name, or the id where it has none. */
  name: string;
  /** The portal's own path for the account, e.g. `identity/accounts/<uuid>`. */
  externalId: string;
  sfdcAccountId?: string;
  createdAt: number;
  updatedAt: number;
  /** When a sync last changed this row. */
  lastSynced?: number;
  /** Syncs in a row that did not list it. */
  missedSyncs: number;
  /** Grows by one with every write; each write is conditional on the one it was decided on. */
  version: number;
}

export interface AvailableSandbox extends SandboxBase {
  status: 'available';
  /** Where it stands in its shard: random, so that callers who start anywhere meet different sandboxes. */
  queuePosition: number;
}

export interface AllocatedSandbox extends SandboxBase {
  status: 'allocated';
  allocation: Allocation;
}

/** What every state of a deletion carries. */
interface Deletion {
  /** Kept so that the last owner can ask again; absent when nobody ever held it. */
  allocation?: Allocation;
  deletionRequestedAt: number;
  deletionRetryCount: number;
  nextAttemptAt: number;
}

export interface PendingDeletionSandbox extends SandboxBase, Deletion {
  status: 'pending_deletion';
}

/** The portal accepted the deletion, or did not find the account; no later list has confirmed yet that it is gone. */
export interface DeletionUnconfirmedSandbox extends SandboxBase, Deletion {
  status: 'deletion_unconfirmed';
  /** When the first of these requests was answered. Only for people and the alarm: no decision rests on it. */
  deletionSentAt: number;
}

export interface DeletionFailedSandbox extends SandboxBase, Deletion {
  status: 'deletion_failed';
}

export interface StaleSandbox extends SandboxBase {
  status: 'stale';
  staleSince: number;
}

export interface DeletedSandbox extends SandboxBase {
  status: 'deleted';
  deletedAt: number;
  /** When DynamoDB removes the tombstone. Only the releases before this one set it: tombstones are kept for ever. */
  forgetAt?: number;
}

export type Sandbox =
  | AvailableSandbox
  | AllocatedSandbox
  | PendingDeletionSandbox
  | DeletionUnconfirmedSandbox
  | DeletionFailedSandbox
  | StaleSandbox
  | DeletedSandbox;

/** A sandbox on its way out: an account that somebody held, to be deleted in the portal. */
export type SandboxInDeletion = PendingDeletionSandbox | DeletionUnconfirmedSandbox | DeletionFailedSandbox;

/** Which sandbox a caller holds under one key. It exists exactly as long as that allocation. */
export interface Claim {
  caller: string;
  idempotencyKey: string;
  sandboxId: string;
  /** The call that wrote it, told from others that repeat it. Absent in claims of an earlier release. */
  callId?: string;
}

/** True when this caller holds it, or held it last: only they may see it or give it back. */
export function isOwnedBy(sandbox: Sandbox, caller: string): boolean {
  return 'allocation' in sandbox && sandbox.allocation?.caller === caller;
}

/** True once the lab and its grace period are over: the sandbox may be taken away from now on. */
export function isPastGrace(
  sandbox: AllocatedSandbox,
  nowSeconds: number,
  gracePeriodSeconds: number,
): boolean {
  return nowSeconds > sandbox.allocation.expiresAt + gracePeriodSeconds;
}

/** True when no attempt will be made to delete it unless a person asks for one. */
export function isGivenUp(sandbox: DeletionFailedSandbox): boolean {
  return sandbox.nextAttemptAt === NEVER_SECONDS;
}

/** True for the states in which the account is to be deleted in the portal. */
export function isInDeletion(sandbox: Sandbox): sandbox is SandboxInDeletion {
  return (
    sandbox.status === 'pending_deletion' ||
    sandbox.status === 'deletion_unconfirmed' ||
    sandbox.status === 'deletion_failed'
  );
}

/** Proof to the compiler that a switch has handled every case. Throws if data got past the types. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
