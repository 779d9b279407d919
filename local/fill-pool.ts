import { randomInt } from 'node:crypto';
import { stock } from '../app/allocation/transitions';
import type { CspAccount } from '../app/csp/csp-client';
import type { AddOutcome, SandboxStore } from '../app/store/sandbox-store';
import { QUEUE_POSITION_LIMIT } from '../app/store/table';

const CONCURRENCY = 32;

/**
 * Adds accounts to the pool as available sandboxes; those that the table knows stay as they are. Resolves with the
 * number added, and throws if any could not be added.
 */
export async function fillPool(store: SandboxStore, accounts: CspAccount[]): Promise<number> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const waiting = accounts
    .map((account) => stock(account, randomInt(QUEUE_POSITION_LIMIT), nowSeconds))
    .values();
  let addedCount = 0;
  const work = async (): Promise<void> => {
    // All workers take from the one iterator, so that each sandbox is added once.
    for (const sandbox of waiting) {
      if (isNew(await store.add(sandbox), sandbox.sandboxId)) addedCount++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return addedCount;
}

function isNew(outcome: AddOutcome, sandboxId: string): boolean {
  switch (outcome.kind) {
    case 'written':
      return true;
    case 'changed':
    case 'identity_conflict':
      return false;
    case 'conflict':
    case 'throttled':
      throw new Error(`Sandbox ${sandboxId} could not be added: ${outcome.kind}`);
  }
}
