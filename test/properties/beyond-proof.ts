import type { Sandbox } from '../../app/allocation/sandbox';
import type { PoolWorld } from './pool-world';

/** With less of what is in use or available than this, cleanup confirms no deletion. */
const MIN_LISTED_SHARE_TO_CONFIRM = 0.9;

/** Gone, but the list lacks so many accounts in use or available that cleanup rightly believes none of it. */
export function isBeyondProof({ ledger, portal }: PoolWorld, row: Sandbox): boolean {
  if (row.status !== 'deletion_unconfirmed' || portal.hasAccount(row.externalId)) return false;
  const inUse = [...ledger.rows.values()].filter(({ status }) => ['available', 'allocated'].includes(status));
  const listed = inUse.filter(({ externalId }) => portal.hasAccount(externalId));
  return listed.length < inUse.length * MIN_LISTED_SHARE_TO_CONFIRM;
}
