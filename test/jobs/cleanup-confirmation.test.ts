import { AdminService } from '../../app/admin/admin-service';
import type { PendingDeletionSandbox, Sandbox } from '../../app/allocation/sandbox';
import type { CspAccount, PortalList } from '../../app/csp/csp-client';
import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { SyncJob } from '../../app/jobs/sync-job';
import { allocatedSandbox, availableSandboxes, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* The portal's list decides whether an account is gone, whatever the portal answered to the DELETE. */

const OPTIONS: CleanupOptions = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
const INTERVAL_MS = 300_000;

let pool: JobPool;
let cleanup: CleanupJob;

beforeEach(() => {
  pool = new JobPool();
  cleanup = new CleanupJob(pool.tools, OPTIONS);
});

function due(name: string, overrides: Partial<PendingDeletionSandbox> = {}): PendingDeletionSandbox {
  return pendingDeletionSandbox({
    sandboxId: name,
    name: `csp-${name}`,
    externalId: `identity/accounts/${name}`,
    deletionRetryCount: 0,
    ...overrides,
  });
}

/** That many due rows, in the portal too. */
function seedDue(count: number): PendingDeletionSandbox[] {
  const rows = Array.from({ length: count }, (_, index) => due(`due-${index}`));
  pool.seedBoth(...rows);
  return rows;
}

/** The portal answers this to the deletion of these accounts, and keeps them. */
function keep(status: number, isKept: (externalId: string) => boolean = () => true): void {
  pool.csp.answer = (call, externalId = '') => (call === 'delete' && isKept(externalId) ? status : undefined);
}

async function runAgain(): Promise<ReturnType<JobPool['run']>> {
  await pool.clock.advance(INTERVAL_MS);
  return pool.run(cleanup);
}

const statusOf = (sandboxId: string): Sandbox['status'] | undefined => pool.row(sandboxId)?.status;

describe('CleanupJob, when the portal answers and the account is still listed', () => {
  it.each([200, 202, 204, 299, 404, 410])('does not count a deletion answered with %i', async (status) => {
    const [row] = seedDue(1);
    keep(status);

    expect(await pool.run(cleanup)).toMatchObject({ counts: { deleted: 0, unconfirmed: 1 } });

    expect(pool.row(row?.sandboxId ?? '')).toMatchObject({
      status: 'deletion_unconfirmed',
      allocation: row?.allocation,
      deletionRequestedAt: row?.deletionRequestedAt,
      deletionRetryCount: 0,
      deletionSentAt: pool.now,
    });
  });

  it('never lets the account become available again, for whatever time it is listed', async () => {
    const rows = seedDue(1);
    keep(404);
    const sync = new SyncJob(pool.tools);
    const admin = new AdminService(pool.tools);
    const id = rows[0]?.sandboxId ?? '';
    for (let day = 0; day < 40; day += 1) {
      await pool.run(cleanup);
      await pool.run(sync);
      expect(['deletion_unconfirmed', 'deletion_failed']).toContain(statusOf(id));
      await pool.clock.advance(86_400_000);
    }
    await admin.bulkDelete('deletion_failed');
    await pool.run(sync);

    expect(pool.row(id)).toMatchObject({ status: 'deleted' });
    expect(pool.row(id)).not.toHaveProperty('forgetAt');
  });

  it('asks again in each later run, and confirms when the account has gone at last', async () => {
    const [row] = seedDue(3);
    keep(202);
    await pool.run(cleanup);
    await runAgain();
    expect(pool.csp.calls.delete).toBe(6);

    pool.csp.accounts.clear();
    expect(await runAgain()).toMatchObject({ outcome: 'success', counts: { deleted: 3, unconfirmed: 0 } });
    expect(statusOf(row?.sandboxId ?? '')).toBe('deleted');
    expect(pool.csp.calls.delete).toBe(6);
  });

  it('lets the list decide when the portal answers 409 to a DELETE that it has accepted before', async () => {
    seedDue(5);
    keep(202);
    await pool.run(cleanup);
    keep(409);

    expect((await runAgain()).counts).toMatchObject({ unconfirmed: 5, failed: 0, postponed: 0 });
    expect(pool.csp.calls.delete).toBe(10);

    pool.csp.accounts.clear();
    expect(await runAgain()).toMatchObject({ outcome: 'success', counts: { deleted: 5, unconfirmed: 0 } });
  });

  it('takes 409 to a first DELETE for a refusal', async () => {
    seedDue(5);
    keep(409);

    expect(await pool.run(cleanup)).toMatchObject({
      outcome: 'unavailable',
      counts: { unconfirmed: 0, failed: 0, postponed: 5 },
    });
  });

  it('confirms those that are gone, and only those', async () => {
    seedDue(10);
    keep(204, (externalId) => /[13579]$/.test(externalId));

    expect(await pool.run(cleanup)).toMatchObject({
      outcome: 'success',
      counts: { deleted: 5, unconfirmed: 5, failed: 0 },
    });
    expect(statusOf('due-2')).toBe('deleted');
    expect(statusOf('due-3')).toBe('deletion_unconfirmed');
  });

  it.each([
    ['by its csp_id alone', (account: CspAccount) => ({ ...account, externalId: 'identity/accounts/other' })],
    ['by its account alone', (account: CspAccount) => ({ ...account, sandboxId: 'other' })],
    [
      'under another path',
      ({ externalId, ...rest }: CspAccount) => ({ ...rest, externalId: `v2/${externalId}` }),
    ],
  ])('takes an account that is listed %s for one that lives', async (_what, change) => {
    seedDue(1);
    const [account] = [...pool.csp.accounts.values()];
    pool.csp.list = (accounts) => ({
      accounts: [...accounts, ...(account ? [change(account)] : [])],
      unusable: [],
    });

    expect(await pool.run(cleanup)).toMatchObject({ counts: { deleted: 0, unconfirmed: 1 } });
  });

  it.each([
    ['an id that can be read', { externalId: 'identity/accounts/due-0' }],
    ['a csp_id that can be read', { sandboxId: 'due-0' }],
  ])('takes an entry that cannot be used, with %s, for an account that lives', async (_what, ids) => {
    seedDue(1);
    pool.csp.list = (accounts) => ({ accounts, unusable: [{ index: 0, reasons: 'name: too long', ...ids }] });

    expect(await pool.run(cleanup)).toMatchObject({ counts: { deleted: 0, unconfirmed: 1 } });
  });

  it.each([
    ['suspended', 0],
    ['deleting', 0],
    ['closed', 1],
    ['deleted', 1],
    ['Deleted ', 1],
    ['CLOSED', 1],
    ['terminated', 1],
  ])('counts an account in state %s as deleted %i times', async (state, deleted) => {
    seedDue(1);
    pool.csp.list = (accounts) => ({ accounts, unusable: [], others: [{ state, sandboxId: 'due-0' }] });

    expect((await pool.run(cleanup)).counts).toMatchObject({ deleted, unconfirmed: 1 - deleted });
  });
});

describe('CleanupJob, with a list that proves nothing', () => {
  const lists: [string, (accounts: CspAccount[]) => PortalList][] = [
    ['is empty', () => ({ accounts: [], unusable: [] })],
    ['is empty, other accounts included', () => ({ accounts: [], unusable: [], others: [] })],
    [
      'has every second account',
      (accounts) => ({ accounts: accounts.filter((_, index) => index % 2), unusable: [] }),
    ],
    [
      'has four of five',
      (accounts) => ({ accounts: accounts.filter((_, index) => index % 5), unusable: [] }),
    ],
    [
      'says that it is only a part',
      (accounts) => ({ accounts, unusable: [], incomplete: '"has_more" is true' }),
    ],
    [
      'has many entries without any id',
      (accounts) => ({
        accounts,
        unusable: accounts.map((_, index) => ({ index, reasons: 'entry: Invalid input' })),
      }),
    ],
  ];

  it.each(lists)('confirms nothing when the list after the deletions %s', async (_what, list) => {
    pool.seedBoth(...availableSandboxes(20));
    seedDue(4);
    pool.csp.before = (call) => {
      if (call === 'delete') pool.csp.list = list;
    };

    const report = await pool.run(cleanup);

    expect(report).toMatchObject({ outcome: 'guarded', counts: { deleted: 0, unconfirmed: 4, failed: 0 } });
    expect(report.error).toContain('Nothing was confirmed');
    pool.csp.list = (accounts) => ({ accounts, unusable: [] });
    expect(await runAgain()).toMatchObject({ outcome: 'success', counts: { deleted: 4, unconfirmed: 0 } });
  });

  it('compares the list with what students hold, too', async () => {
    const held = Array.from({ length: 5 }, (_, index) =>
      allocatedSandbox({ sandboxId: `held-${index}`, externalId: `identity/accounts/held-${index}` }),
    );
    pool.seedBoth(...held);
    seedDue(1);
    pool.csp.list = () => ({ accounts: [], unusable: [] });

    expect(await pool.run(cleanup)).toMatchObject({ outcome: 'guarded', counts: { deleted: 0 } });
  });

  it('confirms nothing when the portal does not even tell of accounts of its own', async () => {
    seedDue(2);
    pool.csp.list = () => ({ accounts: [], unusable: [], others: [] });

    expect(await pool.run(cleanup)).toMatchObject({
      outcome: 'guarded',
      counts: { deleted: 0, unconfirmed: 2 },
    });
  });

  it('does not use the list that was requested before the deletion was answered', async () => {
    seedDue(1);
    let isListedAfterwards = false;
    keep(404);
    pool.csp.list = (accounts) => {
      const list = {
        accounts: isListedAfterwards ? accounts : [],
        unusable: [],
        others: [{ state: 'active' }],
      };
      isListedAfterwards = true;
      return list;
    };

    expect(await pool.run(cleanup)).toMatchObject({ counts: { deleted: 0, unconfirmed: 1 } });
  });

  it('leaves unconfirmed what it has requested when the portal does not list any more', async () => {
    seedDue(2);
    pool.csp.answer = (call) => (call === 'list' && pool.csp.deleted.length > 0 ? 503 : undefined);

    expect(await pool.run(cleanup)).toMatchObject({
      outcome: 'unavailable',
      counts: { deleted: 0, unconfirmed: 2, failed: 0, postponed: 0 },
    });
    pool.csp.recover();
    await pool.clock.advance(INTERVAL_MS);
    expect(await runAgain()).toMatchObject({ outcome: 'success', counts: { deleted: 2 } });
    expect(pool.csp.deleteAttempts).toHaveLength(2);
  });
});
