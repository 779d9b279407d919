import { CandidateFinder } from '../../app/allocation/candidate-finder';
import type { CspAccount } from '../../app/csp/csp-client';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import { SyncJob } from '../../app/jobs/sync-job';
import {
  availableSandbox,
  availableSandboxes,
  pendingDeletionSandbox,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

const PREFIX = 'team-a-';
const CLEANUP = {
  batchSize: 10,
  batchDelayMs: 0,
  perSandboxDelayMs: 0,
  maxAttempts: 3,
  namePrefix: PREFIX,
};

const unnamed = (account: CspAccount): CspAccount => ({
  ...account,
  name: account.sandboxId,
  isUnnamed: true,
});

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

describe('a pool with a name prefix', () => {
  it('adds its own accounts only, and takes others for neither new nor missing', async () => {
    const sync = new SyncJob(pool.tools, { namePrefix: PREFIX });
    pool.csp.has(availableSandboxes(4, { namePrefix: PREFIX }));
    pool.csp.has(availableSandboxes(50, { namePrefix: 'team-b-', firstId: 4_000_000 }));
    pool.seed(...availableSandboxes(3, { namePrefix: 'team-b-', firstId: 6_000_000 }));

    expect(await pool.run(sync)).toMatchObject({
      outcome: 'success',
      counts: { listed: 4, added: 4, missed: 0 },
    });
    expect(await pool.run(sync)).toMatchObject({ outcome: 'success', counts: { added: 0, stale: 0 } });
  });

  it.each([PREFIX, ''])(
    'keeps the name of a row that one list gives no name (prefix "%s")',
    async (namePrefix) => {
      const sync = new SyncJob(pool.tools, { namePrefix });
      const stale = staleSandbox({ sandboxId: 's', externalId: 'a/s', name: `${PREFIX}s` });
      pool.seedBoth(...availableSandboxes(3, { namePrefix: PREFIX }), stale);
      const names = (): string[] => pool.rows.contents().sandboxes.map(({ name }) => name);
      const before = names();
      pool.csp.list = (accounts) => ({ accounts: accounts.map(unnamed), unusable: [] });

      expect(await pool.run(sync)).toMatchObject({ counts: { updated: 0, restocked: 1, missed: 0 } });

      expect(names()).toEqual(before);
    },
  );

  it('takes an account without a name for new only where all accounts are ours', async () => {
    pool.csp.has(availableSandboxes(1, { namePrefix: PREFIX }));
    pool.csp.list = (accounts) => ({ accounts: accounts.map(unnamed), unusable: [] });

    const added = (namePrefix: string): ReturnType<JobPool['run']> =>
      pool.run(new SyncJob(pool.tools, { namePrefix }));

    expect(await added('2')).toMatchObject({ counts: { listed: 0, added: 0 } });
    expect(await added('')).toMatchObject({ counts: { listed: 1, added: 1 } });
  });

  it.each([availableSandbox({ name: '2009521' }), staleSandbox({ name: '2009521' })])(
    'gives an $status row with a name outside the name of ours that is listed',
    async (row) => {
      pool.seedBoth(row);
      pool.csp.has([{ ...row, name: `${PREFIX}1` }]);

      await pool.run(new SyncJob(pool.tools, { namePrefix: PREFIX }));

      expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', name: `${PREFIX}1` });
    },
  );

  it('deletes an account of ours that is listed without a name', async () => {
    const row = pendingDeletionSandbox({ name: `${PREFIX}1`, nextAttemptAt: 0 });
    pool.seedBoth(row);
    pool.csp.has(availableSandboxes(1));
    pool.csp.list = (accounts) => ({ accounts: accounts.map(unnamed), unusable: [] });

    expect((await pool.run(new CleanupJob(pool.tools, CLEANUP))).counts).toMatchObject({ deleted: 1 });
  });

  it('believes no list that names the accounts of others alone', async () => {
    pool.seed(...availableSandboxes(5, { namePrefix: PREFIX }));
    pool.csp.has(availableSandboxes(50, { namePrefix: 'team-b-', firstId: 4_000_000 }));

    expect((await pool.run(new SyncJob(pool.tools, { namePrefix: PREFIX }))).outcome).toBe('guarded');
  });

  it.each([
    ['the row', 'team-b-1', 'team-a-1'],
    ['the listed account', 'team-a-1', 'team-b-1'],
  ])('deletes no account when the name of %s lies outside', async (_what, name, listedName) => {
    const row = pendingDeletionSandbox({ name, nextAttemptAt: 0 });
    const own = pendingDeletionSandbox({
      sandboxId: 'own',
      externalId: 'identity/accounts/own',
      name: `${PREFIX}own`,
      nextAttemptAt: 0,
    });
    pool.seedBoth(row, own);
    pool.csp.has([{ ...row, name: listedName }]);

    const report = await pool.run(new CleanupJob(pool.tools, CLEANUP));

    expect(report.counts).toMatchObject({ skipped: 1 });
    expect(pool.csp.deleteAttempts).toEqual([own.externalId]);
    expect(pool.row(row.sandboxId)).toEqual(row);
  });

  it('confirms deletions although accounts of another pool are gone, which its sync never marks', async () => {
    const own = pendingDeletionSandbox({ name: `${PREFIX}own`, nextAttemptAt: 0 });
    pool.seedBoth(own);
    pool.seed(
      availableSandbox({ sandboxId: 'other', name: 'team-b-1', externalId: 'identity/accounts/other' }),
    );
    pool.csp.has(availableSandboxes(1));

    expect((await pool.run(new CleanupJob(pool.tools, CLEANUP))).counts).toMatchObject({ deleted: 1 });
  });

  it.each([
    [undefined, 'mine'],
    ['team', 'mine'],
    [`${PREFIX}x`, 'empty'],
    ['team-b-', 'empty'],
  ])('gives its own to those who ask for the prefix %s', async (namePrefix, expected) => {
    pool.seed(
      availableSandbox({ sandboxId: 'mine', name: `${PREFIX}1` }),
      availableSandbox({ sandboxId: 'other', name: 'team-b-1', externalId: 'identity/accounts/other' }),
    );
    const finder = new CandidateFinder(pool.rows, pool.clock, () => 0.5, { poolNamePrefix: PREFIX });
    const { signal } = new AbortController();

    const first = await pool.clock.passUntil(finder.take(namePrefix, signal));

    expect(typeof first === 'string' ? first : first.sandboxId).toBe(expected);
  });
});

describe('cleanup, on rows that share an account', () => {
  it('deletes no account that belongs to another row', async () => {
    const held = availableSandbox({ sandboxId: 'holder' });
    const duplicate = pendingDeletionSandbox({ nextAttemptAt: 0 });
    pool.seedBoth(held, duplicate);

    const report = await pool.run(new CleanupJob(pool.tools, { ...CLEANUP, namePrefix: '' }));

    expect(report.counts).toMatchObject({ deleted: 0, skipped: 1 });
    expect(pool.csp.deleteAttempts).toEqual([]);
  });

  it('leaves an account that nobody has guarded to the sync that finds out whose it is', async () => {
    const row = pendingDeletionSandbox({ nextAttemptAt: 0 });
    pool.rows.seed({ sandboxes: [row] }, { unguarded: true });
    pool.csp.has([row]);
    const cleanup = new CleanupJob(pool.tools, { ...CLEANUP, namePrefix: '' });

    expect((await pool.run(cleanup)).counts).toMatchObject({ deleted: 0, skipped: 1 });
    await pool.run(new SyncJob(pool.tools));
    expect((await pool.run(cleanup)).counts).toMatchObject({ skipped: 0, deleted: 1 });
  });
});
