/** What may stand at the end of a path: nothing that could lead the URL of a deletion elsewhere. */
const ACCOUNT_KEY = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * The identity of an account in the portal: the last path segment of its external id. Two external ids with one key
 * name one account. `undefined` if the external id ends in no key.
 */
export function accountKey(externalId: string): string | undefined {
  const key = externalId.split('/').at(-1) ?? '';
  return ACCOUNT_KEY.test(key) ? key : undefined;
}
