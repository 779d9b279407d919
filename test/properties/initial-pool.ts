import type { Random } from '../../app/allocation/clock';
import {
  assertNever,
  type AllocatedSandbox,
  type AvailableSandbox,
  type Sandbox,
} from '../../app/allocation/sandbox';
import {
  allocate,
  awaitConfirmation,
  failDeletion,
  miss,
  requestDeletion,
  stock,
} from '../../app/allocation/transitions';
import { QUEUE_POSITION_LIMIT } from '../../app/store/table';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import type { PoolContents } from '../fakes/pool-invariants';
import { claimOf } from '../fakes/sandbox-samples';
import { CALLERS, KEYS, NAME_PREFIXES, type InitialState } from './program';
import type { WorldPortal } from './world-portal';
import { MAX_DELETION_ATTEMPTS } from './world-process';

const DAY_SECONDS = 24 * 3_600;
/** What is left of an allocation that ends soon, grace included. */
const SHORT_TIME_SECONDS = 60;

/** Makes the portal's accounts, and the rows and claims that a world begins with. */
export function initialPool(
  states: readonly InitialState[],
  portal: WorldPortal,
  nowMs: number,
  random: Random,
): PoolContents {
  const now = Math.floor(nowMs / 1000);
  const holders = CALLERS.flatMap((caller) => KEYS.map((idempotencyKey) => ({ caller, idempotencyKey })));
  const sandboxes = states.flatMap((state, index): Sandbox[] => {
    const account = portal.create(NAME_PREFIXES[index % NAME_PREFIXES.length] ?? '');
    const fresh = stock(account, Math.floor(random() * QUEUE_POSITION_LIMIT), now - 2 * DAY_SECONDS);
    const held = (allocatedAt: number): AllocatedSandbox => {
      // As many as a pool can have at the beginning.
      const holder = holders[index % holders.length] ?? { caller: 'nobody', idempotencyKey: 'k' };
      return allocate(fresh, { ...holder, allocatedAt, expiresAt: allocatedAt + LAB_SECONDS });
    };
    if (state === 'gone') portal.remove(account.externalId);
    if (state === 'stale') portal.vanish(portal.accounts().length - 1);
    return rowOf(state, fresh, held, now);
  });
  const claims = sandboxes.flatMap((row) => (row.status === 'allocated' ? [claimOf(row)] : []));
  return { sandboxes, claims };
}

function rowOf(
  state: InitialState,
  fresh: AvailableSandbox,
  held: (allocatedAt: number) => AllocatedSandbox,
  now: number,
): Sandbox[] {
  switch (state) {
    case 'available':
    case 'gone':
      return [fresh];
    case 'allocated':
      return [held(now - 60)];
    case 'ending':
      return [held(now - LAB_SECONDS - GRACE_SECONDS + SHORT_TIME_SECONDS)];
    case 'pending_deletion':
      return [requestDeletion(held(now - 600), now - 60)];
    case 'deletion_unconfirmed':
      return [awaitConfirmation(requestDeletion(held(now - 600), now - 60), now - 30)];
    case 'deletion_failed':
      return [failDeletion(requestDeletion(held(now - 600), now - 60), MAX_DELETION_ATTEMPTS, now - 30)];
    case 'stale': {
      const missed = miss(fresh, now - 7_200);
      return [missed.status === 'available' ? miss(missed, now - 6_600) : missed];
    }
    case 'new':
      return [];
    default:
      return assertNever(state);
  }
}
