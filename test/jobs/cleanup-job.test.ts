import { isInDeletion, NEVER_SECONDS, type PendingDeletionSandbox } from '../../app/allocation/sandbox';
import { awaitConfirmation, failDeletion, retryDeletion } from '../../app/allocation/transitions';
import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { poolViolations } from '../fakes/pool-invariants';
import {
  deletionFailedSandbox,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const OPTIONS: CleanupOptions = { batchSize: 10, batchDelayMs: 2_000, perSandboxDelayMs: 0, maxAttempts: 3 };

const NO_COUNTS = { deleted: 0, unconfirmed: 0, failed: 0, postponed: 0, skipped: 0 };

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

function cleanup(options: Partial<CleanupOptions> = {}): CleanupJob {
  return new CleanupJob(pool.tools, { ...OPTIONS, ...options });
}

/** That many rows due for deletion, in the portal too; of all shards unless their ids are given. */
function seedDue(count: number, ids: string[] = []): PendingDeletionSandbox[] {
  const rows = Array.from({ length: count }, (_, index) =>
    pendingDeletionSandbox({
      sandboxId: ids[index] ?? String(5_000_000 + index),
      externalId: `identity/accounts/${index}`,
      deletionRetryCount: 0,
    }),
  );
  pool.seedBoth(...rows);
  return rows;
}

describe('CleanupJob', () => {
  it('deletes what is due in the portal, and leaves a tombstone for ever', async () => {
    const [row] = seedDue(1);

    expect(await pool.run(cleanup())).toEqual({
      outcome: 'success',
      counts: { ...NO_COUNTS, deleted: 1 },
    });

    expect(pool.csp.deleted).toEqual([row?.externalId]);
    expect(pool.row(row?.sandboxId ?? '')).toMatchObject({
      status: 'deleted',
      deletedAt: pool.now,
      version: 5,
    });
    expect(pool.row(row?.sandboxId ?? '')).not.toHaveProperty('forgetAt');
  });

  it('does nothing, without a call, when nothing is due', async () => {
    pool.csp.goDown();

    expect(await pool.run(cleanup())).toEqual({
      outcome: 'success',
      counts: { ...NO_COUNTS },
    });
    expect(pool.csp.calls).toEqual({ list: 0, delete: 0 });
  });

  it('deletes hundreds, of all shards and both statuses, each once', async () => {
    const rows = seedDue(600);
    const failedRows = Array.from({ length: 300 }, (_, index) =>
      deletionFailedSandbox({
        sandboxId: String(6_000_000 + index),
        externalId: `identity/accounts/failed-${index}`,
        deletionRetryCount: 1,
      }),
    );
    pool.seedBoth(...failedRows);

    expect(await pool.run(cleanup())).toMatchObject({ outcome: 'success', counts: { deleted: 900 } });

    const wanted = [...rows, ...failedRows].map(({ externalId }) => externalId);
    expect([...pool.csp.deleteAttempts].sort()).toEqual(wanted.sort());
    expect(pool.statuses()).toEqual({ deleted: 900 });
  });

  it('takes what is due at exactly this second, and leaves what is due one later', async () => {
    pool.seedBoth(
      pendingDeletionSandbox({ sandboxId: 'now', externalId: 'a/now', nextAttemptAt: pool.now }),
      pendingDeletionSandbox({ sandboxId: 'later', externalId: 'a/later', nextAttemptAt: pool.now + 1 }),
      deletionFailedSandbox({ sandboxId: 'again', externalId: 'a/again', nextAttemptAt: pool.now }),
      deletionFailedSandbox({ sandboxId: 'wait', externalId: 'a/wait', nextAttemptAt: pool.now + 1 }),
      deletionFailedSandbox({ sandboxId: 'never', externalId: 'a/never', nextAttemptAt: NEVER_SECONDS }),
    );

    await pool.run(cleanup());

    expect([...pool.csp.deleted].sort()).toEqual(['a/again', 'a/now']);
  });

  it('touches no row of another status', async () => {
    const others = Object.values(SAMPLE_OF_STATUS)
      .filter((row) => !isInDeletion(row))
      .map((row) => ({ ...row, sandboxId: row.status }));
    pool.seed(...others);

    await pool.run(cleanup());

    expect(pool.rows.contents().sandboxes).toEqual(others);
    expect(pool.csp.calls.delete).toBe(0);
  });

  it('buries what the portal does not know any more', async () => {
    seedDue(1);
    pool.csp.accounts.clear();

    expect((await pool.run(cleanup())).counts).toMatchObject({ deleted: 1, failed: 0 });
    expect(pool.statuses()).toEqual({ deleted: 1 });
  });

  it('waits after every batch and between sandboxes, but not before the first', async () => {
    seedDue(7);

    await pool.run(cleanup({ batchSize: 3, batchDelayMs: 2_000, perSandboxDelayMs: 10 }));

    expect(pool.pauses).toEqual([10, 10, 2_000, 10, 10, 2_000]);
  });

  it('shows progress with every sandbox', async () => {
    seedDue(7);

    await pool.run(cleanup());

    expect(pool.progressCount).toBeGreaterThanOrEqual(7);
  });
});

describe('CleanupJob, right before it destroys', () => {
  // Of one shard, so on one page: the second one has been listed before the first one is deleted.
  const [firstId = '', secondId = ''] = idsOfShard(0, 2);
  const row = pendingDeletionSandbox({ sandboxId: secondId, nextAttemptAt: 2_000 });

  it.each([
    ['was tried by another run meanwhile', failDeletion(row, 3, 1_767_225_000)],
    ['was asked for anew meanwhile', retryDeletion({ ...row, status: 'deletion_failed' }, 1_767_225_000)],
    ['is available after all', { ...SAMPLE_OF_STATUS.available, sandboxId: row.sandboxId, version: 4 }],
    ['is allocated after all', { ...SAMPLE_OF_STATUS.allocated, sandboxId: row.sandboxId, version: 4 }],
    [
      'is available at the same version',
      { ...SAMPLE_OF_STATUS.available, sandboxId: row.sandboxId, version: 3 },
    ],
    ['was requested by another run meanwhile', awaitConfirmation(row, 1_767_225_000)],
    ['is buried already', { ...SAMPLE_OF_STATUS.deleted, sandboxId: row.sandboxId, version: 4 }],
  ])('passes over a sandbox that %s', async (_what, now) => {
    const first = pendingDeletionSandbox({ sandboxId: firstId, externalId: 'a/first', nextAttemptAt: 1_000 });
    pool.seedBoth(first, row);
    pool.csp.before = (call) => {
      if (call === 'list') pool.seed(now);
    };

    expect((await pool.run(cleanup())).counts).toEqual({ ...NO_COUNTS, deleted: 1 });

    expect(pool.csp.deleteAttempts).toEqual(['a/first']);
    expect(pool.row(row.sandboxId)).toEqual(now);
  });

  it('passes over a sandbox whose row is gone', async () => {
    pool.seedBoth(row);
    pool.csp.before = () => {
      pool.rows.rows.erase(row.sandboxId);
    };

    await pool.run(cleanup());

    expect(pool.csp.deleteAttempts).toEqual([]);
  });

  it('asks the table, and not the index that lags', async () => {
    pool = new JobPool({ indexLagMs: () => 10_000 });
    pool.seedBoth(row);
    await pool.run(cleanup());
    expect(pool.csp.deleted).toHaveLength(1);

    expect((await pool.run(cleanup())).counts).toEqual({ ...NO_COUNTS });
    expect(pool.csp.deleteAttempts).toHaveLength(1);
  });

  it('deletes the account that the row names now', async () => {
    pool.seedBoth(row);
    const renamed = { ...row, externalId: 'identity/accounts/other' };
    pool.csp.has([renamed]);
    pool.csp.before = (call) => {
      if (call === 'list') pool.seed(renamed);
    };

    await pool.run(cleanup());

    expect(pool.csp.deleted).toEqual(['identity/accounts/other']);
  });
});

describe('CleanupJob, interrupted', () => {
  it('finishes the item in hand when it is told to stop, with its counts', async () => {
    seedDue(5, idsOfShard(0, 5));
    const abort = new AbortController();
    pool.csp.before = (call) => {
      if (call === 'delete') abort.abort();
    };

    const report = await pool.run(cleanup(), { signal: abort.signal });

    expect(report).toEqual({ outcome: 'stopped', counts: { ...NO_COUNTS, unconfirmed: 1, postponed: 4 } });
    expect(pool.csp.deleteAttempts).toHaveLength(1);
    expect(pool.statuses()).toEqual({ deletion_unconfirmed: 1, pending_deletion: 4 });
  });

  // The last row of its shard is in hand: what comes next is another read of the table, which the signal gives up.
  it('keeps its counts when it is told to stop while the last row of a shard is in hand', async () => {
    seedDue(2, [...idsOfShard(0, 1), ...idsOfShard(1, 1)]);
    const abort = new AbortController();
    pool.csp.before = (call) => {
      if (call === 'delete') abort.abort();
    };

    const report = await pool.run(cleanup(), { signal: abort.signal });

    expect(report).toMatchObject({ outcome: 'stopped', counts: { unconfirmed: 1 } });
  });

  it('begins nothing after a delay in which it was told to stop', async () => {
    seedDue(5, idsOfShard(0, 5));
    const abort = new AbortController();
    pool.onPause = () => {
      abort.abort();
    };

    const report = await pool.run(cleanup(), { signal: abort.signal });

    expect(report).toMatchObject({ outcome: 'stopped', counts: { unconfirmed: 1 } });
    expect(pool.csp.deleteAttempts).toHaveLength(1);
  });

  it('asks again in the next run for what it deleted before it died', async () => {
    const [row] = seedDue(1);
    pool.inventory.before = (operation) => {
      if (operation === 'save') throw new Error('killed');
    };
    await expect(pool.run(cleanup())).rejects.toThrow('killed');
    expect(pool.csp.deleted).toEqual([row?.externalId]);
    expect(pool.row(row?.sandboxId ?? '')).toEqual(row);

    pool.inventory.before = () => undefined;
    expect(await pool.run(cleanup())).toMatchObject({ outcome: 'success', counts: { deleted: 1 } });
    expect(pool.statuses()).toEqual({ deleted: 1 });
    expect(pool.csp.deleted).toHaveLength(1);
  });

  it('notes a deletion that the busy table refuses at first', async () => {
    seedDue(1);
    let refusals = 4;
    pool.inventory.refuse = () => {
      refusals -= 1;
      return refusals >= 0 ? { kind: 'throttled' } : undefined;
    };

    await pool.run(cleanup());

    expect(pool.statuses()).toEqual({ deleted: 1 });
    expect(pool.csp.deleteAttempts).toHaveLength(1);
  });

  it('leaves no claim behind and no sandbox with two holders', async () => {
    seedDue(20);
    await pool.run(cleanup());

    expect(poolViolations(pool.rows.contents())).toEqual([]);
  });
});
