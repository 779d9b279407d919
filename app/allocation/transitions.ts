import type { AllocatedSandbox, Allocation, AvailableSandbox, PendingDeletionSandbox } from './sandbox';

/*
 * The moves a sandbox can make, as pure functions: state before → state after. Whether the move still holds when
 * it is written is the store's business: it writes only if the row is still at `version` of the state before.
 */

/** Gives an available sandbox to a caller. */
export function allocate(sandbox: AvailableSandbox, allocation: Allocation): AllocatedSandbox {
  const { queuePosition: _left, ...kept } = sandbox;
  return { ...kept, ...nextRevision(sandbox, allocation.allocatedAt), status: 'allocated', allocation };
}

/**
 * Takes an allocated sandbox out of use, because its holder released it or because its time is over. It is due
 * for deletion at once, and remembers its last owner.
 */
export function requestDeletion(sandbox: AllocatedSandbox, nowSeconds: number): PendingDeletionSandbox {
  return {
    ...sandbox,
    ...nextRevision(sandbox, nowSeconds),
    status: 'pending_deletion',
    deletionRequestedAt: nowSeconds,
    deletionRetryCount: 0,
    nextAttemptAt: nowSeconds,
  };
}

function nextRevision(sandbox: { version: number }, nowSeconds: number): { version: number; updatedAt: number } {
  return { version: sandbox.version + 1, updatedAt: nowSeconds };
}
