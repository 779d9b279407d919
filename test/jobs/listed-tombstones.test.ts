import { SyncJob } from '../../app/jobs/sync-job';
import { recordingLogger } from '../fakes/loggers';
import { availableSandboxes, deletedSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

let pool: JobPool;
let sync: SyncJob;

beforeEach(() => {
  pool = new JobPool();
  sync = new SyncJob(pool.tools);
});

/** That many rows which the portal lists too, so that the list is believed. */
function fill(count: number): void {
  pool.seedBoth(...availableSandboxes(count));
}

describe('SyncJob, on accounts that count as deleted and are listed', () => {
  it('keeps them out of the pool, and counts and names them', async () => {
    fill(5);
    pool.seedBoth(deletedSandbox({ sandboxId: 'ghost', externalId: 'identity/accounts/ghost' }));
    const { logger, lines } = recordingLogger();

    const report = await pool.run(sync, { logger });

    expect(report).toMatchObject({ outcome: 'success', counts: { added: 0, listed_after_deletion: 1 } });
    expect(pool.row('ghost')?.status).toBe('deleted');
    expect(lines.find(({ outcome }) => outcome === 'listed_after_deletion')).toMatchObject({
      sandbox_ids: ['ghost'],
    });
  });

  it('sees to it that DynamoDB never removes their tombstones', async () => {
    fill(5);
    const ghost = deletedSandbox({ sandboxId: 'ghost', externalId: 'a/ghost', forgetAt: pool.now + 60 });
    pool.seedBoth(ghost);
    await pool.run(sync);

    expect(pool.row('ghost')).toMatchObject({ status: 'deleted', version: ghost.version + 1 });
    expect(pool.row('ghost')?.status === 'deleted' && pool.row('ghost')).not.toHaveProperty(
      'forgetAt',
      pool.now + 60,
    );
    const written = pool.inventory.writes.length;
    await pool.run(sync);
    expect(pool.inventory.writes).toHaveLength(written);
  });

  it('does not count those that another process has just added', async () => {
    const [account] = availableSandboxes(1);
    if (!account) throw new Error('no account');
    pool.csp.has([account]);
    pool.csp.before = () => {
      pool.seed(account);
    };
    pool.inventory.before = () => {
      pool.rows.rows.erase(account.sandboxId);
    };
    pool.nextFault = () => {
      pool.seed(account);
      return undefined;
    };

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, listed_after_deletion: 0 });
  });
});
