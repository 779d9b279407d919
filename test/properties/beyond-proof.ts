import type { Sandbox } from '../../app/allocation/sandbox';
import type { PoolWorld } from './pool-world';

/** With less of what is in use or available than this, cleanup confirms no deletion. */
const MIN_LISTED_SHARE_TO_CONFIRM = 0.9;

/**
 * Gone, but no list proves it: the list lacks so many accounts in use or available that cleanup rightly believes none of
 * it, or it names the row's number as that of another account. People have to look at that.
 */
export function isBeyondProof({ ledger, portal }: PoolWorld, row: Sandbox): boolean {
  if (portal.hasAccount(row.externalId)) return false;
  if (portal.accounts().some(({ sandboxId }) => sandboxId === row.sandboxId)) return true;
  if (row.status !== 'deletion_unconfirmed') return false;
  const inUse = [...ledger.rows.values()].filter(({ status }) => ['available', 'allocated'].includes(status));
  const listed = inUse.filter((each) => portal.names(each));
  return listed.length < inUse.length * MIN_LISTED_SHARE_TO_CONFIRM;
}
