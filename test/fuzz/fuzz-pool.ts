import {
  allocatedSandbox,
  availableSandboxes,
  claimOf,
  deletedSandbox,
  deletionFailedSandbox,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import type { PoolContents } from '../fakes/pool-invariants';
import type { KnownWorld } from './known-world';

const CALLERS = ['student-1', 'student-2', 'student 3/%#?&=', 'a'.repeat(256), '__proto__'];
const NAME_PREFIXES = ['csp-', 'team-', 'none-has-this-'];

/** A pool with rows of every status, some of them in the hands of known callers, and what a sender may know of it. */
export function poolToFuzz(): Pick<KnownWorld, 'sandboxIds' | 'callers' | 'namePrefixes'> & {
  pool: PoolContents;
} {
  let id = 1_000;
  const next = (): { sandboxId: string; name: string; externalId: string } => {
    id += 1;
    return { sandboxId: String(id), name: `csp-sandbox-${id}`, externalId: `identity/accounts/${id}` };
  };
  const allocated = CALLERS.flatMap((caller) =>
    ['held-1', 'held-2', 'over'].map((idempotencyKey) => {
      const times = idempotencyKey === 'over' ? { expiresAt: 1_700_000_500 } : {};
      return allocatedSandbox({
        ...next(),
        allocation: { ...SAMPLE_ALLOCATION, caller, idempotencyKey, ...times },
      });
    }),
  );
  const others = Array.from({ length: 20 }, () => [
    pendingDeletionSandbox({ ...next(), nextAttemptAt: 4_000_000_000 }),
    deletionFailedSandbox({ ...next(), nextAttemptAt: 4_000_000_000 }),
    staleSandbox({ ...next(), staleSince: Math.floor(Date.now() / 1000) }),
    deletedSandbox(next()),
  ]).flat();
  const available = [
    ...availableSandboxes(400, { firstId: 5_000 }),
    ...availableSandboxes(400, { firstId: 6_000, namePrefix: 'team-' }),
  ];
  return {
    pool: { sandboxes: [...allocated, ...others, ...available], claims: allocated.map(claimOf) },
    sandboxIds: [...allocated, ...others, ...available.slice(0, 5)].map(({ sandboxId }) => sandboxId),
    callers: CALLERS,
    namePrefixes: NAME_PREFIXES,
  };
}
