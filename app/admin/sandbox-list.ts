import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Sandbox } from '../allocation/sandbox';
import { ValidationError } from '../errors';
import type { InventoryStore, ListedStatus, RowPage, RowPosition } from '../store/inventory-store';
import { StoreUnavailableError } from '../store/sandbox-store';
import { SHARD_COUNT } from '../store/table';

/** What to list. Without a status: all but tombstones. */
export interface SandboxFilter {
  status?: ListedStatus;
  caller?: string;
  namePrefix?: string;
}

export interface SandboxList {
  sandboxes: Sandbox[];
  /** Where to go on; absent at the end. */
  cursor?: string;
  /** The ids of rows that cannot be read. */
  unreadable: string[];
  /** Shards that did not answer. They were passed over, so that they keep no other from being seen. */
  unreadShards: number;
}

export const LISTED_STATUSES = [
  'available',
  'allocated',
  'pending_deletion',
  'deletion_failed',
  'stale',
  // Last: a cursor counts the statuses before it, and one that an earlier release gave must keep its place.
  'deletion_unconfirmed',
] as const satisfies ListedStatus[];

/** A call that has met so many shards without an answer ends there, before its caller gives up; the cursor goes on. */
const MAX_UNREAD_SHARDS = 3;

/** DynamoDB takes no half of a character, which a cursor that somebody made up may hold. */
const wholeText = z.string().regex(/^\P{Surrogate}*$/u);

/** DynamoDB keeps numbers up to 9.9…e125, with 38 digits; below that a number of JavaScript is one of its own. */
const MAX_KEY_NUMBER = 1e125;
const MAX_DIGITS = 38;

/** True for a number as DynamoDB spells it. */
function isKeyNumber(text: string): boolean {
  const digits = text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return (
    /^-?\d+(\.\d+)?$/.test(text) && digits.length <= MAX_DIGITS && Math.abs(Number(text)) <= MAX_KEY_NUMBER
  );
}

/**
 * A place in a listing: in which of its segments, behind which row, and for which filter it was made. Rows only, never
 * a page number: rows that come and go meanwhile shift nothing.
 */
const cursorSchema = z.tuple([
  z.string(),
  z
    .int()
    .min(0)
    .max(LISTED_STATUSES.length * SHARD_COUNT - 1),
  z.union([
    z.null(),
    z.tuple([
      wholeText.min(1).max(256),
      // In a list by name: the name, which is a key and so has at most 1,024 bytes.
      z.union([z.number().min(-MAX_KEY_NUMBER).max(MAX_KEY_NUMBER), wholeText.min(1).max(1_024)]),
      z.string().refine(isKeyNumber).optional(),
    ]),
  ]),
]);

/**
 * A page of sandboxes. Walking the cursor to its end shows every row that was there all the time, whatever the table's
 * size. A shard that does not answer is passed over, and counted.
 *
 * @throws ValidationError for a cursor that is none, or belongs to another filter; StoreUnavailableError when no shard
 * answers.
 */
export async function listSandboxes(
  inventory: InventoryStore,
  filter: SandboxFilter,
  limit: number,
  cursor: string | undefined,
): Promise<SandboxList> {
  const segments = segmentsOf(inventory, filter);
  let { segment, after } = decodeCursor(cursor, filter, segments.length);
  const sandboxes: Sandbox[] = [];
  const unreadable: string[] = [];
  let answers = 0;
  let failure: StoreUnavailableError | undefined;
  let unreadShards = 0;
  while (segment < segments.length && unreadShards < MAX_UNREAD_SHARDS) {
    const page = await segments[segment]?.({ limit: limit - sandboxes.length, after }).catch(
      (error: unknown) => {
        if (!(error instanceof StoreUnavailableError)) throw error;
        failure = error;
        unreadShards += 1;
        return undefined;
      },
    );
    if (page) answers += 1;
    sandboxes.push(...(page?.items ?? []).filter((sandbox) => isWanted(sandbox, filter)));
    unreadable.push(...(page?.unreadable ?? []));
    after = page?.next;
    if (!after) segment += 1;
    if (sandboxes.length >= limit) break;
  }
  if (failure && answers === 0) throw failure;
  const list = { sandboxes, unreadable, unreadShards };
  return segment < segments.length ? { ...list, cursor: encodeCursor(filter, segment, after) } : list;
}

type Position = RowPosition<number | string>;
type Segment = (page: { limit: number; after?: Position }) => Promise<RowPage<number | string>>;

function segmentsOf(inventory: InventoryStore, { status, caller, namePrefix }: SandboxFilter): Segment[] {
  if (caller !== undefined) return [numbered((page) => inventory.listByCaller(caller, page))];
  const statuses = status === undefined ? LISTED_STATUSES : [status];
  return statuses.flatMap((each) =>
    Array.from({ length: SHARD_COUNT }, (_, shard): Segment => {
      if (namePrefix === undefined) {
        return numbered((page) => inventory.listByStatus({ status: each, shard }, page));
      }
      const segment = { status: each, shard, prefix: namePrefix };
      return placed<string>('string', (page) => {
        // DynamoDB refuses to go on from a place outside of what is asked for. The local engine's places begin with the
        // prefix in any case of its letters.
        const isOutside = page.after?.order.toLowerCase().startsWith(namePrefix.toLowerCase()) === false;
        if (isOutside) throw badCursor();
        return inventory.listByName(segment, page);
      });
    }),
  );
}

function numbered(list: (page: { limit: number; after?: RowPosition }) => Promise<RowPage>): Segment {
  return placed('number', list);
}

/** A cursor of ours always fits its filter. One that somebody has made up may not. */
function placed<Order extends number | string>(
  type: 'number' | 'string',
  list: (page: { limit: number; after?: RowPosition<Order> }) => Promise<RowPage<Order>>,
): Segment {
  return ({ limit, after }) => {
    if (after !== undefined && typeof after.order !== type) throw badCursor();
    return list({ limit, after: after as RowPosition<Order> | undefined });
  };
}

/** Callers are listed by their own index, names on some engines in any case of their letters. */
function isWanted(sandbox: Sandbox, { status, namePrefix }: SandboxFilter): boolean {
  return (
    (status === undefined || sandbox.status === status) &&
    (namePrefix === undefined || sandbox.name.startsWith(namePrefix))
  );
}

function encodeCursor(filter: SandboxFilter, segment: number, after: Position | undefined): string {
  const exact = after?.exactOrder === undefined ? [] : [after.exactOrder];
  const place = [fingerprint(filter), segment, after ? [after.sandboxId, after.order, ...exact] : null];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decodeCursor(
  cursor: string | undefined,
  filter: SandboxFilter,
  segmentCount: number,
): { segment: number; after?: Position } {
  if (cursor === undefined) return { segment: 0 };
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success || parsed.data[0] !== fingerprint(filter) || parsed.data[1] >= segmentCount) {
    throw badCursor();
  }
  const [, segment, row] = parsed.data;
  return { segment, after: row ? { sandboxId: row[0], order: row[1], exactOrder: row[2] } : undefined };
}

function badCursor(): ValidationError {
  return new ValidationError(
    'This cursor is none, or belongs to another filter. Send the one of the last answer, with the same filter.',
    { parameter: 'cursor' },
  );
}

function fingerprint({ status, caller, namePrefix }: SandboxFilter): string {
  return createHash('sha256')
    .update(JSON.stringify([status ?? null, caller ?? null, namePrefix ?? null]))
    .digest('base64url')
    .slice(0, 8);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
