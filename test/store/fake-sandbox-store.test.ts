import { shardOf } from '../../app/store/table';
import { FakeClock } from '../fakes/fake-clock';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { allocate } from '../../app/allocation/transitions';
import { availableSandbox, SAMPLE_ALLOCATION } from '../fakes/sandbox-samples';
import { describeSandboxStore } from './sandbox-store-contract';

describeSandboxStore('FakeSandboxStore', () => {
  const store = new FakeSandboxStore();
  return Promise.resolve({
    store,
    seed: (contents) => {
      store.seed(contents);
      return Promise.resolve();
    },
    contents: () => Promise.resolve(store.contents()),
  });
});

describe('FakeSandboxStore', () => {
  const sandbox = availableSandbox();
  const shard = shardOf(sandbox.sandboxId);
  const wholeShard = { by: 'queuePosition', shard, from: 0, to: 2 ** 32 - 1 } as const;

  // In a test of its own, and not in the contract: the local engine's begins_with ignores case. DynamoDB's does not.
  it('tells upper and lower case apart in a name prefix', async () => {
    const store = new FakeSandboxStore();
    store.seed({ sandboxes: [sandbox] });
    const segment = { by: 'name', shard, descending: false } as const;

    expect((await store.findAvailable({ ...segment, prefix: 'csp' }, { limit: 1 })).items).toEqual([sandbox]);
    expect((await store.findAvailable({ ...segment, prefix: 'CSP' }, { limit: 1 })).items).toEqual([]);
  });

  it('lists what was taken for as long as its index lags, and what is new only then', async () => {
    const clock = new FakeClock();
    const store = new FakeSandboxStore({ clock, indexLagMs: () => 2_000 });
    store.seed({ sandboxes: [sandbox] });
    const added = { ...sandbox, sandboxId: 'added', externalId: 'identity/accounts/added' };
    const segment = { ...wholeShard, shard: shardOf('added') };

    await store.allocate(sandbox, allocate(sandbox, SAMPLE_ALLOCATION));
    await store.add(added);
    await clock.advance(1_999);
    expect((await store.findAvailable(wholeShard, { limit: 1 })).items).toEqual([sandbox]);
    expect((await store.findAvailable(segment, { limit: 1 })).items).not.toContainEqual(added);

    await clock.advance(1);
    expect((await store.findAvailable(wholeShard, { limit: 1 })).items).not.toContainEqual(sandbox);
    expect((await store.findAvailable(segment, { limit: 1 })).items).toEqual([added]);
  });
});
