import type { Sandbox } from '../../app/allocation/sandbox';
import { CspResponseInvalidError } from '../../app/csp/csp-client';
import { bury } from '../../app/allocation/transitions';
import { SyncJob } from '../../app/jobs/sync-job';
import {
  availableSandbox,
  availableSandboxes,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const NOTHING = {
  listed: 0,
  added: 0,
  updated: 0,
  restocked: 0,
  missed: 0,
  stale: 0,
  conflicting: 0,
  unusable: 0,
  refused: 0,
  listed_after_deletion: 0,
};

let pool: JobPool;
let sync: SyncJob;

beforeEach(() => {
  pool = new JobPool();
  sync = new SyncJob(pool.tools);
});

/** That many rows which the portal lists too, so that the list is believed. */
function fill(count: number): void {
  pool.seedBoth(...availableSandboxes(count));
}

describe('SyncJob, on a pool in line with the portal', () => {
  it('writes nothing', async () => {
    fill(500);
    pool.seedBoth(
      ...Object.values(SAMPLE_OF_STATUS)
        .filter(({ status }) => status !== 'stale' && status !== 'deleted')
        .map((row) => ({ ...row, sandboxId: row.status, externalId: `identity/accounts/${row.status}` })),
    );

    const report = await pool.run(sync);

    expect(report).toEqual({
      outcome: 'success',
      counts: { ...NOTHING, listed: 505 },
    });
    expect(pool.writeCount).toBe(0);
  });

  it('writes nothing the second time after it wrote the first time', async () => {
    fill(20);
    pool.seed(
      staleSandbox({ sandboxId: 'back', externalId: 'a/back' }),
      availableSandbox({ sandboxId: 'renamed', externalId: 'a/renamed' }),
    );
    pool.csp.has([
      { sandboxId: 'back', externalId: 'a/back', name: 'back' },
      { sandboxId: 'renamed', externalId: 'a/renamed', name: 'new-name' },
      { sandboxId: 'new', externalId: 'a/new', name: 'new' },
    ]);
    expect((await pool.run(sync)).counts).toMatchObject({ added: 1, updated: 1, restocked: 1 });
    const written = pool.writeCount;

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, updated: 0, restocked: 0 });
    expect(pool.writeCount).toBe(written);
  });
});

describe('SyncJob', () => {
  it('adds what the table does not know, at the place that chance gives it', async () => {
    const job = new SyncJob({ ...pool.tools, random: () => 0.25 });
    pool.csp.has([
      { sandboxId: '1', externalId: 'identity/accounts/one', name: 'sbx-1', sfdcAccountId: 'sf' },
    ]);

    expect((await pool.run(job)).counts).toMatchObject({ listed: 1, added: 1 });

    expect(pool.row('1')).toEqual({
      status: 'available',
      sandboxId: '1',
      externalId: 'identity/accounts/one',
      name: 'sbx-1',
      sfdcAccountId: 'sf',
      queuePosition: 2 ** 30,
      createdAt: pool.now,
      updatedAt: pool.now,
      lastSynced: pool.now,
      missedSyncs: 0,
      version: 2 ** 30 + 1,
    });
  });

  it('spreads what it adds over the whole queue', async () => {
    const accounts = availableSandboxes(200);
    pool.csp.has(accounts);
    await pool.run(sync);

    const quarters = accounts.map(({ sandboxId }) => {
      const row = pool.row(sandboxId);
      return row?.status === 'available' ? Math.floor(row.queuePosition / 2 ** 30) : undefined;
    });
    expect(new Set(quarters)).toEqual(new Set([0, 1, 2, 3]));
  });

  it.each([
    ['name', { name: 'new-name' }],
    ['account in Salesforce', { sfdcAccountId: 'new' }],
    ['missing account in Salesforce', { sfdcAccountId: undefined }],
  ])('corrects another %s in an available row, and keeps its place', async (_what, change) => {
    const row = availableSandbox();
    pool.seed(row);
    pool.csp.has([{ ...row, ...change }]);

    expect((await pool.run(sync)).counts).toMatchObject({ updated: 1 });

    expect(pool.row(row.sandboxId)).toEqual({
      ...row,
      ...change,
      version: row.version + 1,
      updatedAt: pool.now,
      lastSynced: pool.now,
    });
  });

  it('restocks a stale row that the portal lists again, with what it says of it', async () => {
    const row = staleSandbox();
    pool.seed(row);
    pool.csp.has([{ ...row, name: 'new-name' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ restocked: 1, added: 0 });

    expect(pool.row(row.sandboxId)).toMatchObject({
      status: 'available',
      name: 'new-name',
      missedSyncs: 0,
      createdAt: row.createdAt,
      version: row.version + 1,
    });
  });

  it('leaves a stale row alone that is still not listed', async () => {
    fill(10);
    pool.seed(staleSandbox());

    await pool.run(sync);

    expect(pool.row(staleSandbox().sandboxId)).toEqual(staleSandbox());
    expect(pool.writeCount).toBe(0);
  });

  it('remembers that a row was missing, and marks it stale only the second time in a row', async () => {
    fill(10);
    const row = availableSandbox();
    pool.seed(row);

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 1, stale: 0 });
    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', missedSyncs: 1 });

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 0, stale: 1 });
    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'stale', staleSince: pool.now });

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 0, stale: 0 });
  });

  it('forgets that a row was missing when it is listed in between', async () => {
    fill(10);
    const row = availableSandbox();
    pool.seed(row);
    await pool.run(sync);
    pool.csp.has([row]);
    expect((await pool.run(sync)).counts).toMatchObject({ updated: 1 });
    pool.csp.accounts.delete(row.externalId);

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 1, stale: 0 });
    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', missedSyncs: 1 });
  });

  it('sees every one of 10,000 rows and 10,000 accounts', async () => {
    const rows = availableSandboxes(10_000);
    pool.seed(...rows);
    pool.csp.has(rows.slice(2_000));
    pool.csp.has(availableSandboxes(2_000, { firstId: 8_000_000 }));

    const report = await pool.run(sync);

    expect(report).toMatchObject({
      outcome: 'success',
      counts: { listed: 10_000, added: 2_000, missed: 2_000 },
    });
    expect(pool.statuses()).toEqual({ available: 12_000 });
    expect(await pool.run(sync)).toMatchObject({ counts: { added: 0, missed: 0, stale: 2_000 } });
  }, 30_000);
});

describe('SyncJob, when the list is not to be believed', () => {
  it('marks nothing when the list is empty, and says so', async () => {
    pool.seed(...availableSandboxes(3));

    const report = await pool.run(sync);

    expect(report.outcome).toBe('guarded');
    expect(report.error).toContain('3 are known');
    expect(pool.writeCount).toBe(0);
  });

  it('is content with an empty list for an empty table', async () => {
    expect((await pool.run(sync)).outcome).toBe('success');
  });

  it('is content with an empty list when only stale rows and tombstones are left', async () => {
    pool.seed(staleSandbox(), { ...SAMPLE_OF_STATUS.deleted, sandboxId: 'gone' });

    expect((await pool.run(sync)).outcome).toBe('success');
    expect(pool.writeCount).toBe(0);
  });

  it('marks nothing when less than half of what is known is listed, but adds and corrects', async () => {
    const rows = availableSandboxes(11);
    pool.seed(...rows);
    pool.csp.has([{ ...rows[0], name: 'new-name' } as Sandbox, ...rows.slice(1, 4)]);
    pool.csp.has([{ sandboxId: 'new', externalId: 'a/new', name: 'new' }]);

    const report = await pool.run(sync);

    expect(report).toMatchObject({
      outcome: 'guarded',
      counts: { listed: 5, added: 1, updated: 1, missed: 0, stale: 0 },
    });
    expect(pool.statuses()).toEqual({ available: 12 });
  });

  it('takes a list for what it is when it names only accounts that were buried', async () => {
    const buried = availableSandboxes(6).map((row) => ({
      ...row,
      sandboxId: `buried-${row.sandboxId}`,
      externalId: `${row.externalId}-buried`,
    }));
    for (const row of buried) pool.seed(bury(row, pool.now));
    pool.seed(...availableSandboxes(6));
    pool.csp.has(buried);

    const report = await pool.run(sync);

    expect(report).toMatchObject({ outcome: 'guarded', counts: { listed: 6, added: 0, missed: 0 } });
    expect(pool.statuses()).toEqual({ available: 6, deleted: 6 });
  });

  it('counts accounts that are new, so that a pool may be replaced by another', async () => {
    pool.seed(...availableSandboxes(6));
    pool.csp.has(availableSandboxes(6, { firstId: 8_000_000 }));

    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { added: 6, missed: 6 } });
  });

  it('marks what is missing when exactly half is listed', async () => {
    const rows = availableSandboxes(10);
    pool.seed(...rows);
    pool.csp.has(rows.slice(0, 5));

    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { missed: 5 } });
  });

  it('counts allocated rows and those about to be deleted among what is known', async () => {
    const { allocated, pending_deletion: pending, deletion_failed: failed } = SAMPLE_OF_STATUS;
    const known = [allocated, pending, failed].map((row) => ({
      ...row,
      sandboxId: row.status,
      externalId: `identity/accounts/${row.status}`,
    }));
    const [listed, missing] = availableSandboxes(2);
    pool.seed(...known, ...availableSandboxes(2));
    pool.csp.has(listed ? [listed] : []);
    pool.csp.has(known.slice(0, 1));

    // Two of five.
    expect((await pool.run(sync)).outcome).toBe('guarded');
    expect(pool.row(missing?.sandboxId ?? '')).toEqual(missing);

    pool.csp.has(known.slice(1));
    expect((await pool.run(sync)).counts).toMatchObject({ missed: 1 });
  });

  it('keeps what was missed before a guarded run', async () => {
    const rows = availableSandboxes(10);
    pool.seed(...rows);
    pool.csp.has(rows.slice(1));
    await pool.run(sync);
    pool.csp.accounts.clear();
    expect((await pool.run(sync)).outcome).toBe('guarded');

    pool.csp.has(rows.slice(1));
    expect((await pool.run(sync)).counts).toMatchObject({ stale: 1, missed: 0, updated: 0 });
  });
});

describe('SyncJob, when the portal gives no list', () => {
  beforeEach(() => {
    pool.seed(...availableSandboxes(3), staleSandbox());
  });

  it('is unavailable while the portal is down, and changes nothing', async () => {
    pool.csp.goDown();

    const report = await pool.run(sync);

    expect(report).toMatchObject({ outcome: 'unavailable', counts: {} });
    expect(report.error).toContain('503');
    expect(pool.writeCount).toBe(0);
  });

  it('is unavailable while the circuit is open, without a call', async () => {
    pool.csp.goDown();
    await pool.run(sync);
    await pool.run(sync);
    pool.csp.answer = () => {
      throw new Error('called');
    };

    expect((await pool.run(sync)).outcome).toBe('unavailable');
  });

  it.each([
    ['makes no sense', new CspResponseInvalidError('GET', 'it has no list of results')],
    ['refuses our token', 401],
    ['is no portal’s', 302],
  ])('fails when the answer %s, and changes nothing', async (_what, answer) => {
    pool.csp.answer = () => answer;

    await expect(pool.run(sync)).rejects.toThrow();
    expect(pool.writeCount).toBe(0);
  });
});
