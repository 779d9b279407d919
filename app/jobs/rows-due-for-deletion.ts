import { dueRanges } from '../allocation/believable-times';
import type { Sandbox } from '../allocation/sandbox';
import { maxDeletionDelaySeconds } from '../allocation/transitions';
import {
  rowsByStatus,
  type InventoryStore,
  type ListedStatus,
  type PassRun,
  type UnreadShards,
} from '../store/inventory-store';

/** What waits for its deletion, and how long it may have been told to wait. */
function waitingStatuses(
  maxAttempts: number,
): { status: ListedStatus; maxDelaySeconds: number; canBeGivenUp: boolean }[] {
  return [
    // Due from the moment at which it was written.
    { status: 'pending_deletion', maxDelaySeconds: 0, canBeGivenUp: false },
    {
      status: 'deletion_failed',
      maxDelaySeconds: maxDeletionDelaySeconds(maxAttempts),
      canBeGivenUp: true,
    },
  ];
}

/**
 * Every row whose deletion is due, a page at a time: those whose next attempt has come, and those whose next attempt lies
 * further in the future than the schedule of `failDeletion` could have written. What was given up is not due.
 */
export async function* rowsDueForDeletion(
  inventory: Pick<InventoryStore, 'listByStatus'>,
  {
    nowSeconds,
    maxAttempts,
    ...pass
  }: { nowSeconds: number; maxAttempts: number; unread?: UnreadShards; run?: PassRun },
): AsyncGenerator<Sandbox[]> {
  for (const { status, ...schedule } of waitingStatuses(maxAttempts)) {
    for (const range of dueRanges(nowSeconds, schedule)) {
      yield* rowsByStatus(inventory, status, { ...range, ...pass });
    }
  }
}
