import type { PortalList } from '../csp/csp-client';

/** Rows whose accounts the portal should list, and how many of them it does list. */
export interface FoundShare {
  expected: number;
  found: number;
}

/** With less of what should be listed than this, a list is cut. */
const MIN_FOUND_SHARE = 0.5;
/** In a tiny pool so many available accounts may go at once. */
const MAX_MISSING_IN_TINY_POOL = 2;
/** Entries without any readable id may be any of the accounts that seem to be missing. */
const MAX_UNIDENTIFIED = { count: 2, share: 0.05 };
/** Single odd entries are the fault of their accounts; many of them mean that the format has changed. */
const MAX_UNUSABLE = { count: 3, share: 0.2 };

/**
 * Why nothing may be concluded from what this list does not show, in words for people; `undefined` if it is plausible.
 *
 * @param rows all rows that should be listed, and the available ones among them. The latter are judged by themselves,
 * too: allocated rows must not make up for them.
 */
export function implausibility(
  list: PortalList,
  rows: { all: FoundShare; available?: FoundShare },
): string | undefined {
  const { all, available = { expected: 0, found: 0 } } = rows;
  const fault = unreadability(list);
  if (fault !== undefined) return fault;
  const isEmpty = list.accounts.length + list.unusable.length === 0;
  if (all.expected > 0 && (isEmpty || all.found < all.expected * MIN_FOUND_SHARE)) {
    return `${all.expected} are known, but of those the portal listed only ${all.found}, new ones included.`;
  }
  const missing = available.expected - available.found;
  if (missing > Math.max(MAX_MISSING_IN_TINY_POOL, available.expected * (1 - MIN_FOUND_SHARE))) {
    return (
      `${available.expected} available ones are known, but of those the portal listed only ` +
      `${Math.max(0, available.found)}, new ones included.`
    );
  }
  return undefined;
}

/** Why too little of a list could be read to conclude anything from it; `undefined` if enough of it could. */
export function unreadability({ accounts, unusable, incomplete }: PortalList): string | undefined {
  if (incomplete !== undefined) return `The portal's list says that it is not complete: ${incomplete}.`;
  const total = accounts.length + unusable.length;
  const unidentified = unusable.filter(
    ({ externalId, sandboxId }) => externalId === undefined && sandboxId === undefined,
  ).length;
  if (unidentified > Math.max(MAX_UNIDENTIFIED.count, total * MAX_UNIDENTIFIED.share)) {
    return `${unidentified} of the ${total} entries that the portal listed have no readable id.`;
  }
  if (unusable.length > Math.max(MAX_UNUSABLE.count, total * MAX_UNUSABLE.share)) {
    return `${unusable.length} of the ${total} entries that the portal listed cannot be used.`;
  }
  return undefined;
}
