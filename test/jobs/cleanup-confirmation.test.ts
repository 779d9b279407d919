import { AdminService } from '../../app/admin/admin-service';
import type { PendingDeletionSandbox, Sandbox } from '../../app/allocation/sandbox';
import type { CspAccount, PortalList } from '../../app/csp/csp-client';
import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { SyncJob } from '../../app/jobs/sync-job';
import type { Logger } from '../../app/logger';
import { CorruptItemError } from '../../app/store/items';
import { RowRefusedError } from '../../app/store/sandbox-store';
import { recordingLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandboxes,
  deletionUnconfirmedSandbox,
  pendingDeletionSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* The portal's list decides whether an account is gone, whatever the portal answered to the DELETE. */

const OPTIONS: CleanupOptions = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
const INTERVAL_MS = 300_000;
const MINUTE_SECONDS = 60;

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

/** A logger, and the lines that it was given. */
function recording(): { logger: Logger; lines: Record<string, unknown>[] } {
  const { logger, lines } = recordingLogger();
  return { logger, lines: lines as unknown as Record<string, unknown>[] };
}

const statusOf = (sandboxId: string): Sandbox['status'] | undefined => pool.row(sandboxId)?.status;

describe('CleanupJob, when the portal answers and the account is still listed', () => {
  it.each([200, 202, 204, 299, 404])('does not count a deletion answered with %i', async (status) => {
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

describe('CleanupJob, on whom it charges for an account that stays listed', () => {
  it('charges it in a later run when other deletions are confirmed in that run', async () => {
    seedDue(1);
    keep(404, (externalId) => externalId.endsWith('due-0'));
    await pool.run(cleanup);
    expect(pool.row('due-0')).toMatchObject({ status: 'deletion_unconfirmed', deletionRetryCount: 0 });

    pool.seedBoth(due('other'));
    expect((await runAgain()).counts).toMatchObject({ deleted: 1, unconfirmed: 1, failed: 1 });
    expect(pool.row('due-0')).toMatchObject({
      status: 'deletion_unconfirmed',
      deletionRetryCount: 1,
      nextAttemptAt: pool.now + 5 * MINUTE_SECONDS,
    });
  });

  it('gives it up after its attempts, once, and says so', async () => {
    seedDue(1);
    keep(404);
    const { logger, lines } = recording();
    for (let run = 0; run < 30; run += 1) {
      await pool.run(cleanup, { logger });
      await pool.clock.advance(INTERVAL_MS);
    }

    expect(pool.row('due-0')).toMatchObject({ status: 'deletion_failed', deletionRetryCount: 3 });
    expect(await new AdminService(pool.tools).stats()).toMatchObject({ givenUp: 1 });
    expect(lines.filter(({ outcome }) => outcome === 'given_up')).toHaveLength(1);
  });

  it.each([3, 30])(
    'charges none of %i that all stay listed, and never says that all is well',
    async (count) => {
      seedDue(count);
      keep(404);
      await pool.run(cleanup);
      for (let run = 0; run < 20; run += 1) {
        expect(await runAgain()).toMatchObject({
          outcome: 'unavailable',
          counts: { deleted: 0, unconfirmed: count, failed: 0 },
        });
      }
      expect(pool.statuses()).toEqual({ deletion_unconfirmed: count });
      pool.csp.accounts.clear();
      expect(await runAgain()).toMatchObject({ outcome: 'success', counts: { deleted: count } });
    },
  );

  it('charges an account whose deletion is refused with 403 alone, and deletes all others', async () => {
    seedDue(20);
    keep(403, (externalId) => externalId.endsWith('due-7'));

    expect(await pool.run(cleanup)).toMatchObject({
      outcome: 'success',
      counts: { deleted: 19, unconfirmed: 0, failed: 1, postponed: 0 },
    });
    expect(pool.row('due-7')).toMatchObject({ status: 'deletion_failed', deletionRetryCount: 1 });
  });

  it('does not take "not found" for proof that the portal deletes others', async () => {
    seedDue(10);
    pool.csp.answer = (call, externalId = '') => {
      if (call === 'list') return undefined;
      return externalId.endsWith('due-3') ? 500 : 404;
    };
    for (let run = 0; run < 10; run += 1) await runAgain();

    expect(pool.row('due-3')).toMatchObject({ status: 'pending_deletion', deletionRetryCount: 0 });
  });
});

describe('CleanupJob, on single rows that are odd', () => {
  it('skips a row that the table refuses, and finishes all others', async () => {
    seedDue(5);
    pool.inventory.before = (operation, sandboxId) => {
      if (operation !== 'save' || sandboxId !== 'due-2') return;
      throw new RowRefusedError('save', { cause: new Error('Item size has exceeded the maximum') });
    };
    const { logger, lines } = recording();

    expect(await pool.run(cleanup, { logger })).toMatchObject({ counts: { deleted: 4, skipped: 1 } });
    expect(lines.some((line) => line.sandbox_id === 'due-2' && Number(line.level) >= 50)).toBe(true);
  });

  it('skips a row that cannot be read any more, and finishes all others', async () => {
    seedDue(5);
    pool.nextFault = (operation) => {
      if (operation !== 'getSandbox') return undefined;
      pool.nextFault = () => undefined;
      throw new CorruptItemError({ PK: { S: 'SBX#due' } }, 'no version');
    };

    expect(await pool.run(cleanup)).toMatchObject({ counts: { deleted: 4, skipped: 1 } });
  });

  it.each([-1, 1])('is not misled by times that are %i year off', async (years) => {
    const odd = pool.now + years * 365 * 86_400;
    const row = deletionUnconfirmedSandbox({
      sandboxId: 'odd',
      externalId: 'identity/accounts/odd',
      deletionSentAt: odd,
      nextAttemptAt: odd,
    });
    pool.seedBoth(row);

    expect((await pool.run(cleanup)).counts).toMatchObject({ deleted: 1, unconfirmed: 0 });
  });

  it('asks again for what an admin wants tried again, at once', async () => {
    pool.seedBoth(
      deletionUnconfirmedSandbox({ sandboxId: 'odd', nextAttemptAt: pool.now + 250, deletionRetryCount: 2 }),
    );
    keep(202);
    await pool.run(cleanup);
    expect(pool.csp.calls.delete).toBe(0);

    await new AdminService(pool.tools).retryDeletion('odd');
    await pool.run(cleanup);

    expect(pool.csp.calls.delete).toBe(1);
  });
});

describe('CleanupJob, on how long deletions have been unconfirmed', () => {
  it('logs their number and the age of the oldest one in each run that leaves any', async () => {
    const { logger, lines } = recording();
    seedDue(1);
    keep(404);
    await pool.run(cleanup);
    await pool.clock.advance(INTERVAL_MS);
    pool.seedBoth(due('later'));
    await pool.run(cleanup, { logger });

    expect(lines.find(({ outcome }) => outcome === 'unconfirmed')).toMatchObject({
      action: 'deletion',
      unconfirmed_count: 2,
      oldest_age_seconds: INTERVAL_MS / 1_000,
      sandbox_ids: ['due-0', 'later'],
    });
  });

  it('logs them when the portal is out of reach, too', async () => {
    const { logger, lines } = recording();
    pool.seedBoth(deletionUnconfirmedSandbox({ deletionSentAt: pool.now - 5_000 }));
    pool.csp.goDown();

    await pool.run(cleanup, { logger });

    expect(lines.find(({ outcome }) => outcome === 'unconfirmed')).toMatchObject({
      oldest_age_seconds: 5_000,
    });
  });

  it('says nothing when there is none', async () => {
    const { logger, lines } = recording();
    seedDue(3);

    await pool.run(cleanup, { logger });

    expect(lines.filter(({ outcome }) => outcome === 'unconfirmed')).toEqual([]);
  });
});
