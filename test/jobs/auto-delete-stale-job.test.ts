import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { SyncJob } from '../../app/jobs/sync-job';
import { SAMPLE_OF_STATUS, staleSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const GRACE_SECONDS = 24 * 3_600;

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

function job(graceSeconds = GRACE_SECONDS): AutoDeleteStaleJob {
  return new AutoDeleteStaleJob(pool.tools, graceSeconds);
}

describe('AutoDeleteStaleJob', () => {
  it('removes what has been stale for the grace period, and nothing a second younger', async () => {
    pool.seed(
      staleSandbox({ sandboxId: 'older', staleSince: pool.now - GRACE_SECONDS - 1 }),
      staleSandbox({ sandboxId: 'exactly', staleSince: pool.now - GRACE_SECONDS }),
      staleSandbox({ sandboxId: 'younger', staleSince: pool.now - GRACE_SECONDS + 1 }),
    );

    expect(await pool.run(job())).toEqual({ outcome: 'success', counts: { deleted: 2, corrected: 0 } });

    expect(pool.rows.contents().sandboxes.map(({ sandboxId }) => sandboxId)).toEqual(['younger']);
  });

  it('takes another grace period, none at all included', async () => {
    pool.seed(
      staleSandbox({ sandboxId: 'hour', staleSince: pool.now - 3_600 }),
      staleSandbox({ sandboxId: 'now', staleSince: pool.now }),
    );

    expect((await pool.run(job(3_600))).counts).toEqual({ deleted: 1, corrected: 0 });
    expect((await pool.run(job(0))).counts).toEqual({ deleted: 1, corrected: 0 });
    expect(pool.statuses()).toEqual({});
  });

  it('touches nothing that is not stale, and makes no call to the portal', async () => {
    const others = Object.values(SAMPLE_OF_STATUS)
      .filter(({ status }) => status !== 'stale')
      .map((row) => ({ ...row, sandboxId: row.status }));
    pool.seed(...others);
    pool.csp.has(others);

    await pool.run(job(0));

    expect(pool.rows.contents().sandboxes).toEqual(others);
    expect(pool.csp.calls).toEqual({ list: 0, delete: 0 });
  });

  it('leaves alone what a sync has restocked a moment before', async () => {
    const row = staleSandbox();
    const restocked = { ...SAMPLE_OF_STATUS.available, version: row.version + 1 };
    pool.seed(row);
    pool.inventory.before = (operation) => {
      if (operation === 'remove') pool.seed(restocked);
    };

    expect((await pool.run(job())).counts).toEqual({ deleted: 0, corrected: 0 });
    expect(pool.row(row.sandboxId)).toEqual(restocked);
  });

  it('removes rows in their thousands', async () => {
    pool.seed(...Array.from({ length: 3_000 }, (_, index) => staleSandbox({ sandboxId: `stale-${index}` })));

    expect((await pool.run(job())).counts).toEqual({ deleted: 3_000, corrected: 0 });
    expect(pool.statuses()).toEqual({});
  });

  it('lets a sandbox come back as a new one', async () => {
    const row = staleSandbox();
    pool.seed(row);
    await pool.run(job());
    pool.csp.has([row]);

    await pool.run(new SyncJob(pool.tools));

    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', missedSyncs: 0 });
    expect(pool.row(row.sandboxId)?.version).not.toBe(1);
  });

  it('keeps its counts when it is told to stop', async () => {
    pool.seed(...Array.from({ length: 20 }, (_, index) => staleSandbox({ sandboxId: `stale-${index}` })));
    const abort = new AbortController();
    pool.inventory.before = (operation) => {
      if (operation === 'remove' && pool.inventory.writes.length === 4) abort.abort();
    };

    const report = await pool.run(job(), { signal: abort.signal });

    expect(report).toEqual({ outcome: 'stopped', counts: { deleted: 5, corrected: 0 } });
  });
});
