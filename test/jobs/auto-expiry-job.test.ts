import type { AllocatedSandbox } from '../../app/allocation/sandbox';
import { requestDeletion } from '../../app/allocation/transitions';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { recordingLogger } from '../fakes/loggers';
import { poolViolations } from '../fakes/pool-invariants';
import { allocatedSandbox, SAMPLE_ALLOCATION, SAMPLE_OF_STATUS } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const GRACE_SECONDS = 1_800;
const LAB_SECONDS = 4 * 3_600;

let pool: JobPool;
let expiry: AutoExpiryJob;

beforeEach(() => {
  pool = new JobPool();
  expiry = new AutoExpiryJob(pool.tools, GRACE_SECONDS, LAB_SECONDS);
});

function allocatedUntil(expiresAt: number, sandboxId = '1'): AllocatedSandbox {
  const who = { caller: `student-${sandboxId}`, idempotencyKey: `key-${sandboxId}` };
  return allocatedSandbox({
    sandboxId,
    allocation: { ...SAMPLE_ALLOCATION, ...who, allocatedAt: expiresAt - LAB_SECONDS, expiresAt },
  });
}

describe('AutoExpiryJob', () => {
  it.each([
    ['before the end', 60],
    ['at the end', 0],
    ['in the grace period', -GRACE_SECONDS + 1],
    ['at exactly the end of the grace period', -GRACE_SECONDS],
  ])('leaves a sandbox with its student %s', async (_what, secondsLeft) => {
    const row = allocatedUntil(pool.now + secondsLeft);
    pool.seed(row);

    expect(await pool.run(expiry)).toEqual({ outcome: 'success', counts: { expired: 0, corrected: 0 } });
    expect(pool.row('1')).toEqual(row);
    expect(pool.writeCount).toBe(0);
  });

  it('takes it back one second after the grace period, due at once, with its claim and for its last owner to see', async () => {
    const row = allocatedUntil(pool.now - GRACE_SECONDS - 1);
    pool.seed(row);

    expect(await pool.run(expiry)).toEqual({ outcome: 'success', counts: { expired: 1, corrected: 0 } });

    expect(pool.rows.contents()).toEqual({
      sandboxes: [
        {
          ...row,
          status: 'pending_deletion',
          version: row.version + 1,
          updatedAt: pool.now,
          deletionRequestedAt: pool.now,
          deletionRetryCount: 0,
          nextAttemptAt: pool.now,
        },
      ],
      claims: [],
    });
  });

  it('takes it back at the end itself where there is no grace', async () => {
    pool.seed(allocatedUntil(pool.now - 1, '1'), allocatedUntil(pool.now, '2'));

    await pool.run(new AutoExpiryJob(pool.tools, 0, LAB_SECONDS));

    expect([pool.row('1')?.status, pool.row('2')?.status]).toEqual(['pending_deletion', 'allocated']);
  });

  it('says whose it was', async () => {
    const { logger, lines } = recordingLogger();
    pool.seed(allocatedUntil(0));

    await pool.run(expiry, { logger });

    expect(lines).toMatchObject([{ sandbox_id: '1', caller: 'student-1', track_name: 'intro-to-sandboxes' }]);
  });

  it('leaves alone what its holder gave back a moment before', async () => {
    const row = allocatedUntil(0);
    pool.seed(row);
    const released = requestDeletion(row, pool.now - 1);
    let isGivenBack = false;
    pool.nextFault = (operation) => {
      if (operation === 'endAllocation' && !isGivenBack) {
        isGivenBack = true;
        void pool.rows.endAllocation(row, released);
      }
      return undefined;
    };

    expect(await pool.run(expiry)).toEqual({ outcome: 'success', counts: { expired: 0, corrected: 0 } });
    expect(pool.row('1')).toEqual(released);
  });

  it('leaves alone what has been given back, though the index still shows it', async () => {
    pool = new JobPool({ indexLagMs: () => 10_000 });
    const row = allocatedUntil(0);
    pool.seed(row);
    const released = requestDeletion(row, pool.now);
    await pool.rows.endAllocation(row, released);

    expect(await pool.run(new AutoExpiryJob(pool.tools, GRACE_SECONDS, LAB_SECONDS))).toMatchObject({
      counts: { expired: 0 },
    });
    expect(pool.row('1')).toEqual(released);
  });

  it('reads only what is due, of rows in their thousands', async () => {
    const due = Array.from({ length: 3_000 }, (_, index) => allocatedUntil(index, `due-${index}`));
    const others = Array.from({ length: 3_000 }, (_, index) =>
      allocatedUntil(pool.now + index, `held-${index}`),
    );
    pool.seed(...due, ...others, SAMPLE_OF_STATUS.available);

    expect((await pool.run(expiry)).counts).toEqual({ expired: 3_000, corrected: 0 });

    expect(pool.statuses()).toEqual({ allocated: 3_000, pending_deletion: 3_000, available: 1 });
    // Eight shards of some 375 rows, 250 a page; and one look at each for times that cannot be right.
    expect(pool.inventory.listCount).toBe(24);
    expect(poolViolations(pool.rows.contents())).toEqual([]);
  });

  it('goes on after one that the busy table refuses again and again', async () => {
    pool.seed(allocatedUntil(1, 'a'), allocatedUntil(2, 'b'), allocatedUntil(3, 'c'));
    let calls = 0;
    pool.nextFault = (operation) => {
      if (operation === 'endAllocation') calls += 1;
      return calls >= 1 && calls <= 6 ? 'conflict_on_sandbox' : undefined;
    };

    expect((await pool.run(expiry)).counts).toEqual({ expired: 2, corrected: 0 });
    expect((await pool.run(expiry)).counts).toEqual({ expired: 1, corrected: 0 });
  });

  it('expires what fell due while it ran only when it comes to it', async () => {
    pool.seed(allocatedUntil(0, 'a'), allocatedUntil(pool.now - GRACE_SECONDS, 'b'));

    await pool.run(expiry);
    expect(pool.statuses()).toEqual({ pending_deletion: 1, allocated: 1 });

    await pool.clock.advance(1_000);
    await pool.run(expiry);
    expect(pool.statuses()).toEqual({ pending_deletion: 2 });
  });

  it('keeps its counts when it is told to stop', async () => {
    pool.seed(...Array.from({ length: 20 }, (_, index) => allocatedUntil(index, `due-${index}`)));
    const abort = new AbortController();
    pool.nextFault = () => {
      if (pool.store.callCounts.endAllocation === 5) abort.abort();
      return undefined;
    };

    const report = await pool.run(expiry, { signal: abort.signal });

    expect(report).toEqual({ outcome: 'stopped', counts: { expired: 5, corrected: 0 } });
    expect(pool.store.callCounts.endAllocation).toBe(5);
  });
});
