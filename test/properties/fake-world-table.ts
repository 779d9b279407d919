import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakeJobStore } from '../fakes/fake-job-store';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import type { WorldTable, WorldTableOptions } from './pool-world';

/** A world's table in memory. */
export interface FakeWorldTable extends WorldTable {
  store: FakeSandboxStore;
}

export function newFakeWorldTable({ nowMs, indexLagMs, pool }: WorldTableOptions): Promise<FakeWorldTable> {
  const store = new FakeSandboxStore({ clock: { nowMs }, indexLagMs });
  store.seed(pool);
  return Promise.resolve({
    store,
    ports: { store, inventory: new FakeInventoryStore(store), jobStore: new FakeJobStore() },
    row: (sandboxId) => Promise.resolve(structuredClone(store.rows.current(sandboxId))),
    contents: () => Promise.resolve(store.contents()),
    forget: (sandboxId) => {
      store.rows.erase(sandboxId);
      return Promise.resolve();
    },
    isCheapToRead: true,
  });
}
