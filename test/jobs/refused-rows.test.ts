import { AdminService } from '../../app/admin/admin-service';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { SyncJob } from '../../app/jobs/sync-job';
import { RowRefusedError } from '../../app/store/sandbox-store';
import { recordingLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  deletionFailedSandbox,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const BAD = 'bad';
const LAB_SECONDS = 14_400;

let pool: JobPool;
let log: ReturnType<typeof recordingLogger>;

beforeEach(() => {
  pool = new JobPool();
  log = recordingLogger();
  const refused = new RowRefusedError('test', { cause: new Error('not accepted') });
  pool.inventory.before = (operation, sandboxId) => {
    if (sandboxId === BAD && (operation === 'save' || operation === 'remove')) throw refused;
  };
  const add = pool.rows.add.bind(pool.rows);
  pool.rows.add = (row) => (row.sandboxId === BAD ? Promise.reject(refused) : add(row));
  const endAllocation = pool.rows.endAllocation.bind(pool.rows);
  pool.rows.endAllocation = (row, after) =>
    row.sandboxId === BAD ? Promise.reject(refused) : endAllocation(row, after);
});

/** The row of each kind that the table refuses, and one like it that it takes. */
const both = <Row extends { sandboxId: string; externalId: string }>(row: Row): [Row, Row] => [
  { ...row, sandboxId: BAD, externalId: 'identity/accounts/bad' },
  { ...row, sandboxId: 'good', externalId: 'identity/accounts/good' },
];

function expectNamed(): void {
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: 50, action: 'write_row', outcome: 'refused', sandbox_id: BAD }),
  );
}

describe('a row that the table refuses', () => {
  it('is skipped by sync when it is added, and the misses of all others go on', async () => {
    const rows = availableSandboxes(10);
    pool.seedBoth(...rows);
    pool.csp.accounts.delete(rows[0]?.externalId ?? '');
    pool.csp.has(both({ sandboxId: '', externalId: '', name: 'new' }));

    expect(await pool.run(new SyncJob(pool.tools), log)).toMatchObject({
      outcome: 'success',
      counts: { added: 1, missed: 1, refused: 1 },
    });
    expectNamed();
  });

  it('is skipped by sync when it is corrected, restocked or missed', async () => {
    const rows = availableSandboxes(10);
    pool.seedBoth(...rows);
    pool.csp.accounts.delete(rows[0]?.externalId ?? '');
    const [bad] = both(availableSandbox());
    const { sandboxId, externalId } = bad;
    for (const row of [bad, staleSandbox({ sandboxId, externalId }), { ...bad, name: 'old' }]) {
      pool.seed(row);
      if (row !== bad) pool.csp.has([bad]);
      expect((await pool.run(new SyncJob(pool.tools), log)).counts).toMatchObject({ refused: 1 });
    }
    expect(pool.row(rows[0]?.sandboxId ?? '')?.status).toBe('stale');
    expectNamed();
  });

  it('is skipped by auto-expiry', async () => {
    const [bad, good] = both(allocatedSandbox());
    const over = { allocatedAt: pool.now - 20_000, expiresAt: pool.now - 10_000 };
    pool.seed(
      { ...bad, allocation: { ...bad.allocation, ...over, caller: 'a' } },
      { ...good, allocation: { ...good.allocation, ...over, caller: 'b' } },
    );

    const report = await pool.run(new AutoExpiryJob(pool.tools, 60, LAB_SECONDS), log);

    expect(report).toEqual({ outcome: 'success', counts: { expired: 1, corrected: 0, refused: 1 } });
    expect(pool.row('good')?.status).toBe('pending_deletion');
    expectNamed();
  });

  it('is skipped by auto-delete-stale', async () => {
    pool.seed(...both(staleSandbox()));

    const report = await pool.run(new AutoDeleteStaleJob(pool.tools, 0), log);

    expect(report).toEqual({ outcome: 'success', counts: { deleted: 1, corrected: 0, refused: 1 } });
    expect(pool.statuses()).toEqual({ stale: 1 });
    expectNamed();
  });

  it.each([staleSandbox(), deletionFailedSandbox()])('is skipped by bulk-delete of $status', async (row) => {
    pool.seed(...both(row));
    const admin = new AdminService({ ...pool.tools, logger: log.logger });

    expect(await admin.bulkDelete(row.status)).toMatchObject({ deleted: 1, refused: 1 });

    expect(pool.row(BAD)?.status).toBe(row.status);
    expectNamed();
  });
});
