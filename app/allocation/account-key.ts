/** What may stand at the end of a path: nothing that could lead the URL of a deletion elsewhere. */
const ACCOUNT_SEGMENT = /^[A-Za-z0-9_-]{1,128}$/;
/** A hexadecimal digit is the same in either case. Of other keys that is not known: there, case is kept. */
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * The identity of an account in the portal: the last path segment of its external id, a UUID in lower case. Two external
 * ids with one key name one account. `undefined` if the external id ends in no key.
 */
export function accountKey(externalId: string): string | undefined {
  const segment = accountSegment(externalId);
  return segment !== undefined && UUID.test(segment) ? segment.toLowerCase() : segment;
}

/** The last path segment as the portal spells it: what the path of a deletion ends in. */
export function accountSegment(externalId: string): string | undefined {
  const segment = externalId.split('/').at(-1) ?? '';
  return ACCOUNT_SEGMENT.test(segment) ? segment : undefined;
}

/** Other spellings of the key, under which a build that told cases apart may have put the guard of the account. */
export function otherSpellings(externalId: string): string[] {
  const key = accountKey(externalId);
  const segment = accountSegment(externalId);
  if (key === undefined || segment === undefined || !UUID.test(segment)) return [];
  return [...new Set([segment, key.toUpperCase()])].filter((spelling) => spelling !== key);
}
