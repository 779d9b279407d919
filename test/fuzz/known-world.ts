import { call } from '../http/http-client';

/** What a sender knows who wants to get past validation: real tokens, ids, callers, names and cursors. */
export interface KnownWorld {
  trackToken: string;
  adminToken: string;
  /** Everything below it is the API; the rest is open. */
  basePath: string;
  sandboxIds: string[];
  callers: string[];
  namePrefixes: string[];
  listings: Listing[];
}

/** A list that has a second page. */
export interface Listing {
  /** What was asked for, e.g. `status=stale`. */
  filter: string;
  cursor: string;
}

/** A first page of each kind of list, for cursors that were really given out. */
export async function realListings(
  port: number,
  { basePath, adminToken }: Pick<KnownWorld, 'basePath' | 'adminToken'>,
): Promise<Listing[]> {
  const filters = ['', 'status=available', 'status=allocated', 'caller=student-1', 'name_prefix=csp-'];
  const listings = await Promise.all(
    filters.map(async (filter): Promise<Listing[]> => {
      const path = `${basePath}/admin/sandboxes?limit=1&${filter}`;
      const { text } = await call(port, path, { headers: { Authorization: `Bearer ${adminToken}` } });
      const { cursor } = JSON.parse(text) as { cursor?: unknown };
      return typeof cursor === 'string' ? [{ filter, cursor }] : [];
    }),
  );
  return listings.flat();
}

/**
 * A cursor that passes for one of ours although nobody gave it out: another place in a list that there is. A cursor is
 * no secret, so anyone can make one.
 */
export function forgedCursor({ cursor }: Listing, segment: unknown, row: unknown): string {
  const [fingerprint] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
  return Buffer.from(JSON.stringify([fingerprint, segment, row])).toString('base64url');
}
