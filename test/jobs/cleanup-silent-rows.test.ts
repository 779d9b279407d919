import type { Sandbox } from '../../app/allocation/sandbox';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { SHARD_COUNT, shardOf } from '../../app/store/table';
import { deletionUnconfirmedSandbox, idsOfShard, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

/* Single rows for which the table does not answer: cleanup works on all others, in the same run. */

const OPTIONS = { batchSize: 100, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
const IDS = Array.from({ length: SHARD_COUNT }, (_, shard) => idsOfShard(shard, 2)).flat();
const [SILENT = ''] = IDS;

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

function cleanup(): CleanupJob {
  return new CleanupJob(pool.tools, OPTIONS);
}

function externalIdOf(sandboxId: string): string {
  return `identity/accounts/${sandboxId}`;
}

function dueSandbox(sandboxId: string): Sandbox {
  return pendingDeletionSandbox({ sandboxId, externalId: externalIdOf(sandboxId), deletionRetryCount: 0 });
}

function noAnswer(operation: string): StoreUnavailableError {
  return new StoreUnavailableError(operation, { cause: new Error('no answer (injected)') });
}

/** The calls of the inventory that get no answer. */
function silence(isSilent: (operation: string, sandboxId: string | undefined) => boolean): void {
  pool.inventory.before = (operation, sandboxId) => {
    if (isSilent(operation, sandboxId)) throw noAnswer(operation);
  };
}

describe('CleanupJob, while the table does not answer for single rows', () => {
  it('confirms all other deletions, and requests those that are due', async () => {
    const [unconfirmed, due] = [IDS.slice(0, 8), IDS.slice(8)];
    // The portal answers with a list, and not of these accounts: they are gone.
    pool.seed(
      ...unconfirmed.map((sandboxId) =>
        deletionUnconfirmedSandbox({
          sandboxId,
          externalId: externalIdOf(sandboxId),
          deletionSentAt: pool.now - 60,
          nextAttemptAt: pool.now + 60,
        }),
      ),
    );
    pool.seedBoth(...due.map(dueSandbox));
    silence((operation, sandboxId) => operation === 'save' && sandboxId === SILENT);

    const report = await pool.run(cleanup());

    expect(report).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 15, unconfirmed: 1, failed: 0, postponed: 0 },
    });
    expect(report.error).toMatch(/did not answer for 1 rows\./);
    expect(pool.statuses()).toEqual({ deleted: 15, deletion_unconfirmed: 1 });
  });

  it('sends no second request for a row that cannot be noted, and none that cannot be read', async () => {
    pool.seedBoth(...IDS.map(dueSandbox));
    silence((operation, sandboxId) => operation === 'save' && sandboxId === SILENT);
    const getSandbox = pool.rows.getSandbox.bind(pool.rows);
    pool.rows.getSandbox = (sandboxId) =>
      sandboxId === IDS[3] ? Promise.reject(noAnswer('getSandbox')) : getSandbox(sandboxId);

    const report = await pool.run(cleanup());

    expect(report).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 14, unconfirmed: 0, postponed: 2 },
    });
    expect(pool.csp.deleted).toHaveLength(15);
    expect(pool.csp.deleted).not.toContain(externalIdOf(IDS[3] ?? ''));
    silence(() => false);
    pool.rows.getSandbox = getSandbox;
    expect(await pool.run(cleanup())).toMatchObject({ outcome: 'success', counts: { deleted: 2 } });
  });

  it('sends no request for an account of which the table does not say whose it is', async () => {
    pool.seedBoth(...IDS.map(dueSandbox));
    const accountHolder = pool.inventory.accountHolder.bind(pool.inventory);
    pool.inventory.accountHolder = (externalId) =>
      externalId === externalIdOf(SILENT)
        ? Promise.reject(noAnswer('accountHolder'))
        : accountHolder(externalId);

    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 15, postponed: 1 },
    });
    expect(pool.csp.deleted).not.toContain(externalIdOf(SILENT));
  });

  it('charges all others that fail', async () => {
    pool.seedBoth(...IDS.map(dueSandbox));
    const refused = [SILENT, IDS[5] ?? ''];
    pool.csp.answer = (call, externalId) =>
      call === 'delete' && refused.some((id) => externalIdOf(id) === externalId) ? 500 : undefined;
    silence((operation, sandboxId) => operation === 'save' && sandboxId === SILENT);

    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 14, failed: 1, postponed: 1 },
    });
    expect(pool.row(IDS[5] ?? '')).toMatchObject({ status: 'deletion_failed', deletionRetryCount: 1 });
  });

  it('charges none of three rows that the portal leaves standing, though one could not be noted', async () => {
    const ids = IDS.slice(0, 3);
    pool.seedBoth(
      ...ids.map((sandboxId) =>
        deletionUnconfirmedSandbox({
          sandboxId,
          externalId: externalIdOf(sandboxId),
          deletionRetryCount: 0,
          deletionSentAt: pool.now - 3_600,
          nextAttemptAt: pool.now - 60,
        }),
      ),
    );
    pool.csp.answer = (call) => (call === 'delete' ? 202 : undefined);
    silence((operation, sandboxId) => operation === 'save' && sandboxId === SILENT);

    expect(await pool.run(cleanup())).toMatchObject({ outcome: 'unavailable', counts: { failed: 0 } });
    expect(ids.map((id) => pool.row(id))).toMatchObject(ids.map(() => ({ deletionRetryCount: 0 })));
  });

  it('takes a deletion that could not be noted for one that the portal accepted', async () => {
    pool.seedBoth(...IDS.map(dueSandbox));
    /** Accounts in the order of their first request. Of the first five three are refused, and two not noted. */
    const order: string[] = [];
    pool.csp.answer = (call, externalId = '') => {
      if (call !== 'delete') return undefined;
      if (!order.includes(externalId)) order.push(externalId);
      return [0, 2, 4].includes(order.indexOf(externalId)) ? 500 : undefined;
    };
    silence(
      (operation, sandboxId = '') =>
        operation === 'save' && [1, 3].includes(order.indexOf(externalIdOf(sandboxId))),
    );

    // Three refusals without a deletion in between would end the run.
    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 11, failed: 3, postponed: 2 },
    });
  });

  it('leaves a shard alone that takes no writes, and ends early when none does', async () => {
    const ids = Array.from({ length: SHARD_COUNT }, (_, shard) => idsOfShard(shard, 10)).flat();
    pool.seedBoth(...ids.map(dueSandbox));
    pool.inventory.refuse = (_operation, id) => (shardOf(id) === 3 ? { kind: 'throttled' } : undefined);
    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 70, postponed: 10 },
    });
    expect(pool.csp.deleted).toHaveLength(75);

    pool.seedBoth(...ids.map(dueSandbox));
    pool.csp.deleted.length = 0;
    pool.inventory.refuse = () => ({ kind: 'throttled' });
    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      cause: 'table',
      counts: { deleted: 0, postponed: 80 },
    });
    expect(pool.csp.deleted).toHaveLength(5);
  });
});
