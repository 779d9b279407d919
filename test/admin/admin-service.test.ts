import { AdminService, BULK_DELETABLE } from '../../app/admin/admin-service';
import { NEVER_SECONDS } from '../../app/allocation/sandbox';
import { SandboxUnreadableError } from '../../app/errors';
import { SyncJob } from '../../app/jobs/sync-job';
import { CorruptItemError } from '../../app/store/items';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import {
  availableSandboxes,
  deletedSandbox,
  deletionFailedSandbox,
  deletionUnconfirmedSandbox,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from '../jobs/job-pool';

let pool: JobPool;
let admin: AdminService;

beforeEach(() => {
  pool = new JobPool();
  admin = new AdminService(pool.tools);
});

/** One row of every status, each with its status as its id. */
const ONE_OF_EACH = Object.values(SAMPLE_OF_STATUS).map((row) => ({ ...row, sandboxId: row.status }));

describe('AdminService, on a row that cannot be read', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['get', () => admin.get('7')],
    ['retryDeletion', () => admin.retryDeletion('7')],
  ])('%s says so with 409, and names the row’s fault', async (_name, call) => {
    const corrupt = new CorruptItemError({ PK: { S: 'SBX#7' } }, 'status is not one of ours');
    jest.spyOn(pool.store, 'getSandbox').mockRejectedValue(corrupt);

    const refusal = call();

    await expect(refusal).rejects.toThrow(SandboxUnreadableError);
    await expect(refusal).rejects.toMatchObject({
      status: 409,
      code: 'SANDBOX_UNREADABLE',
      message: expect.stringContaining('status is not one of ours') as string,
    });
  });
});

describe('AdminService.stats', () => {
  it('counts an empty pool', async () => {
    expect(await admin.stats()).toEqual({
      total: 0,
      byStatus: {
        available: 0,
        allocated: 0,
        pending_deletion: 0,
        deletion_unconfirmed: 0,
        deletion_failed: 0,
        stale: 0,
      },
      givenUp: 0,
    });
  });

  it('counts every row but tombstones, and those given up once more by themselves', async () => {
    pool.seed(
      ...ONE_OF_EACH,
      ...availableSandboxes(10_000),
      deletionFailedSandbox({ sandboxId: 'given-up', nextAttemptAt: NEVER_SECONDS }),
    );

    expect(await admin.stats()).toEqual({
      total: 10_007,
      byStatus: {
        available: 10_001,
        allocated: 1,
        pending_deletion: 1,
        deletion_unconfirmed: 1,
        deletion_failed: 2,
        stale: 1,
      },
      givenUp: 1,
    });
  });
});

describe('AdminService.stats, while part of the table does not answer', () => {
  const silence = new StoreUnavailableError('count', { cause: new Error('throttled (injected)') });

  it('leaves out what it could not count, and the total with it', async () => {
    pool.seed(...ONE_OF_EACH);
    const counted = { ...(await pool.rows.countByStatus()), stale: undefined };
    jest.spyOn(pool.store, 'countByStatus').mockResolvedValue(counted);

    expect(await admin.stats()).toEqual({ byStatus: counted, givenUp: 0 });
  });

  it('counts the statuses when it cannot count what was given up', async () => {
    pool.seed(...ONE_OF_EACH);
    jest.spyOn(pool.inventory, 'countGivenUp').mockRejectedValue(silence);

    const stats = await admin.stats();

    expect(stats).toMatchObject({ total: 6, byStatus: { available: 1 } });
    expect(stats).not.toHaveProperty('givenUp');
  });

  it('says that the table does not answer when nothing could be counted', async () => {
    jest.spyOn(pool.store, 'countByStatus').mockRejectedValue(silence);

    await expect(admin.stats()).rejects.toBe(silence);
  });
});

describe('AdminService.retryDeletion', () => {
  it.each([
    ['given up', NEVER_SECONDS],
    ['still waiting for its next attempt', 2_000_000_000],
  ])('makes one that is %s due at once, with all its attempts', async (_what, nextAttemptAt) => {
    const row = deletionFailedSandbox({ deletionRetryCount: 3, nextAttemptAt });
    pool.seed(row);

    const after = await admin.retryDeletion(row.sandboxId);

    expect(after).toEqual({
      ...row,
      status: 'pending_deletion',
      deletionRetryCount: 0,
      nextAttemptAt: pool.now,
      updatedAt: pool.now,
      version: row.version + 1,
    });
    expect(pool.row(row.sandboxId)).toEqual(after);
  });

  it('makes one whose deletion is unconfirmed due at once, and leaves it unconfirmed', async () => {
    const row = deletionUnconfirmedSandbox({ deletionRetryCount: 2, nextAttemptAt: 2_000_000_000 });
    pool.seed(row);

    expect(await admin.retryDeletion(row.sandboxId)).toMatchObject({
      status: 'deletion_unconfirmed',
      deletionRetryCount: 0,
      nextAttemptAt: pool.now,
      deletionSentAt: row.deletionSentAt,
    });
  });

  it.each(['available', 'allocated', 'pending_deletion', 'stale'])(
    'refuses one that is %s, and leaves it as it is',
    async (status) => {
      pool.seed(...ONE_OF_EACH);

      await expect(admin.retryDeletion(status)).rejects.toMatchObject({
        code: 'DELETION_NOT_FAILED',
        status: 409,
      });
      expect(pool.rows.contents().sandboxes).toEqual(ONE_OF_EACH);
    },
  );

  it.each(['deleted', 'never-there'])('knows nothing of one that is %s', async (id) => {
    pool.seed(...ONE_OF_EACH);

    await expect(admin.retryDeletion(id)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND', status: 404 });
  });

  it('asks to try again when the row moves on between its two looks', async () => {
    const row = deletionFailedSandbox();
    pool.seed(row);
    const moved = deletedSandbox({ sandboxId: row.sandboxId, version: row.version + 1 });
    pool.inventory.before = () => {
      pool.seed(moved);
    };

    await expect(admin.retryDeletion(row.sandboxId)).rejects.toMatchObject({ status: 503 });
    expect(pool.row(row.sandboxId)).toEqual(moved);
  });

  it('waits patiently while the table is too busy, but not forever', async () => {
    const row = deletionFailedSandbox();
    pool.seed(row);
    pool.inventory.refuse = () => ({ kind: 'throttled' });
    await expect(pool.clock.passUntil(admin.retryDeletion(row.sandboxId))).rejects.toMatchObject({
      status: 503,
    });

    let refusals = 3;
    pool.inventory.refuse = () => (refusals-- > 0 ? { kind: 'conflict' } : undefined);
    await pool.clock.passUntil(admin.retryDeletion(row.sandboxId));
    expect(pool.row(row.sandboxId)?.status).toBe('pending_deletion');
  });
});

describe('AdminService.bulkDelete', () => {
  it('removes stale rows for good, however many, and no others', async () => {
    const others = ONE_OF_EACH.filter(({ status }) => status !== 'stale');
    pool.seed(
      ...others,
      ...Array.from({ length: 3_000 }, (_, index) => staleSandbox({ sandboxId: `stale-${index}` })),
    );

    expect(await admin.bulkDelete('stale')).toEqual({ deleted: 3_000, refused: 0, isComplete: true });

    expect(pool.rows.contents().sandboxes).toEqual(others);
  });

  it('turns rows whose deletion failed into tombstones, given up or not, and no others', async () => {
    const others = ONE_OF_EACH.filter(({ status }) => status !== 'deletion_failed');
    pool.seed(
      ...others,
      deletionFailedSandbox({ sandboxId: 'waiting', nextAttemptAt: pool.now + 1_000 }),
      deletionFailedSandbox({ sandboxId: 'given-up', nextAttemptAt: NEVER_SECONDS }),
    );

    expect(await admin.bulkDelete('deletion_failed')).toMatchObject({ deleted: 2 });

    // For ever: nobody deleted the account, so a list may name it after any time.
    expect(pool.row('waiting')?.status).toBe('deleted');
    expect(pool.row('waiting')).not.toHaveProperty('forgetAt');
    expect(pool.row('given-up')?.status).toBe('deleted');
    for (const row of others) expect(pool.row(row.sandboxId)).toEqual(row);
  });

  it('does not let a sync hand the used account of such a row to the next student', async () => {
    const row = deletionFailedSandbox({ nextAttemptAt: NEVER_SECONDS });
    pool.seedBoth(row);
    await admin.bulkDelete('deletion_failed');

    await pool.run(new SyncJob(pool.tools));

    expect(pool.row(row.sandboxId)?.status).toBe('deleted');
  });

  it('guards the account of a row that an earlier release wrote, so that no other csp_id brings it back', async () => {
    const row = deletionFailedSandbox();
    pool.seed(row);
    pool.rows.rows.guards.clear();

    await admin.bulkDelete('deletion_failed');

    expect(await pool.inventory.accountHolder(row.externalId)).toBe(row.sandboxId);
  });

  it('begins no row after its time is over, says that there are more, and goes on when it is asked again', async () => {
    pool.seed(...Array.from({ length: 10 }, (_, index) => staleSandbox({ sandboxId: `stale-${index}` })));
    pool.inventory.before = async (operation) => {
      if (operation === 'remove') await pool.clock.advance(1_000);
    };

    const answers = [
      await admin.bulkDelete('stale', 4_000),
      await admin.bulkDelete('stale', 4_000),
      await admin.bulkDelete('stale', 4_000),
    ];

    expect(answers).toEqual([
      { deleted: 4, refused: 0, isComplete: false },
      { deleted: 4, refused: 0, isComplete: false },
      { deleted: 2, refused: 0, isComplete: true },
    ]);
    expect(pool.rows.contents().sandboxes).toEqual([]);
  });

  it('makes no call to the portal', async () => {
    pool.seed(...ONE_OF_EACH);
    for (const status of BULK_DELETABLE) await admin.bulkDelete(status);

    expect(pool.csp.calls).toEqual({ list: 0, delete: 0 });
  });

  it.each(BULK_DELETABLE)(
    'leaves alone a %s row that has moved on meanwhile, and does not count it',
    async (status) => {
      pool.seed(...ONE_OF_EACH);
      const moved = pendingDeletionSandbox({ sandboxId: status, version: 9 });
      pool.inventory.before = (operation) => {
        if (operation !== 'listByStatus') pool.seed(moved);
      };

      expect(await admin.bulkDelete(status)).toEqual({ deleted: 0, refused: 0, isComplete: true });
      expect(pool.row(status)).toEqual(moved);
    },
  );

  it('removes nothing of which only the index says that it is stale', async () => {
    pool = new JobPool({ indexLagMs: () => 10_000 });
    admin = new AdminService(pool.tools);
    const row = staleSandbox();
    pool.seed(row);
    const restocked = { ...SAMPLE_OF_STATUS.available, version: row.version + 1 };
    pool.rows.rows.write(restocked);

    expect(await admin.bulkDelete('stale')).toMatchObject({ deleted: 0 });
    expect(pool.row(row.sandboxId)).toEqual(restocked);
  });
});
