/** Names of fields, without case and separators: portals page their lists in many ways, and this one may begin to. */
const NEXT_PAGE = /^next(page|url|link|token|cursor|pagetoken)?$/;
const HAS_MORE = /^(hasmore|hasnext|hasnextpage|more|truncated|istruncated)$/;
const TOTAL = /^(count|total|total(count|results|items|entries|records))$/;
/** Objects in which such fields stand by themselves. */
const ENVELOPE = /^(meta|metadata|pagination|paging|pageinfo|links)$/;

/**
 * What a list says itself of its being only a part: it names a next page, or a total above the entries that it has.
 * `undefined` if it says nothing of that kind.
 *
 * @param linkHeader of the answer, in which some portals name the next page.
 */
export function incompletenessClaim(
  body: Record<string, unknown>,
  entryCount: number,
  linkHeader = '',
): string | undefined {
  if (/;\s*rel="?next\b/i.test(linkHeader)) return 'a Link header names a next page';
  for (const [field, value] of Object.entries(body)) {
    const name = field.toLowerCase().replaceAll(/[^a-z]/g, '');
    if (NEXT_PAGE.test(name) && isGiven(value)) return `"${field}" names a next page`;
    if (HAS_MORE.test(name) && (value === true || value === 'true')) return `"${field}" is true`;
    if (TOTAL.test(name) && Number(value) > entryCount) {
      return `"${field}" is ${Number(value)}, but the list has ${entryCount} entries`;
    }
    const inner = ENVELOPE.test(name) && isObject(value) && incompletenessClaim(value, entryCount);
    if (inner) return inner;
  }
  return undefined;
}

function isGiven(value: unknown): boolean {
  return isObject(value) ? Object.values(value).some(isGiven) : Boolean(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
