import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { describeInventoryStore } from './inventory-store-contract';

describeInventoryStore('FakeInventoryStore', () => {
  const store = new FakeSandboxStore();
  return Promise.resolve({
    store,
    inventory: new FakeInventoryStore(store),
    seed: (contents) => {
      store.seed(contents);
      return Promise.resolve();
    },
    seedUnguarded: (sandboxes) => {
      store.seed({ sandboxes }, { unguarded: true });
      return Promise.resolve();
    },
    contents: () => Promise.resolve(store.contents()),
  });
});
