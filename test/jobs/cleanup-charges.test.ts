import { AdminService } from '../../app/admin/admin-service';
import { isGivenUp, type PendingDeletionSandbox } from '../../app/allocation/sandbox';
import { CspAccountIdInvalidError } from '../../app/csp/csp-client';
import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { deletionFailedSandbox, idsOfShard, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* Which failures cost a sandbox one of its attempts: only those in which the portal refused it, and nobody else. */

const OPTIONS: CleanupOptions = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
const MINUTE_MS = 60_000;
const INTERVAL_MS = 5 * MINUTE_MS;

const NO_COUNTS = { deleted: 0, unconfirmed: 0, failed: 0, postponed: 0, skipped: 0 };

let pool: JobPool;
let cleanup: CleanupJob;

function begin(newPool = new JobPool()): void {
  pool = newPool;
  cleanup = new CleanupJob(pool.tools, OPTIONS);
}

beforeEach(() => {
  begin();
});

/** Due rows of one shard, so in this order, in the portal too. */
function seedDue(count: number, overrides: Partial<PendingDeletionSandbox> = {}): PendingDeletionSandbox[] {
  const rows = idsOfShard(0, count).map((sandboxId, index) =>
    pendingDeletionSandbox({
      sandboxId,
      externalId: `a/${index}`,
      deletionRetryCount: 0,
      nextAttemptAt: 1_000 + index,
      ...overrides,
    }),
  );
  pool.seedBoth(...rows);
  return rows;
}

/** Runs the job as often as it is due in that time. */
async function runFor(durationMs: number, intervalMs = INTERVAL_MS): Promise<string[]> {
  const outcomes: string[] = [];
  for (let passedMs = 0; passedMs < durationMs; passedMs += intervalMs) {
    outcomes.push((await pool.run(cleanup)).outcome);
    await pool.clock.advance(intervalMs);
  }
  return outcomes;
}

const retryCounts = (): number[] =>
  pool.rows
    .contents()
    .sandboxes.map((row) => ('deletionRetryCount' in row ? row.deletionRetryCount : 0))
    .filter((count) => count > 0);

describe('CleanupJob, while the portal fails for everybody', () => {
  it.each([1, 4, 30])('takes no attempt from any of %i sandboxes, however long it lasts', async (count) => {
    const rows = seedDue(count);
    pool.csp.goDown();

    expect(new Set(await runFor(6 * 60 * MINUTE_MS))).toEqual(new Set(['unavailable']));
    expect(pool.rows.contents().sandboxes).toEqual(rows);

    pool.csp.recover();
    expect(await pool.run(cleanup)).toMatchObject({ outcome: 'success', counts: { deleted: count } });
  });

  it('takes no attempt from those that had failed before', async () => {
    const row = deletionFailedSandbox({ deletionRetryCount: 2, nextAttemptAt: 1_000 });
    pool.seedBoth(row);
    pool.csp.goDown();
    await runFor(60 * MINUTE_MS);

    expect(pool.row(row.sandboxId)).toEqual(row);
  });

  it('asks for the list before it deletes anything, and deletes nothing without it', async () => {
    seedDue(3);
    pool.csp.answer = (call) => (call === 'list' ? 503 : undefined);

    expect((await pool.run(cleanup)).outcome).toBe('unavailable');
    expect(pool.csp.calls.delete).toBe(0);
  });

  it.each([401, 403])(
    'fails loudly when our token is refused with %i for the list, too, and charges nobody',
    async (status) => {
      const rows = seedDue(3);
      let isTokenGood = true;
      pool.csp.answer = (call) => {
        if (call === 'delete') isTokenGood = false;
        return isTokenGood ? undefined : status;
      };

      await expect(pool.run(cleanup)).rejects.toThrow('CSP_API_TOKEN');
      expect(pool.csp.calls.delete).toBe(1);
      expect(pool.rows.contents().sandboxes).toEqual(rows);
    },
  );

  it.each([400, 401, 403, 409, 422, 302])(
    'charges nobody while it answers %i to every deletion, and never says that all is well',
    async (status) => {
      const rows = seedDue(200);
      pool.csp.answer = (call) => (call === 'delete' ? status : undefined);

      expect(new Set(await runFor(21 * MINUTE_MS))).toEqual(new Set(['unavailable']));
      expect(pool.rows.contents().sandboxes).toEqual(rows);

      pool.csp.recover();
      expect(await pool.run(cleanup)).toMatchObject({ outcome: 'success', counts: { deleted: 200 } });
    },
  );

  it.each([401, 404, 302])('buries nothing when the list answers %i: is this the portal?', async (status) => {
    const rows = seedDue(3);
    pool.csp.answer = () => status;

    await expect(pool.run(cleanup)).rejects.toThrow();
    expect(pool.rows.contents().sandboxes).toEqual(rows);
  });

  it('ends when the circuit opens half-way, takes no attempt, and goes on the next time', async () => {
    seedDue(10);
    pool.csp.before = (call) => {
      if (call === 'delete' && pool.csp.deleted.length === 4) pool.csp.goDown();
    };

    const report = await pool.run(cleanup);

    expect(report).toMatchObject({
      outcome: 'unavailable',
      counts: { ...NO_COUNTS, unconfirmed: 4, postponed: 6 },
    });
    expect(report.error).toContain('loses no attempt');
    // Three attempts at the fifth; two at the list, which would have told whose fault it is, and the circuit is open.
    expect(pool.csp.deleteAttempts).toHaveLength(4 + 3);
    expect(pool.csp.circuitState).toBe('open');
    expect(retryCounts()).toEqual([]);

    pool.csp.before = () => undefined;
    pool.csp.recover();
    await pool.clock.advance(INTERVAL_MS);
    expect(await pool.run(cleanup)).toMatchObject({ outcome: 'success', counts: { deleted: 10 } });
  });

  it('charges nobody when the portal goes down at the very last sandbox', async () => {
    seedDue(2);
    pool.csp.before = (call) => {
      if (call === 'delete' && pool.csp.deleted.length === 1) pool.csp.goDown();
    };

    expect(await pool.run(cleanup)).toMatchObject({ outcome: 'unavailable', counts: { postponed: 1 } });
    expect(retryCounts()).toEqual([]);
  });
});

describe('CleanupJob, when the portal fails for one sandbox', () => {
  it('charges it when another one can be deleted after it', async () => {
    const [bad] = seedDue(3);
    pool.csp.failFor('a/0');

    expect((await pool.run(cleanup)).counts).toEqual({ ...NO_COUNTS, deleted: 2, failed: 1 });
    // Two requests, their confirmations, and the charge.
    expect(pool.inventory.writes.map(({ outcome }) => outcome)).toEqual(Array(5).fill('written'));
    expect(pool.row(bad?.sandboxId ?? '')).toMatchObject({
      status: 'deletion_failed',
      deletionRetryCount: 1,
    });
  });

  it('charges it when it comes last, and the portal still answers', async () => {
    seedDue(2);
    pool.csp.failFor('a/1');

    expect((await pool.run(cleanup)).counts).toEqual({ ...NO_COUNTS, deleted: 1, failed: 1 });
    expect(retryCounts()).toEqual([1]);
  });

  it('charges it once a run only', async () => {
    seedDue(3);
    pool.csp.failFor('a/1');
    const attempts = (): number => pool.csp.deleteAttempts.filter((id) => id === 'a/1').length;
    await pool.run(cleanup);
    const attemptsOfFirstRun = attempts();
    await pool.run(cleanup);

    expect(retryCounts()).toEqual([1]);
    expect(attemptsOfFirstRun).toBeGreaterThan(0);
    expect(attempts()).toBe(attemptsOfFirstRun);
  });

  it.each([400, 409, 422])('charges at once what the portal refuses with %i', async (status) => {
    seedDue(1);
    pool.csp.answer = (call) => (call === 'delete' ? status : undefined);

    expect(await pool.run(cleanup)).toMatchObject({ outcome: 'success', counts: { failed: 1 } });
    expect(retryCounts()).toEqual([1]);
  });

  it('charges one whose row names no account', async () => {
    seedDue(2);
    pool.csp.answer = (_call, id) => (id === 'a/0' ? new CspAccountIdInvalidError('') : undefined);

    expect((await pool.run(cleanup)).counts).toMatchObject({ deleted: 1, failed: 1 });
  });

  it('does not charge one whose row has moved on meanwhile', async () => {
    const [bad] = seedDue(1);
    pool.csp.failFor('a/0');
    const moved = { ...(bad ?? pendingDeletionSandbox()), version: 9 };
    pool.csp.before = (call) => {
      if (call === 'delete') pool.seed(moved);
    };

    expect((await pool.run(cleanup)).counts).toMatchObject({ failed: 0 });
    expect(pool.row(moved.sandboxId)).toEqual(moved);
  });

  it('tries it after 5 and 15 minutes more, gives it up, and never tries it again', async () => {
    const [bad] = seedDue(1);
    const id = bad?.sandboxId ?? '';
    pool.csp.failFor('a/0');
    const startMs = pool.clock.nowMs();
    const triedAtMinutes: number[] = [];
    pool.csp.before = (call) => {
      if (call === 'delete') triedAtMinutes.push((pool.clock.nowMs() - startMs) / MINUTE_MS);
    };

    await runFor(24 * 60 * MINUTE_MS, MINUTE_MS);

    expect(triedAtMinutes).toEqual([0, 5, 20]);
    const row = pool.row(id);
    expect(row?.status === 'deletion_failed' && isGivenUp(row)).toBe(true);
    expect(row).toMatchObject({ deletionRetryCount: 3 });
  });

  it('waits 5, 15 and 45 minutes when four attempts are allowed', async () => {
    cleanup = new CleanupJob(pool.tools, { ...OPTIONS, maxAttempts: 4 });
    seedDue(1);
    pool.csp.failFor('a/0');
    const startMs = pool.clock.nowMs();
    const triedAtMinutes: number[] = [];
    pool.csp.before = (call) => {
      if (call === 'delete') triedAtMinutes.push((pool.clock.nowMs() - startMs) / MINUTE_MS);
    };

    await runFor(24 * 60 * MINUTE_MS, MINUTE_MS);

    expect(triedAtMinutes).toEqual([0, 5, 20, 65]);
  });

  it('deletes a given-up one with all its attempts anew once an admin has asked for it', async () => {
    const [bad] = seedDue(1);
    const id = bad?.sandboxId ?? '';
    const admin = new AdminService(pool.tools);
    pool.csp.failFor('a/0');
    await runFor(60 * MINUTE_MS);
    expect(await admin.stats()).toMatchObject({ givenUp: 1, byStatus: { deletion_failed: 1 } });

    await admin.retryDeletion(id);
    expect(await admin.stats()).toMatchObject({ givenUp: 0, byStatus: { pending_deletion: 1 } });
    await pool.run(cleanup);
    expect(pool.row(id)).toMatchObject({ status: 'deletion_failed', deletionRetryCount: 1 });

    pool.csp.recover();
    await runFor(10 * MINUTE_MS);
    expect(pool.row(id)?.status).toBe('deleted');
  });

  // Each makes three attempts, the circuit opens at five: two neighbours open it, whatever the portal does for others.
  it('deletes all others, and gives up its own, when it fails for several in a row', async () => {
    seedDue(10);
    pool.csp.failFor('a/0', 'a/1');

    await runFor(6 * 60 * MINUTE_MS);

    expect(pool.statuses()).toEqual({ deleted: 8, deletion_failed: 2 });
    expect(await pool.inventory.countGivenUp()).toBe(2);
  });
});

describe('CleanupJob, in a burst of failures', () => {
  it.each([
    ['every other attempt', (attempt: number) => attempt % 2 === 0],
    ['two of three attempts', (attempt: number) => attempt % 3 !== 0],
    ['all attempts', () => true],
  ])('deletes all and gives up none after 56 failures in 16 minutes, of %s', async (_what, isHit) => {
    seedDue(60);
    const startMs = pool.clock.nowMs();
    let failures = 0;
    let attempts = 0;
    pool.csp.answer = () => {
      attempts += 1;
      const isBurst = failures < 56 && pool.clock.nowMs() - startMs < 16 * MINUTE_MS;
      if (!isBurst || !isHit(attempts)) return undefined;
      failures += 1;
      return 500;
    };

    await runFor(120 * MINUTE_MS);

    // An open circuit spares most of the calls that would have failed.
    expect(failures).toBeGreaterThan(6);
    expect(pool.statuses()).toEqual({ deleted: 60 });
    expect([...pool.csp.deleted].sort()).toEqual([...new Set(pool.csp.deleted)].sort());
  });
});
