import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import { NEVER_SECONDS } from '../../app/allocation/sandbox';
import { recordingLogger } from '../fakes/loggers';
import { poolViolations } from '../fakes/pool-invariants';
import {
  allocatedSandbox,
  deletionFailedSandbox,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* What the jobs do about times that no setting and no right clock could have written. */

const LAB_SECONDS = 4 * 3_600;
const GRACE_SECONDS = 1_800;
const DAY = 86_400;
const YEAR = 365 * DAY;

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

describe('An allocation whose times cannot be right', () => {
  const expiry = (): AutoExpiryJob => new AutoExpiryJob(pool.tools, GRACE_SECONDS, LAB_SECONDS);

  it.each<[string, (now: number) => [number, number]]>([
    ['ends in a year', (now) => [now - 60, now + YEAR]],
    ['begins in a year', (now) => [now + YEAR, now + YEAR + LAB_SECONDS]],
    ['begins tomorrow', (now) => [now + DAY, now + DAY + LAB_SECONDS]],
    ['ended in 1970, before it began', (now) => [now - 60, 0]],
    ['ended at the moment at which it began', (now) => [now - YEAR, now - YEAR]],
  ])('and %s lasts for one lab from now, and is counted and named', async (_what, times) => {
    const [allocatedAt, expiresAt] = times(pool.now);
    const row = allocatedSandbox({ allocation: { ...SAMPLE_ALLOCATION, allocatedAt, expiresAt } });
    pool.seed(row);
    const { logger, lines } = recordingLogger();

    expect((await pool.run(expiry(), { logger })).counts).toEqual({ expired: 0, corrected: 1 });

    expect(pool.row(row.sandboxId)).toEqual({
      ...row,
      version: row.version + 1,
      updatedAt: pool.now,
      allocation: {
        ...row.allocation,
        allocatedAt: allocatedAt === pool.now - 60 ? allocatedAt : pool.now,
        expiresAt: pool.now + LAB_SECONDS,
      },
    });
    expect(lines).toMatchObject([
      { level: 50, sandbox_id: row.sandboxId, allocated_at: allocatedAt, expires_at: expiresAt },
    ]);
    expect(poolViolations(pool.rows.contents())).toEqual([]);
    expect((await pool.run(expiry())).counts).toEqual({ expired: 0, corrected: 0 });

    await pool.clock.advance((LAB_SECONDS + GRACE_SECONDS + 1) * 1_000);
    expect((await pool.run(expiry())).counts).toEqual({ expired: 1, corrected: 0 });
  });

  it.each<[string, (now: number) => [number, number]]>([
    ['of the longest lab that a setting allows', (now) => [now - 60, now - 60 + 30 * DAY]],
    ['of a process whose clock is two minutes ahead', (now) => [now + 120, now + 120 + LAB_SECONDS]],
  ])('is none that is %s', async (_what, times) => {
    const [allocatedAt, expiresAt] = times(pool.now);
    pool.seed(allocatedSandbox({ allocation: { ...SAMPLE_ALLOCATION, allocatedAt, expiresAt } }));

    expect((await pool.run(expiry())).counts).toEqual({ expired: 0, corrected: 0 });
    expect(pool.writeCount).toBe(0);
  });
});

describe('A time since which a sandbox is stale that cannot be right', () => {
  it.each([
    ['in a year', (now: number) => now + YEAR],
    ['in 1970', () => 0],
  ])('(%s) counts from now on', async (_what, time) => {
    const row = staleSandbox({ staleSince: time(pool.now) });
    pool.seed(row);
    const job = new AutoDeleteStaleJob(pool.tools, DAY);

    expect((await pool.run(job)).counts).toEqual({ deleted: 0, corrected: 1 });
    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'stale', staleSince: pool.now });

    await pool.clock.advance(DAY * 1_000);
    expect((await pool.run(job)).counts).toEqual({ deleted: 1, corrected: 0 });
  });
});

describe('A next attempt at a deletion that cannot be right', () => {
  const options = { batchSize: 100, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };

  it.each([
    ['pending, in a year', (now: number) => pendingDeletionSandbox({ nextAttemptAt: now + YEAR })],
    ['pending, in milliseconds', (now: number) => pendingDeletionSandbox({ nextAttemptAt: now * 1_000 })],
    ['pending, never', () => pendingDeletionSandbox({ nextAttemptAt: NEVER_SECONDS })],
    ['failed, in a year', (now: number) => deletionFailedSandbox({ nextAttemptAt: now + YEAR })],
    ['failed, in milliseconds', (now: number) => deletionFailedSandbox({ nextAttemptAt: now * 1_000 })],
  ])('(%s) is now', async (_what, rowAt) => {
    pool.seedBoth(rowAt(pool.now));

    await pool.run(new CleanupJob(pool.tools, options));

    expect(pool.csp.calls.delete).toBe(1);
  });

  it.each([
    ['was given up', () => NEVER_SECONDS],
    ['waits for as long as the schedule says', (now: number) => now + 900],
  ])('is none of one that %s', async (_what, time) => {
    pool.seedBoth(deletionFailedSandbox({ nextAttemptAt: time(pool.now) }));

    await pool.run(new CleanupJob(pool.tools, options));

    expect(pool.csp.calls.delete).toBe(0);
  });
});
