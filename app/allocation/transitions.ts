import type {
  AllocatedSandbox,
  Allocation,
  AvailableSandbox,
  PendingDeletionSandbox,
  Sandbox,
  SandboxBase,
} from './sandbox';

/*
 * The moves a sandbox can make, as pure functions: state before → state after. Whether the move still holds when
 * it is written is the store's business: it writes only if the row is still at `version` of the state before.
 */

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
