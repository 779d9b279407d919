import type { UnusableEntry } from '../../app/csp/csp-client';
import { SyncJob } from '../../app/jobs/sync-job';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { allocatedSandbox, availableSandboxes } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

let pool: JobPool;
let sync: SyncJob;

beforeEach(() => {
  pool = new JobPool();
  sync = new SyncJob(pool.tools);
});

/** The portal's list with these rows' entries unusable; `ids` says what can be read of each. */
function spoil(
  rows: readonly AvailableSandbox[],
  ids: (row: AvailableSandbox) => Partial<UnusableEntry>,
): void {
  const spoilt = new Set(rows.map(({ externalId }) => externalId));
  pool.csp.list = (accounts) => ({
    accounts: accounts.filter(({ externalId }) => !spoilt.has(externalId)),
    unusable: rows.map((row, index) => ({ index, reasons: 'name: Invalid input', ...ids(row) })),
  });
}

/** Rows of students, all listed. */
function allocated(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const sandboxId = `held-${index}`;
    const allocation = { ...allocatedSandbox().allocation, caller: sandboxId };
    pool.seedBoth(allocatedSandbox({ sandboxId, externalId: `identity/accounts/held-${index}`, allocation }));
  }
}

describe('SyncJob, on entries that cannot be used', () => {
  it.each([
    ['both ids', (row: AvailableSandbox) => ({ sandboxId: row.sandboxId, externalId: row.externalId })],
    ['the id', (row: AvailableSandbox) => ({ externalId: row.externalId })],
    ['the id at another path', (row: AvailableSandbox) => ({ externalId: `x/${row.externalId}` })],
    ['the csp_id', (row: AvailableSandbox) => ({ sandboxId: row.sandboxId })],
  ])(
    'takes an account for present of which %s can be read, and goes on with the others',
    async (_what, ids) => {
      const rows = availableSandboxes(20);
      pool.seedBoth(...rows);
      pool.csp.accounts.delete(rows[19]?.externalId ?? '');
      spoil(rows.slice(0, 3), ids);

      expect(await pool.run(sync)).toMatchObject({
        outcome: 'success',
        counts: { unusable: 3, missed: 1, added: 0, updated: 0 },
      });
      expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { stale: 1 } });

      expect(rows.slice(0, 3).map(({ sandboxId }) => pool.row(sandboxId))).toEqual(rows.slice(0, 3));
    },
  );

  it('forgets that a row was missing when an entry shows that it is there', async () => {
    const rows = availableSandboxes(10);
    pool.seedBoth(...rows);
    const [row] = rows as [AvailableSandbox];
    pool.csp.accounts.delete(row.externalId);
    await pool.run(sync);
    spoil([row], ({ externalId }) => ({ externalId }));

    await pool.run(sync);

    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', missedSyncs: 0 });
  });

  it('does not take the csp_id of another account for a sign of life', async () => {
    const rows = availableSandboxes(10);
    pool.seedBoth(...rows);
    spoil(rows.slice(0, 1), ({ sandboxId }) => ({ sandboxId, externalId: 'identity/accounts/another' }));

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 1 });
  });

  it('adds nothing that cannot be used', async () => {
    pool.seedBoth(...availableSandboxes(10));
    const news = availableSandboxes(1, { firstId: 8_000_000 });
    pool.csp.has(news);
    spoil(news, ({ sandboxId, externalId }) => ({ sandboxId, externalId }));

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, unusable: 1 });
  });

  it.each([
    ['without a readable id', () => ({})],
    ['with readable ids', ({ externalId }: AvailableSandbox) => ({ externalId })],
  ])('marks nothing when 20 of 50 are such, %s, and says so', async (_what, ids) => {
    const rows = availableSandboxes(50);
    pool.seedBoth(...rows);
    pool.csp.accounts.delete(rows[49]?.externalId ?? '');
    spoil(rows.slice(0, 20), ids);

    for (let time = 1; time <= 2; time += 1) {
      const report = await pool.run(sync);
      expect(report).toMatchObject({ outcome: 'guarded', counts: { unusable: 20, missed: 0, stale: 0 } });
      expect(report.error).toContain('20 of the 49 entries');
    }
    expect(pool.statuses()).toEqual({ available: 50 });
  });

  it('marks nothing while more than a few have no readable id: any of them may be the one that is missing', async () => {
    const rows = availableSandboxes(50);
    pool.seedBoth(...rows);
    spoil(rows.slice(0, 4), () => ({}));

    expect(await pool.run(sync)).toMatchObject({ outcome: 'guarded', counts: { missed: 0 } });
  });

  it('goes on when one has no readable id', async () => {
    pool.seedBoth(...availableSandboxes(20));
    pool.csp.list = (accounts) => ({ accounts, unusable: [{ index: 1, reasons: 'entry: Invalid input' }] });

    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { unusable: 1 } });
  });
});

describe('SyncJob, on a list that is cut', () => {
  it.each([
    [5, 20],
    [3, 4],
    [100, 400],
  ])(
    'marks nothing when all %i available ones are missing and %i allocated ones listed',
    async (count, held) => {
      allocated(held);
      pool.seed(...availableSandboxes(count));

      const report = await pool.run(sync);

      expect(report).toMatchObject({ outcome: 'guarded', counts: { missed: 0 } });
      expect(report.error).toContain(`${count} available`);
    },
  );

  it.each([1, 2])('marks all of a tiny pool of %i when everything else is listed', async (count) => {
    allocated(10);
    pool.seed(...availableSandboxes(count));

    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { missed: count } });
    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { stale: count } });
  });

  it('marks nothing by a list that says that it is only a part, and takes in what it shows', async () => {
    const rows = availableSandboxes(20);
    pool.seed(...rows);
    pool.csp.has([...rows.slice(1), ...availableSandboxes(1, { firstId: 8_000_000 })]);
    pool.csp.list = (accounts) => ({ accounts, unusable: [], incomplete: '"next" names a next page' });

    const report = await pool.run(sync);

    expect(report).toMatchObject({ outcome: 'guarded', counts: { added: 1, missed: 0 } });
    expect(report.error).toContain('"next" names a next page');
  });

  it('counts new accounts, so that the available part may be replaced', async () => {
    allocated(10);
    pool.seed(...availableSandboxes(10));
    pool.csp.has(availableSandboxes(10, { firstId: 8_000_000 }));

    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { added: 10, missed: 10 } });
  });
});
