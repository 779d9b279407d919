import { MAX_LAB_SECONDS } from './believable-times';
import {
  NEVER_SECONDS,
  type AllocatedSandbox,
  type Allocation,
  type AvailableSandbox,
  type DeletedSandbox,
  type DeletionFailedSandbox,
  type DeletionUnconfirmedSandbox,
  type PendingDeletionSandbox,
  type Sandbox,
  type SandboxBase,
  type SandboxInDeletion,
  type StaleSandbox,
} from './sandbox';

/*
 * The moves a sandbox can make, as pure functions: state before → state after. Whether the move still holds when
 * it is written is the store's business: it writes only if the row is still at `version` of the state before.
 */

/** One list without it may be the portal's mistake. */
const MISSED_SYNCS_UNTIL_STALE = 2;
const FIRST_RETRY_DELAY_SECONDS = 300;
/** So that the last attempts of a long schedule still come. */
const MAX_RETRY_DELAY_SECONDS = 7 * 24 * 3_600;

/** Gives an available sandbox to a caller. */
export function allocate(sandbox: AvailableSandbox, allocation: Allocation): AllocatedSandbox {
  return {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, allocation.allocatedAt),
    status: 'allocated',
    allocation,
  };
}

/**
 * Takes an allocated sandbox out of use, because its holder released it or because its time is over. It is due
 * for deletion at once, and remembers its last owner.
 */
export function requestDeletion(sandbox: AllocatedSandbox, nowSeconds: number): PendingDeletionSandbox {
  return {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, nowSeconds),
    status: 'pending_deletion',
    allocation: sandbox.allocation,
    deletionRequestedAt: nowSeconds,
    deletionRetryCount: 0,
    nextAttemptAt: nowSeconds,
  };
}

/** What the portal says of a sandbox. */
export interface PortalAccount {
  sandboxId: string;
  name: string;
  externalId: string;
  sfdcAccountId?: string;
}

/** An account of the portal as it enters the pool, at a random place of the queue. */
export function stock(account: PortalAccount, queuePosition: number, nowSeconds: number): AvailableSandbox {
  const { sandboxId, name, externalId, sfdcAccountId } = account;
  return {
    status: 'available',
    sandboxId,
    name,
    externalId,
    sfdcAccountId,
    queuePosition,
    createdAt: nowSeconds,
    updatedAt: nowSeconds,
    lastSynced: nowSeconds,
    missedSyncs: 0,
    version: firstVersion(queuePosition),
  };
}

/** The portal lists an available sandbox: what it says of it now. `undefined` when that is what we have. */
export function confirm(
  sandbox: AvailableSandbox,
  account: PortalAccount,
  nowSeconds: number,
): AvailableSandbox | undefined {
  const { name, externalId, sfdcAccountId } = account;
  const isSame =
    sandbox.missedSyncs === 0 &&
    sandbox.name === name &&
    sandbox.externalId === externalId &&
    sandbox.sfdcAccountId === sfdcAccountId;
  if (isSame) return undefined;
  const revision = nextRevision(sandbox, nowSeconds);
  return { ...sandbox, ...revision, name, externalId, sfdcAccountId, missedSyncs: 0, lastSynced: nowSeconds };
}

/** The portal does not list an available sandbox: remembered once, and stale the second time in a row. */
export function miss(sandbox: AvailableSandbox, nowSeconds: number): AvailableSandbox | StaleSandbox {
  const missed = {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, nowSeconds),
    missedSyncs: sandbox.missedSyncs + 1,
    lastSynced: nowSeconds,
  };
  if (missed.missedSyncs < MISSED_SYNCS_UNTIL_STALE) {
    return { ...missed, status: 'available', queuePosition: sandbox.queuePosition };
  }
  return { ...missed, status: 'stale', staleSince: nowSeconds };
}

/**
 * Its account belongs to another row: out of the pool at once. Its account is not touched, and it comes back only if the
 * other row goes.
 */
export function setAside(sandbox: AvailableSandbox, nowSeconds: number): StaleSandbox {
  return {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, nowSeconds),
    status: 'stale',
    staleSince: nowSeconds,
  };
}

/** The portal lists a stale sandbox again: back into the queue. */
export function restock(
  sandbox: StaleSandbox,
  account: PortalAccount,
  queuePosition: number,
  nowSeconds: number,
): AvailableSandbox {
  return {
    ...stock(account, queuePosition, nowSeconds),
    ...nextRevision(sandbox, nowSeconds),
    createdAt: sandbox.createdAt,
  };
}

/**
 * The portal answered a DELETE with "accepted" or "not found". Neither proves that the account is gone, so the sandbox
 * waits for a list that does not name it. Due again at once, should the next list name it.
 */
export function awaitConfirmation(
  sandbox: SandboxInDeletion,
  nowSeconds: number,
): DeletionUnconfirmedSandbox {
  const { allocation, deletionRequestedAt, deletionRetryCount } = sandbox;
  return {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, nowSeconds),
    status: 'deletion_unconfirmed',
    allocation,
    deletionRequestedAt,
    deletionRetryCount,
    nextAttemptAt: nowSeconds,
    deletionSentAt: sandbox.status === 'deletion_unconfirmed' ? sandbox.deletionSentAt : nowSeconds,
  };
}

/**
 * It is gone, or no longer ours: a tombstone. It is kept for ever, because an account that was used once must not come
 * back into the pool, whenever a list names it.
 */
export function bury(sandbox: Sandbox, nowSeconds: number): DeletedSandbox {
  return {
    ...baseOf(sandbox),
    ...nextRevision(sandbox, nowSeconds),
    status: 'deleted',
    deletedAt: nowSeconds,
  };
}

/** A tombstone of an earlier release, which DynamoDB would remove: from now on it is kept for ever. */
export function keepForever(sandbox: DeletedSandbox, nowSeconds: number): DeletedSandbox {
  return { ...sandbox, ...nextRevision(sandbox, nowSeconds), forgetAt: undefined };
}

/**
 * An attempt to delete it failed: to be tried again after a delay that grows threefold with each time, up to a
 * week, or, after `maxAttempts`, left for a person. While it is tried, a sandbox whose deletion is unconfirmed stays so.
 */
export function failDeletion(
  sandbox: SandboxInDeletion,
  maxAttempts: number,
  nowSeconds: number,
): DeletionFailedSandbox | DeletionUnconfirmedSandbox {
  const deletionRetryCount = sandbox.deletionRetryCount + 1;
  const charged = { ...nextRevision(sandbox, nowSeconds), deletionRetryCount };
  if (deletionRetryCount >= maxAttempts) return failed(sandbox, { ...charged, nextAttemptAt: NEVER_SECONDS });
  const nextAttemptAt = nowSeconds + deletionDelaySeconds(deletionRetryCount);
  return sandbox.status === 'deletion_unconfirmed'
    ? { ...sandbox, ...charged, nextAttemptAt }
    : failed(sandbox, { ...charged, nextAttemptAt });
}

/** The longest delay that {@link failDeletion} writes with so many attempts. */
export function maxDeletionDelaySeconds(maxAttempts: number): number {
  return deletionDelaySeconds(maxAttempts - 1);
}

function deletionDelaySeconds(failedAttempts: number): number {
  if (failedAttempts < 1) return 0;
  return Math.min(FIRST_RETRY_DELAY_SECONDS * 3 ** (failedAttempts - 1), MAX_RETRY_DELAY_SECONDS);
}

/**
 * An allocation with times that cannot be believed gets one lab duration from now: its student keeps the sandbox for
 * that long, and nobody for longer.
 */
export function correctAllocation(
  sandbox: AllocatedSandbox,
  labDurationSeconds: number,
  nowSeconds: number,
): AllocatedSandbox {
  const expiresAt = nowSeconds + labDurationSeconds;
  const { allocatedAt: storedAt } = sandbox.allocation;
  // What was wrong may be the beginning: then the new end alone would not make the times believable.
  const isBeginRight = storedAt <= nowSeconds && expiresAt - storedAt <= MAX_LAB_SECONDS;
  const allocatedAt = isBeginRight ? storedAt : nowSeconds;
  const allocation = { ...sandbox.allocation, allocatedAt, expiresAt };
  return { ...sandbox, ...nextRevision(sandbox, nowSeconds), allocation };
}

/** A stale sandbox with a time that cannot be believed counts as stale since now. */
export function correctStaleSince(sandbox: StaleSandbox, nowSeconds: number): StaleSandbox {
  return { ...sandbox, ...nextRevision(sandbox, nowSeconds), staleSince: nowSeconds };
}

/** A person wants it tried again: due at once, with all its attempts. */
export function retryDeletion(
  sandbox: DeletionFailedSandbox | DeletionUnconfirmedSandbox,
  nowSeconds: number,
): PendingDeletionSandbox | DeletionUnconfirmedSandbox {
  const again = { ...nextRevision(sandbox, nowSeconds), deletionRetryCount: 0, nextAttemptAt: nowSeconds };
  return sandbox.status === 'deletion_unconfirmed'
    ? { ...sandbox, ...again }
    : { ...sandbox, ...again, status: 'pending_deletion' };
}

function failed(
  sandbox: SandboxInDeletion,
  attempt: Pick<DeletionFailedSandbox, 'version' | 'updatedAt' | 'deletionRetryCount' | 'nextAttemptAt'>,
): DeletionFailedSandbox {
  const { allocation, deletionRequestedAt } = sandbox;
  return { ...baseOf(sandbox), ...attempt, status: 'deletion_failed', allocation, deletionRequestedAt };
}

/**
 * The version that a row begins with: as random as its place in the queue. A row that was removed and added again must
 * not pass for its former self, to whoever has seen that one.
 */
function firstVersion(queuePosition: number): number {
  return queuePosition + 1;
}

function nextRevision(
  sandbox: { version: number },
  nowSeconds: number,
): { version: number; updatedAt: number } {
  return { version: sandbox.version + 1, updatedAt: nowSeconds };
}

/** What stays the same in every state; what only the old state had is left behind. */
function baseOf(sandbox: Sandbox): SandboxBase {
  const {
    sandboxId,
    name,
    externalId,
    sfdcAccountId,
    createdAt,
    updatedAt,
    lastSynced,
    missedSyncs,
    version,
  } = sandbox;
  return {
    sandboxId,
    name,
    externalId,
    sfdcAccountId,
    createdAt,
    updatedAt,
    lastSynced,
    missedSyncs,
    version,
  };
}
