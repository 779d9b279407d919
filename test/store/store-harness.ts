import type { Sandbox } from '../../app/allocation/sandbox';
import type { InventoryStore } from '../../app/store/inventory-store';
import type { SandboxStore } from '../../app/store/sandbox-store';
import type { PoolContents } from '../fakes/pool-invariants';

/** A store under test, and a way behind its back. */
export interface StoreHarness {
  store: SandboxStore;
  /** Puts rows as they are, in states that the port has no way to make. */
  seed: (contents: Partial<PoolContents>) => Promise<void>;
  /** Everything in the table. */
  contents: () => Promise<PoolContents>;
}

/** A store under test, and what else is at the same rows. */
export interface InventoryHarness extends StoreHarness {
  inventory: InventoryStore;
  /** Puts rows as an earlier release did, without the guards of their accounts. */
  seedUnguarded: (sandboxes: Sandbox[]) => Promise<void>;
}

/** Makes a new, empty store. Called once a test. */
export type NewStoreHarness = () => Promise<StoreHarness>;
