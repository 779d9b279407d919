import { bury } from '../../app/allocation/transitions';
import type { Sandbox } from '../../app/allocation/sandbox';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { SyncJob } from '../../app/jobs/sync-job';
import { SHARD_COUNT } from '../../app/store/table';
import { recordingLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  deletedSandbox,
  deletionFailedSandbox,
  pendingDeletionSandbox,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

let pool: JobPool;
let sync: SyncJob;

beforeEach(() => {
  pool = new JobPool();
  sync = new SyncJob(pool.tools);
  pool.seedBoth(...availableSandboxes(20));
});

const ROW = availableSandbox();
const ACCOUNT = {
  sandboxId: ROW.sandboxId,
  externalId: ROW.externalId,
  name: ROW.name,
  sfdcAccountId: ROW.sfdcAccountId,
};
const ROWS: Sandbox[] = [
  ROW,
  allocatedSandbox(),
  pendingDeletionSandbox(),
  deletionFailedSandbox(),
  deletedSandbox(),
];

/** Rows of the account, whatever they are called. */
function rowsOfAccount(): Sandbox[] {
  return pool.rows.contents().sandboxes.filter(({ externalId }) => externalId === ROW.externalId);
}

describe('SyncJob, on an account whose csp_id changes', () => {
  it.each(ROWS)('adds no second row beside the $status one, and changes nothing', async (row) => {
    pool.seed(row);
    pool.csp.has([{ ...ACCOUNT, sandboxId: 'another-csp-id' }]);

    for (let time = 1; time <= 3; time += 1) {
      expect((await pool.run(sync)).counts).toMatchObject({ added: 0, missed: 0, stale: 0, conflicting: 1 });
    }

    expect(rowsOfAccount()).toEqual([row]);
  });

  it('adds no row for it when the tombstone is forgotten, under whatever id', async () => {
    pool.seed(deletedSandbox());
    pool.rows.rows.erase(ROW.sandboxId);

    for (const sandboxId of [ROW.sandboxId, 'another-csp-id']) {
      pool.csp.accounts.delete(ROW.externalId);
      pool.csp.has([{ ...ACCOUNT, sandboxId }]);
      expect((await pool.run(sync)).counts).toMatchObject({ added: 0, conflicting: 1 });
    }

    expect(rowsOfAccount()).toEqual([]);
  });

  it('names the conflict in the log', async () => {
    const { logger, lines } = recordingLogger();
    pool.seed(ROW);
    pool.csp.has([{ ...ACCOUNT, sandboxId: 'another-csp-id' }]);

    await pool.run(sync, { logger });

    expect(lines).toMatchObject([
      {
        outcome: 'identity_conflict',
        conflicts: [{ sandbox_id: ROW.sandboxId, external_id: ROW.externalId, other: 'another-csp-id' }],
      },
      { outcome: 'items_skipped', skipped: { conflicting: 1, unusable: 0, refused: 0 } },
    ]);
  });
});

describe('SyncJob, on a csp_id that names another account', () => {
  it('keeps the account of the row, takes it for missing, and adds nothing', async () => {
    pool.seed(ROW);
    pool.csp.has([{ ...ACCOUNT, externalId: 'identity/accounts/another' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, updated: 0, missed: 1, conflicting: 1 });
    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, stale: 1, conflicting: 1 });

    expect(pool.row(ROW.sandboxId)).toMatchObject({ status: 'stale', externalId: ROW.externalId });
  });

  it('does not restock a stale row with another account', async () => {
    pool.seed(staleSandbox());
    pool.csp.has([{ ...ACCOUNT, externalId: 'identity/accounts/another' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ restocked: 0, added: 0, conflicting: 1 });
    expect(pool.row(ROW.sandboxId)).toEqual(staleSandbox());
  });

  it('counts the conflict with a tombstone, and takes the account for nobody’s', async () => {
    pool.seed(deletedSandbox());
    pool.csp.has([{ ...ACCOUNT, externalId: 'identity/accounts/another' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, conflicting: 1 });
    expect(pool.rows.rows.guards.has('another')).toBe(false);
  });

  it('leaves two rows alone whose csp_ids were exchanged', async () => {
    const [one, two] = [
      ROW,
      availableSandbox({ sandboxId: 'two', externalId: 'identity/accounts/two' }),
    ] as const;
    pool.seed(one, two);
    pool.csp.has([
      { ...one, sandboxId: two.sandboxId },
      { ...two, sandboxId: one.sandboxId },
    ]);

    expect((await pool.run(sync)).counts).toMatchObject({ updated: 0, missed: 0, conflicting: 2 });
    expect([pool.row(one.sandboxId), pool.row(two.sandboxId)]).toEqual([one, two]);
  });
});

describe('SyncJob, on an id in another case', () => {
  const shouted = { ...ACCOUNT, externalId: ROW.externalId.toUpperCase() };

  it('finds the row of the account', async () => {
    pool.seed(ROW);
    pool.csp.has([shouted]);

    for (let time = 1; time <= 3; time += 1) {
      expect((await pool.run(sync)).counts).toMatchObject({ added: 0, missed: 0, stale: 0, conflicting: 0 });
    }

    expect(pool.row(ROW.sandboxId)?.status).toBe('available');
  });

  it.each(ROWS)('adds no second row beside the $status one under another csp_id', async (row) => {
    pool.seed(row);
    pool.csp.has([{ ...shouted, sandboxId: 'another-csp-id' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, conflicting: 1 });

    expect(pool.row('another-csp-id')).toBeUndefined();
  });
});

describe('SyncJob, on entries with one id', () => {
  it('makes one row of them at most, in whatever order they come', async () => {
    const twin = { ...ACCOUNT, sandboxId: 'twin' };
    for (const accounts of [[ACCOUNT, twin], [twin, ACCOUNT], [twin], [ACCOUNT]]) {
      pool.csp.list = (others) => {
        const [first, ...repeated] = accounts;
        return {
          accounts: [...others, ...(first ? [first] : [])],
          unusable: repeated.map(({ sandboxId, externalId }) => ({
            index: 99,
            reasons: 'id: listed twice',
            sandboxId,
            externalId,
          })),
        };
      };
      await pool.run(sync);
      expect(rowsOfAccount()).toHaveLength(1);
    }
    expect(rowsOfAccount()).toMatchObject([{ status: 'available', missedSyncs: 0 }]);
  });
});

describe('SyncJob, on rows that an earlier release left without guards', () => {
  const seedUnguarded = (...sandboxes: Sandbox[]): void => {
    pool.rows.seed({ sandboxes }, { unguarded: true });
    pool.csp.has([ACCOUNT]);
  };

  it.each(ROWS)('guards the account of a $status row', async (row) => {
    seedUnguarded(row);

    await pool.run(sync);

    expect(pool.rows.rows.guards.get(ROW.externalId.split('/').at(-1) ?? '')).toBe(row.sandboxId);
    expect(pool.row(row.sandboxId)).toEqual(row);
  });

  it.each([
    ['allocated', allocatedSandbox({ sandboxId: 'z' })],
    ['pending_deletion', pendingDeletionSandbox({ sandboxId: 'z' })],
  ])(
    'lets the %s one of two keep the account, and takes the available one out of the pool',
    async (_status, held) => {
      seedUnguarded(ROW, held);

      expect((await pool.run(sync)).counts).toMatchObject({ conflicting: 2, added: 0 });
      await pool.run(sync);

      expect(pool.row(held.sandboxId)).toEqual(held);
      expect(pool.row(ROW.sandboxId)?.status).toBe('stale');
      expect(await pool.inventory.accountHolder(ROW.externalId)).toBe('z');
      expect(pool.csp.deleteAttempts).toEqual([]);
    },
  );

  it('takes one out that an earlier release adds while this one runs', async () => {
    pool.seedBoth(allocatedSandbox());
    await pool.run(sync);
    pool.rows.seed({ sandboxes: [availableSandbox({ sandboxId: 'added-by-old' })] }, { unguarded: true });

    await pool.run(sync);

    expect(pool.row('added-by-old')?.status).toBe('stale');
    // Should the old one bring it back, it goes again.
    pool.rows.seed({ sandboxes: [availableSandbox({ sandboxId: 'added-by-old', version: 9 })] });
    await pool.run(sync);
    expect(pool.row('added-by-old')?.status).toBe('stale');
  });

  it('keeps one of two available ones in the pool', async () => {
    seedUnguarded(ROW, availableSandbox({ sandboxId: 'twin' }));

    await pool.run(sync);
    await pool.run(sync);

    expect(
      rowsOfAccount()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['available', 'stale']);
  });

  it.each([
    allocatedSandbox({ sandboxId: 'added-by-old' }),
    pendingDeletionSandbox({ sandboxId: 'added-by-old' }),
  ])('gives the guard to the $status row that an earlier release let grow beside it', async (held) => {
    seedUnguarded(ROW);
    await pool.run(sync);
    pool.rows.seed({ sandboxes: [held] }, { unguarded: true });

    await pool.run(sync);

    expect(pool.row(ROW.sandboxId)?.status).toBe('stale');
    expect(await pool.inventory.accountHolder(ROW.externalId)).toBe('added-by-old');
    // Nor does the account come back when the duplicate is removed, and the used one is a tombstone.
    await pool.run(new AutoDeleteStaleJob(pool.tools, 0));
    pool.rows.rows.write(bury(held, pool.now));
    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, restocked: 0, conflicting: 1 });
  });

  it('brings no stale row back of which it is not known whose the account is', async () => {
    pool.rows.seed({ sandboxes: [deletedSandbox({ sandboxId: 'used' })] });
    seedUnguarded(staleSandbox());
    let isThrottled = true;
    const guardAccount = pool.inventory.guardAccount.bind(pool.inventory);
    pool.inventory.guardAccount = (row, options) =>
      isThrottled && row.sandboxId === ROW.sandboxId
        ? Promise.resolve({ kind: 'throttled' })
        : guardAccount(row, options);

    expect((await pool.run(sync)).counts).toMatchObject({ restocked: 0 });
    isThrottled = false;
    expect((await pool.run(sync)).counts).toMatchObject({ restocked: 0, conflicting: 1 });
    expect(pool.row(ROW.sandboxId)?.status).toBe('stale');
  });

  it('gives no guard away while a row with a better claim may be unread', async () => {
    const held = allocatedSandbox({ sandboxId: 'held' });
    seedUnguarded(staleSandbox(), held);
    pool.inventory.silentShards.add('allocated#0');
    for (let shard = 1; shard < SHARD_COUNT; shard += 1)
      pool.inventory.silentShards.add(`allocated#${shard}`);

    expect((await pool.run(sync)).counts).toMatchObject({ restocked: 0 });

    pool.inventory.silentShards.clear();
    await pool.run(sync);
    expect(await pool.inventory.accountHolder(ROW.externalId)).toBe('held');
    expect(pool.row(ROW.sandboxId)?.status).toBe('stale');
  });

  it('writes nothing for a pool that has not changed, in a new process either', async () => {
    seedUnguarded(ROW);
    await pool.run(sync);
    const written = [pool.writeCount, pool.inventory.guardWrites];
    expect(pool.inventory.guardWrites).toBe(1);

    await pool.run(sync);
    await pool.run(new SyncJob(pool.tools));

    expect([pool.writeCount, pool.inventory.guardWrites]).toEqual(written);
  });

  it('asks the table only about rows that it has not seen guarded', async () => {
    let asked = 0;
    pool.inventory.before = (operation) => {
      if (operation === 'guardAccount') asked += 1;
    };
    await pool.run(sync);
    expect(asked).toBe(20);
    pool.rows.seed({ sandboxes: [ROW] }, { unguarded: true });

    await pool.run(sync);

    expect(asked).toBe(21);
  });
});

describe('SyncJob, after a stale row was removed', () => {
  const removeStale = (): Promise<unknown> => pool.run(new AutoDeleteStaleJob(pool.tools, 0));

  it('adds an account again that nobody has used, under another csp_id too', async () => {
    pool.seed(staleSandbox());
    await removeStale();
    pool.csp.has([{ ...ACCOUNT, sandboxId: 'another-csp-id' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 1, conflicting: 0 });
  });

  it('puts no guard for one that is removed while sync runs, so that its account may come back', async () => {
    const stale = staleSandbox();
    pool.seed(stale);
    pool.inventory.before = async (operation, sandboxId) => {
      if (operation === 'guardAccount' && sandboxId === stale.sandboxId) await pool.inventory.remove(stale);
    };
    await pool.run(sync);
    pool.csp.has([ACCOUNT]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 1, conflicting: 0 });
  });

  it('does not add one of which a duplicate was removed', async () => {
    pool.seed(pendingDeletionSandbox(), staleSandbox({ sandboxId: 'duplicate' }));
    await removeStale();
    const used = pool.row(ROW.sandboxId);
    if (used) pool.rows.rows.write(bury(used, pool.now));
    pool.csp.has([{ ...ACCOUNT, sandboxId: 'duplicate' }]);

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0, conflicting: 1 });
  });
});
