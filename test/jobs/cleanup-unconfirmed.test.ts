import { AdminService } from '../../app/admin/admin-service';
import type { PendingDeletionSandbox } from '../../app/allocation/sandbox';
import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { CorruptItemError } from '../../app/store/items';
import { RowRefusedError } from '../../app/store/sandbox-store';
import { recordingLogger } from '../fakes/loggers';
import { deletionUnconfirmedSandbox, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* What becomes of deletions that stay unconfirmed: who is charged, what is logged, and what odd rows cost. */

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
    const { logger, lines } = recordingLogger();
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
    const { logger, lines } = recordingLogger();

    expect(await pool.run(cleanup, { logger })).toMatchObject({ counts: { deleted: 4, skipped: 1 } });
    expect(lines.some((line) => line.sandbox_id === 'due-2' && line.level >= 50)).toBe(true);
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
    const { logger, lines } = recordingLogger();
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
    const { logger, lines } = recordingLogger();
    pool.seedBoth(deletionUnconfirmedSandbox({ deletionSentAt: pool.now - 5_000 }));
    pool.csp.goDown();

    await pool.run(cleanup, { logger });

    expect(lines.find(({ outcome }) => outcome === 'unconfirmed')).toMatchObject({
      oldest_age_seconds: 5_000,
    });
  });

  it('says nothing when there is none', async () => {
    const { logger, lines } = recordingLogger();
    seedDue(3);

    await pool.run(cleanup, { logger });

    expect(lines.filter(({ outcome }) => outcome === 'unconfirmed')).toEqual([]);
  });
});
