import { accountKey } from '../allocation/account-key';
import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { DeletionFailedSandbox, Sandbox, SandboxInDeletion } from '../allocation/sandbox';
import { bury, retryDeletion } from '../allocation/transitions';
import {
  SandboxNotFoundError,
  DeletionNotFailedError,
  SandboxUnreadableError,
  ServiceUnavailableError,
} from '../errors';
import type { PortalCheck } from '../jobs/portal-check';
import { RowWriter } from '../jobs/row-writer';
import { TableFaults } from '../jobs/table-faults';
import { writePatiently } from '../jobs/write-patiently';
import type { Logger } from '../logger';
import { rowsByStatus, UnreadShards, type InventoryStore } from '../store/inventory-store';
import { CorruptItemError } from '../store/items';
import {
  COUNTED_STATUSES,
  StoreUnavailableError,
  type KnownCounts,
  type SandboxStore,
  type WriteOutcome,
} from '../store/sandbox-store';
import { listSandboxes, type SandboxFilter, type SandboxList } from './sandbox-list';

export interface AdminDependencies {
  store: SandboxStore;
  inventory: InventoryStore;
  portal: Pick<PortalCheck, 'fault'>;
  clock: Clock;
  random: Random;
  logger: Pick<Logger, 'error' | 'warn'>;
}

/** Rows that a bulk deletion removed, and those that the table refused to change. */
export interface BulkDeletion {
  deleted: number;
  refused: number;
  /** False if its time was over before all rows were looked at. */
  isComplete: boolean;
}

/** Counts over the whole table. What could not be counted is absent. */
export interface PoolStats {
  /** Absent unless every status was counted. */
  total?: number;
  byStatus: KnownCounts;
  /** Of `deletion_failed`: those that no job tries any more. */
  givenUp?: number;
}

/**
 * What the rows of these two statuses stand for is gone, or beyond our reach; all others are somebody's. Rows in
 * `deletion_unconfirmed` are still being worked on: they become tombstones, or `deletion_failed`.
 */
export const BULK_DELETABLE = ['stale', 'deletion_failed'] as const;

/** What admins may see and do with the pool, beyond running jobs. */
export class AdminService {
  constructor(private readonly deps: AdminDependencies) {}

  /**
   * Counts every row, whatever the table's size.
   *
   * @throws StoreUnavailableError if no status could be counted.
   */
  async stats(): Promise<PoolStats> {
    const [byStatus, givenUp] = await Promise.all([this.deps.store.countByStatus(), this.#countGivenUp()]);
    const isWhole = COUNTED_STATUSES.every((status) => byStatus[status] !== undefined);
    return {
      ...(isWhole ? { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0) } : {}),
      byStatus,
      ...(givenUp === undefined ? {} : { givenUp }),
    };
  }

  /** `undefined` when the table did not answer. */
  async #countGivenUp(): Promise<number | undefined> {
    try {
      return await this.deps.inventory.countGivenUp();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.deps.logger.warn({ err: error }, 'could not count the deletions that were given up');
      return undefined;
    }
  }

  /** Throws ValidationError for a bad cursor. */
  async list(filter: SandboxFilter, limit: number, cursor: string | undefined): Promise<SandboxList> {
    return listSandboxes(this.deps.inventory, filter, limit, cursor);
  }

  /**
   * One sandbox, as the table has it at this moment.
   *
   * @throws SandboxNotFoundError, for a tombstone too; SandboxUnreadableError
   */
  async get(sandboxId: string): Promise<Sandbox> {
    const sandbox = await this.#read(sandboxId);
    if (!sandbox || sandbox.status === 'deleted') throw new SandboxNotFoundError();
    return sandbox;
  }

  async #read(sandboxId: string): Promise<Sandbox | undefined> {
    try {
      return await this.deps.store.getSandbox(sandboxId);
    } catch (error) {
      if (error instanceof CorruptItemError) throw new SandboxUnreadableError(error.message);
      throw error;
    }
  }

  /**
   * Gives a sandbox whose deletion failed, or is unconfirmed, all its attempts anew, the first at once. One that is
   * unconfirmed stays so: the next list may confirm it without another attempt.
   *
   * @throws SandboxNotFoundError, SandboxUnreadableError, DeletionNotFailedError for one in another status.
   */
  async retryDeletion(sandboxId: string): Promise<SandboxInDeletion> {
    const { inventory, clock } = this.deps;
    const sandbox = await this.#read(sandboxId);
    if (!sandbox || sandbox.status === 'deleted') throw new SandboxNotFoundError();
    if (sandbox.status !== 'deletion_failed' && sandbox.status !== 'deletion_unconfirmed')
      throw new DeletionNotFailedError(sandbox.status);
    const after = retryDeletion(sandbox, nowSeconds(clock));
    const outcome = await writePatiently(() => inventory.save(sandbox, after), this.deps);
    if (outcome.kind === 'written') return after;
    // It moved on between our two looks, or the table is too busy: asking again tells.
    throw new ServiceUnavailableError();
  }

  /**
   * Removes the rows of a status from the table; the portal is not touched. Stale rows are removed for good. Those
   * whose deletion failed become tombstones for ever: their accounts may still be in the portal, and no sync may ever
   * hand a used account to the next student. In a table that does not belong to our portal, or was copied from another
   * one, no stale row is removed: it may have been given out since.
   *
   * @param budgetMs after which it begins no further row, so that its answer is in time.
   * @returns how many rows are gone, how many the table refused to change (those are in the log), and whether all were
   * looked at. If not, the next call goes on.
   * @throws ServiceUnavailableError with these numbers, when some shard or row did not answer; all others were worked on. And
   * before it begins, for stale rows of a table that has to be initialised first.
   */
  async bulkDelete(status: (typeof BULK_DELETABLE)[number], budgetMs = Infinity): Promise<BulkDeletion> {
    const { inventory, clock } = this.deps;
    const fault = status === 'stale' ? await this.deps.portal.fault() : undefined;
    if (fault !== undefined) throw new ServiceUnavailableError(fault, { deleted: 0, refused: 0 });
    const writer = new RowWriter(this.deps);
    const endMs = clock.monotonicMs() + budgetMs;
    const unread = new UnreadShards();
    const faults = new TableFaults(this.deps.logger);
    let deleted = 0;
    for await (const rows of rowsByStatus(inventory, status, { unread })) {
      for (const row of rows) {
        if (row.status !== 'stale' && row.status !== 'deletion_failed') continue;
        if (clock.monotonicMs() >= endMs) {
          return { deleted, refused: writer.refusedCount, isComplete: false };
        }
        const outcome = await faults.attempt(row.sandboxId, () =>
          writer.write(row.sandboxId, () =>
            row.status === 'stale' ? inventory.remove(row) : this.#bury(row),
          ),
        );
        if (outcome?.kind === 'written') deleted += 1;
        if (faults.isTableDown) break;
      }
      if (faults.isTableDown) break;
    }
    const { refusedCount: refused } = writer;
    if (unread.count === 0 && faults.count === 0) return { deleted, refused, isComplete: true };
    const why = unread.count > 0 ? unread.message : faults.message;
    throw new ServiceUnavailableError(`${why} Repeat the call for the rest.`, { deleted, refused });
  }

  /**
   * Turns a row into a tombstone and sees that its account is guarded before: a row of an earlier release may have no
   * guard yet, and its account would come back as new under another `csp_id`.
   */
  async #bury(row: DeletionFailedSandbox): Promise<WriteOutcome> {
    const { inventory, clock } = this.deps;
    // An id that ends in no account key names no account that a list could bring back.
    if (accountKey(row.externalId) !== undefined) {
      const { kind } = await inventory.guardAccount(row);
      if (kind === 'conflict' || kind === 'throttled') return { kind };
    }
    return inventory.save(row, bury(row, nowSeconds(clock)));
  }
}
