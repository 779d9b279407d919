import { AdminService } from '../../app/admin/admin-service';
import type { Sandbox } from '../../app/allocation/sandbox';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import type { Job } from '../../app/jobs/job';
import { SyncJob } from '../../app/jobs/sync-job';
import type { WriteOutcome } from '../../app/store/sandbox-store';
import { SHARD_COUNT, shardOf } from '../../app/store/table';
import { recordingLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  deletionFailedSandbox,
  idsOfShard,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* Rows that are throttled, or in conflict with another transaction, to the end of all patience. */

const LAB_SECONDS = 14_400;
const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);
const BUSY = ['throttled', 'conflict'] as const;

let pool: JobPool;
let log: ReturnType<typeof recordingLogger>;

beforeEach(() => {
  pool = new JobPool();
  log = recordingLogger();
});

/** From now on, writes to these rows end so. */
function makeBusy(kind: (typeof BUSY)[number], isBusy: (sandboxId: string) => boolean): void {
  const outcome: WriteOutcome = { kind };
  pool.inventory.refuse = (_operation, sandboxId) => (isBusy(sandboxId) ? outcome : undefined);
  const add = pool.rows.add.bind(pool.rows);
  pool.rows.add = (row) => (isBusy(row.sandboxId) ? Promise.resolve(outcome) : add(row));
  const endAllocation = pool.rows.endAllocation.bind(pool.rows);
  pool.rows.endAllocation = (before, after) =>
    isBusy(before.sandboxId) ? Promise.resolve(outcome) : endAllocation(before, after);
}

function externalIdOf(sandboxId: string): string {
  return `identity/accounts/${sandboxId}`;
}

function expiredSandbox(sandboxId: string): Sandbox {
  const who = { caller: sandboxId, idempotencyKey: sandboxId };
  const over = { allocatedAt: pool.now - 2 * LAB_SECONDS, expiresAt: pool.now - LAB_SECONDS };
  return allocatedSandbox({ sandboxId, allocation: { ...SAMPLE_ALLOCATION, ...who, ...over } });
}

/** What there is to do for each of these ids, the job that does it, and what it counts then. */
const WORK: Record<string, { seed: (ids: string[]) => void; job: () => Job; count: string }> = {
  'sync, adding': {
    seed: (ids) => {
      pool.csp.has(
        ids.map((sandboxId) => availableSandbox({ sandboxId, externalId: externalIdOf(sandboxId) })),
      );
    },
    job: () => new SyncJob(pool.tools),
    count: 'added',
  },
  'sync, correcting': {
    seed: (ids) => {
      const rows = ids.map((sandboxId) =>
        availableSandbox({ sandboxId, externalId: externalIdOf(sandboxId) }),
      );
      pool.seed(...rows.map((row) => ({ ...row, name: `old ${row.sandboxId}` })));
      pool.csp.has(rows);
    },
    job: () => new SyncJob(pool.tools),
    count: 'updated',
  },
  'auto-expiry': {
    seed: (ids) => {
      pool.seed(...ids.map(expiredSandbox));
    },
    job: () => new AutoExpiryJob(pool.tools, 0, LAB_SECONDS),
    count: 'expired',
  },
  'auto-delete-stale': {
    seed: (ids) => {
      pool.seed(...ids.map((sandboxId) => staleSandbox({ sandboxId })));
    },
    job: () => new AutoDeleteStaleJob(pool.tools, 0),
    count: 'deleted',
  },
};

describe.each(Object.entries(WORK))('%s', (_name, { seed, job, count }) => {
  it.each(BUSY)('names a row that stays %s, works on all others, and ends unavailable', async (kind) => {
    const ids = SHARDS.flatMap((shard) => idsOfShard(shard, 2));
    const [busy = ''] = ids;
    seed(ids);
    makeBusy(kind, (sandboxId) => sandboxId === busy);

    const report = await pool.run(job(), log);

    expect(report).toMatchObject({ outcome: 'unavailable', cause: 'table', counts: { [count]: 15 } });
    expect(report.error).toMatch(/did not answer for 1 rows\./);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 40, sandbox_id: busy }));
  });

  it('works on all other shards while every row of one is throttled', async () => {
    const ids = SHARDS.flatMap((shard) => idsOfShard(shard, 8));
    seed(ids);
    makeBusy('throttled', (sandboxId) => shardOf(sandboxId) === 3);

    const report = await pool.run(job());

    expect(report).toMatchObject({ outcome: 'unavailable', cause: 'table', counts: { [count]: 56 } });
    expect(report.error).toMatch(/did not answer for 8 rows\./);
  });

  it('gives up early while the table takes no write at all', async () => {
    const ids = SHARDS.flatMap((shard) => idsOfShard(shard, 50));
    seed(ids);
    const tried = new Set<string>();
    makeBusy('throttled', (sandboxId) => tried.add(sandboxId).size > 0);

    expect(await pool.run(job())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { [count]: 0 },
    });
    expect(tried.size).toBeLessThan(50);
  });
});

describe('sync', () => {
  it('ends unavailable when it could not put the guard of a row', async () => {
    const row = availableSandbox();
    pool.rows.seed({ sandboxes: [row] });
    pool.csp.has([row]);
    pool.inventory.guardAccount = () => Promise.resolve({ kind: 'throttled' });

    expect(await pool.run(new SyncJob(pool.tools))).toMatchObject({ outcome: 'unavailable', cause: 'table' });
  });
});

describe.each([staleSandbox(), deletionFailedSandbox()])('bulk-delete of $status', (row) => {
  it.each(BUSY)('does not count a row that stays %s as looked at', async (kind) => {
    const ids = SHARDS.flatMap((shard) => idsOfShard(shard, 1));
    pool.seed(...ids.map((sandboxId) => ({ ...row, sandboxId, externalId: externalIdOf(sandboxId) })));
    makeBusy(kind, (sandboxId) => sandboxId === ids[2]);
    const admin = new AdminService({ ...pool.tools, logger: log.logger });

    await expect(pool.clock.passUntil(admin.bulkDelete(row.status))).rejects.toMatchObject({
      status: 503,
      details: { deleted: 7, refused: 0 },
    });
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 40, sandbox_id: ids[2] }));
  });
});
