import { allocate, bury, requestDeletion } from '../../app/allocation/transitions';
import type { Sandbox } from '../../app/allocation/sandbox';
import { SyncJob } from '../../app/jobs/sync-job';
import type { SandboxStore } from '../../app/store/sandbox-store';
import { poolViolations } from '../fakes/pool-invariants';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  deletedSandbox,
  deletionFailedSandbox,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

let pool: JobPool;
let sync: SyncJob;

beforeEach(() => {
  pool = new JobPool();
  sync = new SyncJob(pool.tools);
});

/** Enough that the portal lists for the list to be believed. */
function fill(): void {
  pool.seedBoth(...availableSandboxes(20));
}

describe('SyncJob, on what is not its own', () => {
  const notItsOwn: Sandbox[] = [
    allocatedSandbox(),
    pendingDeletionSandbox(),
    deletionFailedSandbox(),
    deletedSandbox(),
  ];

  it.each(notItsOwn)('touches no $status row that the portal lists otherwise', async (row) => {
    fill();
    pool.seed(row);
    pool.csp.has([{ ...row, name: 'new-name', externalId: 'identity/accounts/new' }]);

    await pool.run(sync);
    await pool.run(sync);

    expect(pool.row(row.sandboxId)).toEqual(row);
  });

  it.each(notItsOwn)('touches no $status row that the portal does not list', async (row) => {
    fill();
    pool.seed(row);

    for (let time = 1; time <= 3; time += 1) await pool.run(sync);

    expect(pool.row(row.sandboxId)).toEqual(row);
    expect(pool.writeCount).toBe(0);
  });

  it('does not bring back what was deleted after the list was made', async () => {
    fill();
    const row = pendingDeletionSandbox();
    pool.seedBoth(row);
    // The list has it, and then the row is buried while the answer is on its way.
    const list = await pool.csp.listSandboxes();
    pool.csp.listSandboxes = () => {
      pool.rows.rows.write(bury(row, pool.now));
      return Promise.resolve(list);
    };

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0 });
    expect(pool.row(row.sandboxId)?.status).toBe('deleted');
  });

  it('does not bring back what was deleted while it read the table', async () => {
    fill();
    const row = pendingDeletionSandbox();
    pool.seedBoth(row);
    pool.inventory.before = (operation) => {
      if (operation === 'listByStatus' && pool.row(row.sandboxId)?.status === 'pending_deletion') {
        pool.rows.rows.write(bury(row, pool.now));
      }
    };

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0 });
    expect(pool.row(row.sandboxId)?.status).toBe('deleted');
  });
});

describe('SyncJob, with indexes that lag', () => {
  beforeEach(async () => {
    pool = new JobPool({ indexLagMs: () => 5_000 });
    sync = new SyncJob(pool.tools);
    fill();
    await pool.clock.advance(60_000);
  });

  it('leaves a row to its student that the index still calls available', async () => {
    const row = availableSandbox();
    pool.seed(row);
    const allocated = allocate(row, SAMPLE_ALLOCATION);
    await pool.rows.allocate(row, allocated);

    // Missing in the portal, and then listed under another name.
    expect((await pool.run(sync)).counts).toMatchObject({ missed: 0 });
    pool.csp.has([{ ...row, name: 'new-name' }]);
    expect((await pool.run(sync)).counts).toMatchObject({ updated: 0 });

    expect(pool.row(row.sandboxId)).toEqual(allocated);
  });

  it('does not add a second time what the index does not know yet', async () => {
    pool.csp.has([{ sandboxId: 'new', externalId: 'a/new', name: 'new' }]);
    await pool.run(sync);
    const added = pool.row('new');

    expect((await pool.run(sync)).counts).toMatchObject({ added: 0 });
    expect(pool.row('new')).toEqual(added);
  });

  it('does not bring back a tombstone that the index still calls pending', async () => {
    const row = pendingDeletionSandbox();
    pool.seedBoth(row);
    pool.rows.rows.write(bury(row, pool.now));

    await pool.run(sync);

    expect(pool.row(row.sandboxId)?.status).toBe('deleted');
  });

  it('does not count a miss twice while the index shows it only once', async () => {
    const row = availableSandbox();
    pool.seed(row);
    await pool.run(sync);

    expect((await pool.run(sync)).counts).toMatchObject({ missed: 0, stale: 0 });
    expect(pool.row(row.sandboxId)).toMatchObject({ status: 'available', missedSyncs: 1 });
  });
});

describe('SyncJob, beside a running API', () => {
  it.each([
    ['corrects it', true],
    ['marks it missing', false],
  ])('loses to an allocation that comes just before it %s', async (_what, isListed) => {
    fill();
    const row = availableSandbox();
    pool.seed(row);
    if (isListed) pool.csp.has([{ ...row, name: 'new-name' }]);
    const allocated = allocate(row, SAMPLE_ALLOCATION);
    pool.inventory.before = async (operation) => {
      if (operation === 'save') await pool.rows.allocate(row, allocated);
    };

    const report = await pool.run(sync);

    expect(report).toMatchObject({ outcome: 'success', counts: { updated: 0, missed: 0, stale: 0 } });
    expect(pool.row(row.sandboxId)).toEqual(allocated);
    expect(poolViolations(pool.rows.contents())).toEqual([]);
  });

  it('never makes an allocated sandbox available while 500 are taken and given back', async () => {
    const rows = availableSandboxes(1_000);
    pool.seed(...rows);
    pool.csp.has(rows.map((row, index) => (index % 2 === 0 ? { ...row, name: 'new-name' } : row)));
    const taken = new Map<string, Sandbox>();
    let next = 0;
    pool.inventory.before = async () => {
      const row = rows[next];
      next += 1;
      if (!row || next > 500) return;
      const who = { ...SAMPLE_ALLOCATION, caller: row.sandboxId, idempotencyKey: row.sandboxId };
      const allocated = allocate(row, who);
      const outcome = await pool.rows.allocate(row, allocated);
      if (outcome.kind !== 'allocated') return;
      const isGivenBack = next % 3 === 0;
      const released = requestDeletion(allocated, pool.now);
      if (isGivenBack) await pool.rows.endAllocation(allocated, released);
      taken.set(row.sandboxId, isGivenBack ? released : allocated);
    };

    await pool.run(sync);

    expect(taken.size).toBeGreaterThan(100);
    for (const [id, row] of taken) expect(pool.row(id)).toEqual(row);
    expect(poolViolations(pool.rows.contents())).toEqual([]);
  });

  it('waits patiently while the table is too busy', async () => {
    pool.csp.has([{ sandboxId: 'new', externalId: 'a/new', name: 'new' }]);
    let refusals = 3;
    pool.nextFault = (operation) => {
      if (operation !== 'add' || refusals === 0) return undefined;
      refusals -= 1;
      return 'throttled';
    };

    expect((await pool.run(sync)).counts).toMatchObject({ added: 1 });
    expect(pool.store.callCounts.add).toBe(4);
  });
});

describe('SyncJob, told to stop', () => {
  it('begins no further write', async () => {
    pool.csp.has(availableSandboxes(500));
    const abort = new AbortController();
    pool.nextFault = () => {
      if (pool.store.callCounts.add === 40) abort.abort();
      return undefined;
    };

    const report = await pool.run(sync, { signal: abort.signal });

    expect(report.outcome).toBe('stopped');
    expect(report.counts.added).toBe(pool.store.callCounts.add);
    expect(pool.store.callCounts.add).toBeLessThan(60);
    expect((await pool.run(sync)).counts.added).toBe(500 - (report.counts.added ?? 0));
  });

  it('gives up the list', async () => {
    const abort = new AbortController();
    pool.csp.before = () => {
      abort.abort();
    };
    pool.csp.has(availableSandboxes(5));

    await expect(pool.run(sync, { signal: abort.signal })).rejects.toThrow();
    expect(pool.writeCount).toBe(0);
  });

  it('shows progress with the list, every page and every write', async () => {
    pool.csp.has(availableSandboxes(30));

    await pool.run(sync);

    expect(pool.progressCount).toBeGreaterThanOrEqual(31);
  });
});

describe('SyncJob, when the table stops answering', () => {
  // Else the lease is given back, and the run recorded as over, while hundreds of writes are still to come.
  it('ends only when none of its writes is under way or still to come', async () => {
    pool.csp.has(availableSandboxes(300));
    pool.nextFault = () => (pool.store.callCounts.add >= 5 ? 'unavailable' : undefined);
    const slowStore: Pick<SandboxStore, 'add' | 'getSandbox'> = {
      getSandbox: (sandboxId) => pool.store.getSandbox(sandboxId),
      add: async (sandbox) => {
        await pool.clock.sleep(10);
        return pool.store.add(sandbox);
      },
    };
    const slowSync = new SyncJob({ ...pool.tools, store: slowStore });

    expect(await pool.run(slowSync)).toMatchObject({ outcome: 'unavailable', cause: 'table' });

    const writesByThen = pool.store.callCounts.add;
    // Those that were under way, sixteen at a time, and none of the others.
    expect(writesByThen).toBeLessThanOrEqual(32);
    await pool.clock.advance(60_000);
    expect(pool.store.callCounts.add).toBe(writesByThen);
  });

  it('does the rest the next time', async () => {
    pool.csp.has(availableSandboxes(50));
    pool.nextFault = () => (pool.store.callCounts.add === 5 ? 'answer_lost' : undefined);
    expect(await pool.run(sync)).toMatchObject({ outcome: 'unavailable', counts: { added: 49 } });

    expect((await pool.run(sync)).outcome).toBe('success');
    expect(pool.statuses()).toEqual({ available: 50 });
  });
});
