import { AdminService } from '../../app/admin/admin-service';
import { listSandboxes } from '../../app/admin/sandbox-list';
import type { Sandbox } from '../../app/allocation/sandbox';
import { ServiceUnavailableError } from '../../app/errors';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import type { Job } from '../../app/jobs/job';
import { SyncJob } from '../../app/jobs/sync-job';
import { IncompletePassError, rowsByStatus } from '../../app/store/inventory-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { SHARD_COUNT } from '../../app/store/table';
import {
  allocatedSandbox,
  availableSandbox,
  idsOfShard,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* One shard of the index does not answer: the rows of all others are worked on, and nothing is concluded from it. */

const LAB_SECONDS = 4 * 3_600;
const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

const DUE: Record<string, { job: () => Job; row: (sandboxId: string) => Sandbox; count: string }> = {
  'auto-expiry': {
    job: () => new AutoExpiryJob(pool.tools, 0, LAB_SECONDS),
    row: (sandboxId) => {
      const allocatedAt = pool.now - 2 * LAB_SECONDS;
      const who = { caller: sandboxId, idempotencyKey: sandboxId };
      const allocation = { ...SAMPLE_ALLOCATION, ...who, allocatedAt, expiresAt: allocatedAt + LAB_SECONDS };
      return allocatedSandbox({ sandboxId, allocation });
    },
    count: 'expired',
  },
  'auto-delete-stale': {
    job: () => new AutoDeleteStaleJob(pool.tools, 0),
    row: (sandboxId) => staleSandbox({ sandboxId }),
    count: 'deleted',
  },
};

describe.each(Object.entries(DUE))('%s', (_name, { job, row, count }) => {
  it.each(SHARDS)(
    'works on all shards but %i, and then ends unavailable with what it did',
    async (silent) => {
      for (const shard of SHARDS) pool.seed(...idsOfShard(shard, 2).map(row));
      pool.inventory.silentShards.add(`#${silent}`);

      const report = await pool.run(job());

      expect(report).toMatchObject({ outcome: 'unavailable', cause: 'table', counts: { [count]: 14 } });
      expect(report.error).toContain(`#${silent}`);
      pool.inventory.silentShards.clear();
      expect(await pool.run(job())).toMatchObject({ outcome: 'success', counts: { [count]: 2 } });
    },
  );

  it('loses nothing by a shard that answers at the second attempt', async () => {
    pool.seed(...SHARDS.flatMap((shard) => idsOfShard(shard, 1).map(row)));
    let isFirst = true;
    pool.inventory.before = (operation) => {
      if (operation !== 'listByStatus') return;
      if (isFirst) pool.inventory.silentShards.add('#0');
      else pool.inventory.silentShards.clear();
      isFirst = false;
    };

    expect(await pool.run(job())).toMatchObject({ outcome: 'success', counts: { [count]: 8 } });
  });
});

describe('cleanup', () => {
  it.each(SHARDS)('deletes what is due in all shards but %i', async (silent) => {
    pool.seedBoth(...SHARDS.flatMap((shard) => idsOfShard(shard, 1)).map(accountRow));
    pool.inventory.silentShards.add(`#${silent}`);
    const options = { batchSize: 100, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };

    const report = await pool.run(new CleanupJob(pool.tools, options));

    expect(report).toMatchObject({ outcome: 'unavailable', cause: 'table' });
    expect(pool.csp.calls.delete).toBe(7);
  });
});

describe('sync', () => {
  it('adds nothing, and marks nothing as missing', async () => {
    const missing = SHARDS.flatMap((shard) => idsOfShard(shard, 2)).map((sandboxId) =>
      availableSandbox({ sandboxId, externalId: `identity/accounts/${sandboxId}` }),
    );
    pool.seed(...missing);
    const fresh = availableSandbox({ sandboxId: 'new', name: 'new', externalId: 'identity/accounts/new' });
    pool.csp.has([...missing.slice(4), fresh]);
    pool.inventory.silentShards.add('#7');

    const report = await pool.run(new SyncJob(pool.tools));

    expect(report).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { added: 0, missed: 0, stale: 0 },
    });
    expect(missing.map(({ sandboxId }) => pool.row(sandboxId))).toEqual(missing);
    pool.inventory.silentShards.clear();
    expect(await pool.run(new SyncJob(pool.tools))).toMatchObject({
      outcome: 'success',
      counts: { added: 1, missed: 4 },
    });
  });
});

describe('sync, when single rows get no answer', () => {
  it('works on all others, and ends unavailable', async () => {
    const missing = SHARDS.flatMap((shard) => idsOfShard(shard, 2)).map((sandboxId) =>
      availableSandbox({ sandboxId, externalId: `identity/accounts/${sandboxId}` }),
    );
    pool.seed(...missing);
    pool.csp.has(missing.slice(4));
    const [unguarded = '', unsaved = ''] = missing.map(({ sandboxId }) => sandboxId);
    pool.inventory.before = (operation, sandboxId) => {
      const isSilent =
        (operation === 'guardAccount' && sandboxId === unguarded) ||
        (operation === 'save' && sandboxId === unsaved);
      if (isSilent) throw new StoreUnavailableError(operation, { cause: new Error('no answer (injected)') });
    };

    expect(await pool.run(new SyncJob(pool.tools))).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { missed: 3 },
    });
  });
});

describe('what admins do', () => {
  it('lists all shards but the silent one, and says that one is missing', async () => {
    pool.seed(
      ...SHARDS.flatMap((shard) => idsOfShard(shard, 2)).map((sandboxId) => availableSandbox({ sandboxId })),
    );
    pool.inventory.silentShards.add('#0');

    const list = await listSandboxes(pool.inventory, { status: 'available' }, 100, undefined);

    expect(list.sandboxes).toHaveLength(14);
    expect(list).toMatchObject({ unreadShards: 1, unreadable: [] });
  });

  it('removes in bulk what it can, and says how many, and that it was not all', async () => {
    pool.seed(
      ...SHARDS.flatMap((shard) => idsOfShard(shard, 2)).map((sandboxId) => staleSandbox({ sandboxId })),
    );
    pool.inventory.silentShards.add('#0');
    const admin = new AdminService({ ...pool.tools, store: pool.rows });

    const refusal = (await admin
      .bulkDelete('stale')
      .catch((error: unknown) => error)) as ServiceUnavailableError;

    expect(refusal).toBeInstanceOf(ServiceUnavailableError);
    expect(refusal.details).toEqual({ deleted: 14, refused: 0 });
  });
});

describe('rowsByStatus', () => {
  it('throws at its end, after every row that could be read, when nobody collects what could not', async () => {
    pool.seed(
      ...SHARDS.flatMap((shard) => idsOfShard(shard, 1)).map((sandboxId) => availableSandbox({ sandboxId })),
    );
    pool.inventory.silentShards.add('#3');
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      for await (const rows of rowsByStatus(pool.inventory, 'available')) {
        seen.push(...rows.map(({ sandboxId }) => sandboxId));
      }
    };

    await expect(walk()).rejects.toThrow(IncompletePassError);
    expect(seen).toHaveLength(7);
  });
});

function accountRow(sandboxId: string): Sandbox {
  return pendingDeletionSandbox({ sandboxId, externalId: `identity/accounts/${sandboxId}` });
}
