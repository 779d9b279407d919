import { setImmediate } from 'node:timers/promises';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import type { SandboxStore, WriteOutcome } from '../../app/store/sandbox-store';
import { fillPool } from '../../local/fill-pool';

const ACCOUNTS = Array.from({ length: 200 }, (_, index) => ({
  sandboxId: String(index),
  externalId: `identity/accounts/${index}`,
  name: `csp-sandbox-${index}`,
}));

/** Just what `fillPool` uses of a store. */
function storeThat(add: (sandbox: AvailableSandbox) => Promise<WriteOutcome>): SandboxStore {
  return { add } as Partial<SandboxStore> as SandboxStore;
}

it('adds every account once, not too many at a time', async () => {
  const added: AvailableSandbox[] = [];
  let inFlight = 0;
  let maxInFlight = 0;
  const store = storeThat(async (sandbox) => {
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    await setImmediate();
    inFlight--;
    added.push(sandbox);
    return { kind: 'written' };
  });

  expect(await fillPool(store, ACCOUNTS)).toBe(200);
  expect(new Set(added.map((sandbox) => sandbox.sandboxId)).size).toBe(200);
  expect(maxInFlight).toBe(32);
  expect(added[0]).toMatchObject({ status: 'available', name: 'csp-sandbox-0' });
});

it('scatters them over the queue', async () => {
  const positions = new Set<number>();
  const store = storeThat((sandbox) => {
    positions.add(sandbox.queuePosition);
    return Promise.resolve({ kind: 'written' });
  });
  await fillPool(store, ACCOUNTS);
  expect(positions.size).toBeGreaterThan(190);
});

it('leaves alone what the table knows, and counts only what is new', async () => {
  const store = storeThat((sandbox) =>
    Promise.resolve({ kind: sandbox.sandboxId === '7' ? 'changed' : 'written' }),
  );
  expect(await fillPool(store, ACCOUNTS)).toBe(199);
});

it('does not pass over one that could not be added', async () => {
  const store = storeThat((sandbox) =>
    Promise.resolve({ kind: sandbox.sandboxId === '7' ? 'throttled' : 'written' }),
  );
  await expect(fillPool(store, ACCOUNTS)).rejects.toThrow(/Sandbox 7 could not be added: throttled/);
});
