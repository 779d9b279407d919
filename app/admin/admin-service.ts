import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { PendingDeletionSandbox, Sandbox } from '../allocation/sandbox';
import { abandon, retryDeletion } from '../allocation/transitions';
import { SandboxNotFoundError, DeletionNotFailedError, ServiceUnavailableError } from '../errors';
import { writePatiently } from '../jobs/write-patiently';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import type { SandboxStore, StatusCounts } from '../store/sandbox-store';
import { listSandboxes, type SandboxFilter, type SandboxList } from './sandbox-list';

export interface AdminDependencies {
  store: SandboxStore;
  inventory: InventoryStore;
  clock: Clock;
  random: Random;
}

/** Counts over the whole table. */
export interface PoolStats {
  total: number;
  byStatus: StatusCounts;
  /** Of `deletion_failed`: those that no job tries any more. */
  givenUp: number;
}

/** What the rows of these two statuses stand for is gone, or beyond our reach; all others are somebody's. */
export const BULK_DELETABLE = ['stale', 'deletion_failed'] as const;

/** What admins may see and do with the pool, beyond running jobs. */
export class AdminService {
  constructor(private readonly deps: AdminDependencies) {}

  /** Counts every row, whatever the table's size. */
  async stats(): Promise<PoolStats> {
    const { store, inventory } = this.deps;
    const [byStatus, givenUp] = await Promise.all([store.countByStatus(), inventory.countGivenUp()]);
    return { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0), byStatus, givenUp };
  }

  /** Throws ValidationError for a bad cursor. */
  async list(filter: SandboxFilter, limit: number, cursor: string | undefined): Promise<SandboxList> {
    return listSandboxes(this.deps.inventory, filter, limit, cursor);
  }

  /**
   * One sandbox, as the table has it at this moment.
   *
   * @throws SandboxNotFoundError, for a tombstone too.
   */
  async get(sandboxId: string): Promise<Sandbox> {
    const sandbox = await this.deps.store.getSandbox(sandboxId);
    if (!sandbox || sandbox.status === 'deleted') throw new SandboxNotFoundError();
    return sandbox;
  }

  /**
   * Gives a sandbox whose deletion failed all its attempts anew.
   *
   * @throws SandboxNotFoundError, DeletionNotFailedError for one in another status.
   */
  async retryDeletion(sandboxId: string): Promise<PendingDeletionSandbox> {
    const { store, inventory, clock } = this.deps;
    const sandbox = await store.getSandbox(sandboxId);
    if (!sandbox || sandbox.status === 'deleted') throw new SandboxNotFoundError();
    if (sandbox.status !== 'deletion_failed') throw new DeletionNotFailedError(sandbox.status);
    const after = retryDeletion(sandbox, nowSeconds(clock));
    const outcome = await writePatiently(() => inventory.save(sandbox, after), this.deps);
    if (outcome.kind === 'written') return after;
    // It moved on between our two looks, or the table is too busy: asking again tells.
    throw new ServiceUnavailableError();
  }

  /**
   * Removes the rows of a status from the table; the portal is not touched. Stale rows are removed for good. Those
   * whose deletion failed become tombstones for ever: their accounts may still be in the portal, and no sync may ever
   * hand a used account to the next student.
   *
   * @param budgetMs after which it begins no further row, so that its answer is in time.
   * @returns how many rows are gone, and whether all were looked at. If not, the next call goes on.
   */
  async bulkDelete(
    status: (typeof BULK_DELETABLE)[number],
    budgetMs = Infinity,
  ): Promise<{ deleted: number; isComplete: boolean }> {
    const { inventory, clock } = this.deps;
    const endMs = clock.monotonicMs() + budgetMs;
    let deleted = 0;
    for await (const rows of rowsByStatus(inventory, status)) {
      for (const row of rows) {
        if (row.status !== 'stale' && row.status !== 'deletion_failed') continue;
        if (clock.monotonicMs() >= endMs) return { deleted, isComplete: false };
        const outcome = await writePatiently(
          () =>
            row.status === 'stale'
              ? inventory.remove(row)
              : inventory.save(row, abandon(row, nowSeconds(clock))),
          this.deps,
        );
        if (outcome.kind === 'written') deleted += 1;
      }
    }
    return { deleted, isComplete: true };
  }
}
