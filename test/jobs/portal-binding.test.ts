import { AdminService } from '../../app/admin/admin-service';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import { PortalCheck } from '../../app/jobs/portal-check';
import { SyncJob } from '../../app/jobs/sync-job';
import { CorruptItemError } from '../../app/store/items';
import { portalIdentity } from '../../app/store/portal-binding';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { PORTAL_URL } from '../fakes/fake-portal-bindings';
import {
  availableSandboxes,
  deletedSandbox,
  pendingDeletionSandbox,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const CLEANUP = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

/** How a table gets to be one that must not be touched, and what the error names. */
const FOREIGN: [string, () => void, RegExp][] = [
  ['was never initialised', () => (pool.bindings.binding = undefined), /never initialised.*initialise=true/],
  [
    'belongs to another portal',
    () => {
      if (pool.bindings.binding) pool.bindings.binding.portal = 'https://other.example.com';
    },
    /belongs to the portal https:\/\/other\.example\.com/,
  ],
  [
    'was restored or copied',
    () => (pool.bindings.tableId = 'table-2'),
    /restored or copied.*initialise=true/,
  ],
];

describe.each(FOREIGN)('a table that %s', (_what, makeForeign, message) => {
  beforeEach(() => {
    makeForeign();
  });

  it('is left as it is by sync: nothing is added, nothing marked', async () => {
    const [missing, ...listed] = availableSandboxes(10);
    pool.seedBoth(...listed);
    if (missing) pool.seed(missing);
    pool.csp.has(availableSandboxes(5, { firstId: 8_000_000 }));

    const report = await pool.run(new SyncJob(pool.tools));

    expect(report).toMatchObject({ outcome: 'guarded', counts: { added: 0, missed: 0 } });
    expect(report.error).toMatch(message);
    expect(pool.writeCount).toBe(0);
    expect(pool.csp.calls.list).toBe(0);
  });

  it('has nothing deleted in the portal by cleanup, and nothing counted as deleted', async () => {
    pool.seedBoth(pendingDeletionSandbox());

    const report = await pool.run(new CleanupJob(pool.tools, CLEANUP));

    expect(report).toMatchObject({ outcome: 'guarded', counts: { deleted: 0, failed: 0 } });
    expect(report.error).toMatch(message);
    expect(pool.csp.calls.delete).toBe(0);
    expect(pool.writeCount).toBe(0);
  });

  it('keeps its stale rows when an admin wants them removed, and says why', async () => {
    pool.seed(staleSandbox());

    await expect(new AdminService(pool.tools).bulkDelete('stale')).rejects.toThrow(message);

    expect(pool.statuses()).toEqual({ stale: 1 });
  });

  it('keeps its stale rows: they may have been given out since', async () => {
    pool.seed(staleSandbox());

    const report = await pool.run(new AutoDeleteStaleJob(pool.tools, 0));

    expect(report).toMatchObject({ outcome: 'guarded', counts: { deleted: 0 } });
    expect(pool.statuses()).toEqual({ stale: 1 });
  });
});

it('leaves everything as it is while the binding cannot be read, and does not fail', async () => {
  pool.csp.has(availableSandboxes(5));
  pool.bindings.find = () => Promise.reject(new CorruptItemError({ PK: { S: 'CONTROL#portal' } }, 'odd'));

  for (const options of [{}, { initialiseBy: 'admin API' }]) {
    const report = await pool.run(new SyncJob(pool.tools, options));
    expect(report).toMatchObject({ outcome: 'guarded', counts: { added: 0 } });
    expect(report.error).toContain('CONTROL#portal');
  }
  expect((await pool.run(new CleanupJob(pool.tools, CLEANUP))).outcome).toBe('guarded');
});

describe('an initialising sync', () => {
  const initialising = (): SyncJob => new SyncJob(pool.tools, { initialiseBy: 'admin API' });

  it.each([FOREIGN[0], FOREIGN[2]] as typeof FOREIGN)(
    'binds a table that %s, and adds',
    async (_what, makeForeign) => {
      makeForeign();
      pool.csp.has(availableSandboxes(5));

      expect(await pool.run(initialising())).toMatchObject({ outcome: 'success', counts: { added: 5 } });

      expect(pool.bindings.binding).toEqual({
        portal: PORTAL_URL,
        initialisedAt: pool.now,
        initialisedBy: 'admin API',
        tableId: pool.bindings.tableId,
      });
      expect(await pool.run(new SyncJob(pool.tools))).toMatchObject({ outcome: 'success' });
    },
  );

  it('leaves the binding of a table that is bound already', async () => {
    const { binding } = pool.bindings;

    await pool.run(initialising());

    expect(pool.bindings.binding).toEqual(binding);
  });

  it('does not take the table of another portal', async () => {
    FOREIGN[1]?.[1]();
    pool.csp.has(availableSandboxes(5));

    const report = await pool.run(initialising());

    expect(report.outcome).toBe('guarded');
    expect(pool.bindings.binding?.portal).toBe('https://other.example.com');
    expect(pool.statuses()).toEqual({});
  });

  it('binds nothing while the portal gives no list', async () => {
    pool.bindings.binding = undefined;
    pool.csp.goDown();

    expect((await pool.run(initialising())).outcome).toBe('unavailable');
    expect(pool.bindings.binding).toBeUndefined();
  });

  it('adds no account of a tombstone that an earlier release wrote, though it has another csp_id now', async () => {
    pool.bindings.binding = undefined;
    const tombstone = deletedSandbox();
    pool.rows.seed({ sandboxes: [tombstone] }, { unguarded: true });
    pool.csp.has([{ ...tombstone, sandboxId: 'another-csp-id' }]);

    expect(await pool.run(initialising())).toMatchObject({ outcome: 'success', counts: { added: 0 } });

    expect(pool.statuses()).toEqual({ deleted: 1 });
  });

  it('binds and adds nothing before each row of the table is guarded', async () => {
    pool.bindings.binding = undefined;
    pool.rows.seed({ sandboxes: [deletedSandbox()] }, { unguarded: true });
    pool.csp.has(availableSandboxes(5));
    pool.inventory.before = (operation) => {
      if (operation === 'guardAccount')
        throw new StoreUnavailableError('guardAccount', { cause: new Error('injected') });
    };

    expect(await pool.run(initialising())).toMatchObject({ outcome: 'unavailable', cause: 'table' });

    expect(pool.bindings.binding).toBeUndefined();
    expect(pool.statuses()).toEqual({ deleted: 1 });
  });

  it('obeys the one who came first', async () => {
    pool.bindings.binding = undefined;
    const other = new PortalCheck(pool.bindings, 'https://other.example.com', pool.clock);
    pool.csp.before = async () => {
      await other.initialise('somebody else');
    };

    expect((await pool.run(initialising())).outcome).toBe('guarded');
    expect(pool.bindings.binding).toMatchObject({ initialisedBy: 'somebody else' });
  });
});

it.each([
  ['https://portal.example.com/api/', 'https://portal.example.com/api'],
  ['HTTPS://Portal.Example.com:443/api', 'https://portal.example.com/api'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
])('spells the portal %s in one way', (url, expected) => {
  expect(portalIdentity(url)).toBe(expected);
});
