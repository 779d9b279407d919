import { setTimeout as delay } from 'node:timers/promises';
import { scanTable } from '../../e2e/support/table-scan';
import { poolViolations } from '../../fakes/pool-invariants';
import type { FaultWorld } from '../fault-world';
import type { NotedCall } from '../people/notebook';
import { accountViolations } from './accounts';

const LOOK_MS = 300;
/** Violations that five looks in a row show are none of a row that was being written. */
const LOOKS = 5;
/** For labs to end, deletions to be retried and lists to be read twice, on a machine with a lot to do. */
const MAX_REST_MS = 90_000;

/** Claims and allocations that do not fit together, while the jobs go on: what all of several looks show. */
export async function lastingPoolViolations({ system }: Pick<FaultWorld, 'system'>): Promise<string[]> {
  let lasting = poolViolations(await scanTable(system));
  for (let looks = 1; looks < LOOKS && lasting.length > 0; looks += 1) {
    await delay(LOOK_MS);
    const now = new Set(poolViolations(await scanTable(system)));
    lasting = lasting.filter((violation) => now.has(violation));
  }
  return lasting;
}

/**
 * Waits, with all faults over, until every lab has ended, every deletion is made and every account in its place; what is
 * not so in the end, in words.
 */
export async function restlessness(world: FaultWorld, calls: readonly NotedCall[]): Promise<string[]> {
  const usedIds = new Set(
    calls.flatMap(({ action, status = 0, sandboxId }) =>
      action === 'allocate' && status >= 200 && status < 300 && sandboxId !== undefined ? [sandboxId] : [],
    ),
  );
  const deadlineMs = Date.now() + MAX_REST_MS;
  let runner = await world.admin.setRunner('worker');
  let left = await whatIsLeft(world, usedIds);
  while (left.length > 0 && Date.now() < deadlineMs) {
    if (!runner) runner = await world.admin.setRunner('worker');
    await world.admin.retryDeletions();
    await delay(LOOK_MS);
    left = await whatIsLeft(world, usedIds);
  }
  return left;
}

async function whatIsLeft(world: FaultWorld, usedIds: ReadonlySet<string>): Promise<string[]> {
  const { system, portalOwner, portalDoor, history } = world;
  const accounts = await portalOwner.activeSandboxes();
  const contents = await scanTable(system);
  const denied = [...accounts].flatMap(([id, key]) => (portalDoor.deniedKeys.has(key) ? [id] : []));
  const restless = contents.sandboxes.filter(({ status }) =>
    ['allocated', 'pending_deletion', 'deletion_unconfirmed', 'deletion_failed'].includes(status),
  );
  return [
    ...restless.map(({ sandboxId, status }) => `sandbox ${sandboxId} stays ${status}`),
    ...poolViolations(contents),
    ...accountViolations({
      sandboxes: contents.sandboxes,
      accountIds: new Set(accounts.keys()),
      usedIds,
      excusedIds: new Set([...denied, ...history.abandoned]),
    }),
  ];
}
