import { listSandboxes, LISTED_STATUSES, type SandboxFilter } from '../../app/admin/sandbox-list';
import type { Sandbox } from '../../app/allocation/sandbox';
import { ValidationError } from '../../app/errors';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';
import { JobPool } from '../jobs/job-pool';

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

/** Walks to the end; `between` happens after each page. */
async function walk(
  filter: SandboxFilter,
  limit: number,
  between = (): void => undefined,
): Promise<Sandbox[]> {
  const found: Sandbox[] = [];
  let cursor: string | undefined;
  do {
    const page = await listSandboxes(pool.inventory, filter, limit, cursor);
    expect(page.sandboxes.length).toBeLessThanOrEqual(limit);
    found.push(...page.sandboxes);
    cursor = page.cursor;
    between();
  } while (cursor !== undefined);
  return found;
}

const idsOf = (rows: readonly Sandbox[]): string[] => rows.map(({ sandboxId }) => sandboxId).sort();

/** That many rows of every status. */
function mixedRows(ofEach: number): Sandbox[] {
  return Object.values(SAMPLE_OF_STATUS).flatMap((sample) =>
    Array.from({ length: ofEach }, (_, index) => ({ ...sample, sandboxId: `${sample.status}-${index}` })),
  );
}

describe('listSandboxes', () => {
  it('is at its end at once in an empty pool', async () => {
    expect(await listSandboxes(pool.inventory, {}, 10, undefined)).toEqual({
      sandboxes: [],
      unreadable: [],
      unreadShards: 0,
    });
  });

  it('names the rows that cannot be read, on the pages where they stand', async () => {
    pool.seed(...mixedRows(3));
    const listByStatus = pool.inventory.listByStatus.bind(pool.inventory);
    jest.spyOn(pool.inventory, 'listByStatus').mockImplementation(async (segment, page, options) => {
      const found = await listByStatus(segment, page, options);
      return segment.shard === 2 && !page.after ? { ...found, unreadable: [`odd-${segment.status}`] } : found;
    });

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSandboxes(pool.inventory, {}, 2, cursor);
      seen.push(...page.unreadable);
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect([...new Set(seen)].sort()).toEqual(LISTED_STATUSES.map((status) => `odd-${status}`).sort());
  });

  it.each([1, 2, 7, 50, 500])('shows every row but tombstones exactly once, %i a page', async (limit) => {
    const rows = mixedRows(30);
    pool.seed(...rows);

    const found = await walk({}, limit);

    expect(idsOf(found)).toEqual(idsOf(rows.filter(({ status }) => status !== 'deleted')));
    expect(found[0]).toEqual(rows.find(({ sandboxId }) => sandboxId === found[0]?.sandboxId));
  });

  it.each(LISTED_STATUSES)('shows every row that is %s, and no other', async (status) => {
    const rows = mixedRows(30);
    pool.seed(...rows);

    expect(idsOf(await walk({ status }, 7))).toEqual(idsOf(rows.filter((row) => row.status === status)));
  });

  it('fills its pages, across shards and statuses', async () => {
    pool.seed(...mixedRows(30));
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSandboxes(pool.inventory, {}, 40, cursor);
      sizes.push(page.sandboxes.length);
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect(sizes.slice(0, 3)).toEqual([40, 40, 40]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(180);
  });

  it('walks to the end of 10,000 rows', async () => {
    const rows = availableSandboxes(10_000);
    pool.seed(...rows);

    expect(idsOf(await walk({}, 500))).toEqual(idsOf(rows));
  });

  describe('by caller', () => {
    const held = (
      sandboxId: string,
      allocatedAt: number,
      caller = 'student-1',
    ): typeof SAMPLE_ALLOCATION => ({
      ...SAMPLE_ALLOCATION,
      caller,
      allocatedAt,
      idempotencyKey: sandboxId,
    });

    beforeEach(() => {
      pool.seed(
        pendingDeletionSandbox({ sandboxId: 'a', allocation: held('a', 100) }),
        allocatedSandbox({ sandboxId: 'b', allocation: held('b', 200) }),
        pendingDeletionSandbox({ sandboxId: 'c', allocation: held('c', 300) }),
        allocatedSandbox({ sandboxId: 'd', allocation: held('d', 400) }),
        allocatedSandbox({ sandboxId: 'e', allocation: held('e', 150, 'student-2') }),
        ...availableSandboxes(20),
      );
    });

    it.each([1, 2, 50])('shows what the caller holds or held, oldest first, %i a page', async (limit) => {
      const found = await walk({ caller: 'student-1' }, limit);
      expect(found.map(({ sandboxId }) => sandboxId)).toEqual(['a', 'b', 'c', 'd']);
    });

    it.each([1, 2, 50])('shows only one status of it, %i a page', async (limit) => {
      const found = await walk({ caller: 'student-1', status: 'allocated' }, limit);
      expect(found.map(({ sandboxId }) => sandboxId)).toEqual(['b', 'd']);
    });

    it('shows nothing of a caller that nobody knows', async () => {
      expect(await walk({ caller: 'student' }, 10)).toEqual([]);
    });
  });
});

describe('listSandboxes, while rows come and go', () => {
  it.each([1, 3, 10])('still shows every row that was there all the time, %i a page', async (limit) => {
    const stay = availableSandboxes(60);
    const go = availableSandboxes(60, { firstId: 4_000_000 });
    pool.seed(...stay, ...go);
    const leaving = [...go];
    const coming = availableSandboxes(60, { firstId: 8_000_000 });

    const found = await walk({}, limit, () => {
      const gone = leaving.pop();
      if (gone) pool.rows.rows.erase(gone.sandboxId);
      const come = coming.pop();
      if (come) pool.seed(come);
    });

    const ids = idsOf(found);
    expect(ids).toEqual(expect.arrayContaining(idsOf(stay)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('goes on behind the row that the last page ended with, even if it is gone', async () => {
    const rows = mixedRows(5);
    pool.seed(...rows);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listSandboxes(pool.inventory, {}, 1, cursor);
      for (const { sandboxId } of page.sandboxes) {
        seen.push(sandboxId);
        pool.rows.rows.erase(sandboxId);
      }
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect(seen.sort()).toEqual(idsOf(rows.filter(({ status }) => status !== 'deleted')));
  });
});

it.each([-1, 1_795_439_003.5])('goes on behind a row at %d of its order', async (queuePosition) => {
  const [odd, ...others] = idsOfShard(0, 3).map((sandboxId) => availableSandbox({ sandboxId }));
  if (odd) pool.seed({ ...odd, queuePosition }, ...others);

  expect(idsOf(await walk({ status: 'available' }, 1))).toEqual(idsOfShard(0, 3).sort());
});

describe('listSandboxes, given a bad cursor', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** The cursor after one row, as text and taken apart. */
  async function realCursor(filter: SandboxFilter = {}): Promise<{ text: string; parts: unknown[] }> {
    pool.seed(...mixedRows(20));
    const { cursor: text = '' } = await listSandboxes(pool.inventory, filter, 1, undefined);
    return { text, parts: JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[] };
  }

  async function expectRefused(cursor: string, filter: SandboxFilter = {}): Promise<void> {
    const listing = listSandboxes(pool.inventory, filter, 10, cursor);
    await expect(listing).rejects.toThrow(ValidationError);
    await expect(listing).rejects.toMatchObject({ status: 400, details: { parameter: 'cursor' } });
  }

  it.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['null', encode(null)],
    ['an object', encode({ segment: 0 })],
    ['a list too short', encode(['x', 0])],
    ['of an unknown filter', encode(['xxxxxxxx', 0, null])],
  ])('refuses one that is %s', async (_what, cursor) => {
    await expectRefused(cursor);
  });

  it.each<[string, (parts: unknown[]) => unknown[]]>([
    ['a segment below the first', ([filter, , row]) => [filter, -1, row]],
    ['a segment behind the last', ([filter, , row]) => [filter, 48, row]],
    ['half a segment', ([filter, , row]) => [filter, 0.5, row]],
    ['a segment in words', ([filter, , row]) => [filter, '0', row]],
    ['a row without an id', ([filter, segment]) => [filter, segment, ['', 1]]],
    ['a row with a huge id', ([filter, segment]) => [filter, segment, ['x'.repeat(257), 1]]],
    ['a row beyond all numbers', ([filter, segment]) => [filter, segment, ['x', 1e126]]],
    ['a row at no number', ([filter, segment]) => [filter, segment, ['x', 1, '1e5']]],
    ['a row at too many digits', ([filter, segment]) => [filter, segment, ['x', 1, '1'.repeat(39)]]],
    ['a row at no place', ([filter, segment]) => [filter, segment, ['x', null]]],
    ['something more', (parts) => [...parts, 1]],
  ])('refuses one with %s', async (_what, change) => {
    const { parts } = await realCursor();
    await expectRefused(encode(change(parts)));
  });

  it('takes the untouched one', async () => {
    const { text, parts } = await realCursor();
    expect(encode(parts)).toBe(text);
    expect((await listSandboxes(pool.inventory, {}, 10, text)).sandboxes).toHaveLength(10);
  });

  it.each<[SandboxFilter, SandboxFilter]>([
    [{}, { status: 'available' }],
    [{ status: 'available' }, {}],
    [{ status: 'available' }, { status: 'stale' }],
    [{ status: 'allocated' }, { status: 'allocated', caller: 'student-1' }],
    [{ caller: 'student-1' }, { caller: 'student-2' }],
  ])('refuses one of the filter %j for %j', async (made, used) => {
    const { text } = await realCursor(made);
    expect(text).not.toBe('');
    await expectRefused(text, used);
  });

  it('refuses a segment that only a longer listing has', async () => {
    const { parts } = await realCursor({ status: 'available' });
    const [filter] = parts;
    await expectRefused(encode([filter, 8, null]), { status: 'available' });
  });

  // DynamoDB takes no number beyond 1e126, and the admin would be told of a fault of ours.
  it('refuses one with a place that DynamoDB could not hold', async () => {
    const { parts } = await realCursor();
    const [filter, segment] = parts;
    await expectRefused(encode([filter, segment, ['x', 1e200]]));
  });
});

describe('listing by the beginning of the name', () => {
  const named = (): Sandbox[] =>
    mixedRows(6).map((row, index) => ({ ...row, name: `${index % 2 === 0 ? 'lab' : 'Lab'}-${index}` }));

  it.each([1, 3, 500])('finds every such row of every status once, %i a page', async (limit) => {
    const rows = named();
    pool.seed(...rows);

    expect(idsOf(await walk({ namePrefix: 'lab-' }, limit))).toEqual(
      idsOf(rows.filter(({ name, status }) => name.startsWith('lab-') && status !== 'deleted')),
    );
  });

  it('goes together with a status and with a caller', async () => {
    const rows = named();
    pool.seed(...rows);

    const ofStatus = await walk({ namePrefix: 'lab-', status: 'stale' }, 2);
    const ofCaller = await walk({ namePrefix: 'lab-', caller: SAMPLE_ALLOCATION.caller }, 2);

    expect(ofStatus).toHaveLength(3);
    expect(ofStatus.every(({ status, name }) => status === 'stale' && name.startsWith('lab-'))).toBe(true);
    expect(ofCaller.length).toBeGreaterThan(0);
    expect(ofCaller.every(({ name }) => name.startsWith('lab-'))).toBe(true);
  });

  it('refuses a cursor whose place was made up', async () => {
    pool.seed(...named());
    const filter = { namePrefix: 'lab-', status: 'stale' } as const;
    const { cursor = '' } = await listSandboxes(pool.inventory, filter, 1, undefined);
    const [fingerprint, segment] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    for (const order of ['other', 7]) {
      const madeUp = Buffer.from(JSON.stringify([fingerprint, segment, ['1', order]])).toString('base64url');

      await expect(listSandboxes(pool.inventory, filter, 1, madeUp)).rejects.toThrow(ValidationError);
    }
  });
});
