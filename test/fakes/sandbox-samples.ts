import type { Random } from '../../app/allocation/clock';
import type {
  AllocatedSandbox,
  Allocation,
  AvailableSandbox,
  Claim,
  DeletedSandbox,
  DeletionFailedSandbox,
  DeletionUnconfirmedSandbox,
  PendingDeletionSandbox,
  Sandbox,
  SandboxBase,
  SandboxStatus,
  StaleSandbox,
} from '../../app/allocation/sandbox';
import { QUEUE_POSITION_LIMIT, shardOf } from '../../app/store/table';
import { seededRandom } from './seeded-random';

/*
 * Sandboxes for tests: complete, and the same in every run. A test names only what it is about.
 */

const BASE: SandboxBase = {
  sandboxId: '2009521',
  name: 'csp-sandbox-2009521',
  externalId: 'identity/accounts/0b2f2b0c-6c3c-4f0e-9d5e-1f2c3a4b5c6d',
  sfdcAccountId: '0015g00000ABCDE',
  createdAt: 1_700_000_000,
  updatedAt: 1_700_000_100,
  lastSynced: 1_700_000_100,
  missedSyncs: 0,
  version: 1,
};

/** An allocation that ends far in the future of {@link FakeClock}. */
export const SAMPLE_ALLOCATION: Allocation = {
  caller: 'student-1',
  idempotencyKey: 'student-1',
  trackName: 'intro-to-sandboxes',
  allocatedAt: 1_700_000_200,
  expiresAt: 4_000_000_000,
};

export function availableSandbox(overrides: Partial<AvailableSandbox> = {}): AvailableSandbox {
  return { ...BASE, status: 'available', queuePosition: 1_234_567, ...overrides };
}

export function allocatedSandbox(overrides: Partial<AllocatedSandbox> = {}): AllocatedSandbox {
  return { ...BASE, status: 'allocated', version: 2, allocation: SAMPLE_ALLOCATION, ...overrides };
}

export function pendingDeletionSandbox(
  overrides: Partial<PendingDeletionSandbox> = {},
): PendingDeletionSandbox {
  return {
    ...BASE,
    status: 'pending_deletion',
    version: 3,
    allocation: SAMPLE_ALLOCATION,
    deletionRequestedAt: 1_700_000_300,
    deletionRetryCount: 2,
    nextAttemptAt: 1_700_000_400,
    ...overrides,
  };
}

export function deletionFailedSandbox(overrides: Partial<DeletionFailedSandbox> = {}): DeletionFailedSandbox {
  return { ...pendingDeletionSandbox(), version: 4, ...overrides, status: 'deletion_failed' };
}

export function deletionUnconfirmedSandbox(
  overrides: Partial<DeletionUnconfirmedSandbox> = {},
): DeletionUnconfirmedSandbox {
  return {
    ...pendingDeletionSandbox(),
    version: 4,
    deletionRetryCount: 0,
    deletionSentAt: 1_700_000_350,
    ...overrides,
    status: 'deletion_unconfirmed',
  };
}

export function staleSandbox(overrides: Partial<StaleSandbox> = {}): StaleSandbox {
  return { ...BASE, status: 'stale', version: 2, missedSyncs: 2, staleSince: 1_700_000_500, ...overrides };
}

export function deletedSandbox(overrides: Partial<DeletedSandbox> = {}): DeletedSandbox {
  return {
    ...BASE,
    status: 'deleted',
    version: 5,
    deletedAt: 1_700_000_600,
    ...overrides,
  };
}

/** One sandbox of every status, all of the same id. */
export const SAMPLE_OF_STATUS: { [Status in SandboxStatus]: Extract<Sandbox, { status: Status }> } = {
  available: availableSandbox(),
  allocated: allocatedSandbox(),
  pending_deletion: pendingDeletionSandbox(),
  deletion_unconfirmed: deletionUnconfirmedSandbox(),
  deletion_failed: deletionFailedSandbox(),
  stale: staleSandbox(),
  deleted: deletedSandbox(),
};

/** A pool of available sandboxes, spread over the shards and their queues as real ones are. */
export function availableSandboxes(
  count: number,
  options: { namePrefix?: string; firstId?: number; random?: Random } = {},
): AvailableSandbox[] {
  const { namePrefix = 'csp-sandbox-', firstId = 3_000_000, random = seededRandom(firstId) } = options;
  return Array.from({ length: count }, (_, index) => {
    const sandboxId = String(firstId + index);
    return availableSandbox({
      sandboxId,
      name: `${namePrefix}${sandboxId}`,
      externalId: `identity/accounts/${sandboxId}`,
      queuePosition: Math.floor(random() * QUEUE_POSITION_LIMIT),
    });
  });
}

/** That many ids of one shard. */
export function idsOfShard(shard: number, count: number, firstId = 5_000_000): string[] {
  const ids: string[] = [];
  for (let id = firstId; ids.length < count; id += 1) {
    if (shardOf(String(id)) === shard) ids.push(String(id));
  }
  return ids;
}

/** The claim that goes with an allocated sandbox. */
export function claimOf({ sandboxId, allocation }: AllocatedSandbox): Claim {
  return { caller: allocation.caller, idempotencyKey: allocation.idempotencyKey, sandboxId };
}
