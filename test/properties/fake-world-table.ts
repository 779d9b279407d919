import type { Sandbox } from '../../app/allocation/sandbox';
import type { InventoryStore } from '../../app/store/inventory-store';
import type { JobRun } from '../../app/store/job-store';
import { RowRefusedError, type SandboxStore } from '../../app/store/sandbox-store';
import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakeJobStore } from '../fakes/fake-job-store';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import type { WorldTable, WorldTableOptions } from './pool-world';
import type { StoredDamage } from './stored-damage';

/** A world's table in memory. */
export interface FakeWorldTable extends WorldTable {
  store: FakeSandboxStore;
}

export function newFakeWorldTable({
  nowMs,
  indexLagMs,
  pool,
  hasGuards,
}: WorldTableOptions): Promise<FakeWorldTable> {
  const store = new FakeSandboxStore({ clock: { nowMs }, indexLagMs });
  store.seed(pool, { unguarded: !hasGuards });
  const inventory = new FakeInventoryStore(store);
  const jobStore = new FakeJobStore();
  let refused: string | undefined;
  /** DynamoDB takes no text that is not well formed, and no row that it has something against. */
  const refuseUnwritable = (row: Sandbox): void => {
    if (row.sandboxId === refused || !isWellFormed(row.name))
      throw new RowRefusedError('write', { cause: new Error('injected') });
  };
  const picky = {
    add: (...args: Parameters<SandboxStore['add']>) => {
      refuseUnwritable(args[0]);
      return store.add(...args);
    },
    save: (...args: Parameters<InventoryStore['save']>) => {
      refuseUnwritable(args[1]);
      return inventory.save(...args);
    },
  };
  return Promise.resolve({
    store,
    ports: {
      store: withMethods(store, { add: picky.add }),
      inventory: withMethods(inventory, { save: picky.save }),
      jobStore,
    },
    row: (sandboxId) => Promise.resolve(structuredClone(store.rows.current(sandboxId))),
    contents: () => Promise.resolve(store.contents()),
    forget: (sandboxId) => {
      store.rows.erase(sandboxId);
      return Promise.resolve();
    },
    damage: (damage) => put(damage, store, jobStore),
    refuse: (sandboxId) => {
      refused = sandboxId;
    },
    refusedRow: () => refused,
    isCheapToRead: true,
  });
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

/** Rows that cannot be read are the engine's business: these are objects. */
async function put(damage: StoredDamage, store: FakeSandboxStore, jobStore: FakeJobStore): Promise<boolean> {
  switch (damage.kind) {
    case 'due time': {
      const run = (await jobStore.getRun(damage.job)) ?? emptyRun(damage.job);
      jobStore.seedRun({ ...run, nextDueAt: Math.floor(damage.atMs / 1000) });
      return true;
    }
    case 'lease':
      jobStore.seedLease({ job: damage.job, holder: 'somebody', fencingNumber: 1, expiresAtMs: damage.atMs });
      return true;
    case 'attempt time': {
      const row = store.rows.current(damage.sandboxId);
      if (!row || !('nextAttemptAt' in row)) return false;
      store.rows.write({ ...row, nextAttemptAt: Math.floor(damage.atMs / 1000) });
      return true;
    }
    case 'outcome':
    case 'runner':
    case 'status':
    case 'broken row':
      return false;
  }
}

function emptyRun(job: JobRun['job']): JobRun {
  return {
    job,
    startedAt: 0,
    durationMs: 0,
    outcome: 'success',
    counts: {},
    runBy: 'somebody',
    nextDueAt: 0,
  };
}

/** The same store, with some of its methods replaced. */
function withMethods<Store extends object>(inner: Store, methods: Partial<Store>): Store {
  return new Proxy(inner, {
    get: (_target, name) => {
      const own = methods[name as keyof Store];
      if (own !== undefined) return own;
      const method: unknown = Reflect.get(inner, name, inner);
      return typeof method === 'function' ? (method.bind(inner) as unknown) : method;
    },
  });
}
