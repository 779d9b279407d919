import pLimit from 'p-limit';
import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { AvailableSandbox, StaleSandbox } from '../allocation/sandbox';
import { confirm, miss, restock, stock } from '../allocation/transitions';
import {
  CspCircuitOpenError,
  CspUnavailableError,
  type CspAccount,
  type CspClient,
  type PortalList,
} from '../csp/csp-client';
import { rowsByStatus, UnreadShards, type InventoryStore, type ListedStatus } from '../store/inventory-store';
import type { SandboxStore, WriteOutcome } from '../store/sandbox-store';
import { QUEUE_POSITION_LIMIT } from '../store/table';
import { concludePass } from './conclude-pass';
import type { Job, JobContext, JobReport } from './job';
import { ListedTombstones } from './listed-tombstones';
import { RowWriter } from './row-writer';
import { writePatiently } from './write-patiently';

/** Gentle enough to leave the table to the students. */
const CONCURRENT_WRITES = 16;
/** With less of what we know than this, the list is not to be believed. */
const MIN_LISTED_SHARE = 0.5;

/** What the portal should list: everything that has not gone stale, and whose deletion it has not been asked for. */
const EXPECTED: readonly ListedStatus[] = ['available', 'allocated', 'pending_deletion', 'deletion_failed'];

export interface SyncDependencies {
  csp: CspClient;
  store: Pick<SandboxStore, 'add' | 'getSandbox'>;
  inventory: Pick<InventoryStore, 'listByStatus' | 'save'>;
  clock: Clock;
  random: Random;
}

/** A write, and what to count when it is made. */
interface PlannedWrite<Count> {
  count: Count;
  write: () => Promise<WriteOutcome>;
}

/** What one pass over the table found. */
interface Comparison {
  /** Rows that the portal should list. */
  expectedCount: number;
  /** Rows that it does list. Tombstones are none of them: their accounts may be listed for ever. */
  listedCount: number;
  /** Accounts that the table does not know, as far as the index tells. */
  unknown: Map<string, CspAccount>;
  available: { sandbox: AvailableSandbox; account: CspAccount | undefined }[];
  stale: { sandbox: StaleSandbox; account: CspAccount }[];
}

/**
 * Brings the pool into line with the portal's list: new accounts are added, changed ones corrected, returned ones
 * restocked, and those missing twice in a row marked stale. Writes only rows that change, and never touches one that
 * is allocated, about to be deleted, or a tombstone. A list that is empty, or has less than half of what is known (the
 * accounts of tombstones do not count), marks nothing.
 */
export class SyncJob implements Job {
  readonly name = 'sync';

  constructor(private readonly deps: SyncDependencies) {}

  async run(context: JobContext): Promise<JobReport> {
    const list = await this.#list(context);
    if ('outcome' in list) return list;
    const { accounts } = list;
    const unread = new UnreadShards();
    const comparison = await this.#compare(accounts, unread, context.onProgress);
    const { expectedCount, listedCount, unknown, available, stale } = comparison;
    const now = nowSeconds(this.deps.clock);
    const counts = {
      listed: accounts.length,
      added: 0,
      updated: 0,
      restocked: 0,
      missed: 0,
      stale: 0,
      listed_after_deletion: 0,
    };
    const { store, inventory } = this.deps;
    const writer = new RowWriter({ ...this.deps, logger: context.logger });
    const tombstones = new ListedTombstones({ ...this.deps, writer });

    const writes: PlannedWrite<keyof typeof counts>[] = [];
    for (const account of unknown.values()) {
      const sandbox = stock(account, this.#queuePosition(), now);
      const write = async (): Promise<WriteOutcome> => {
        const outcome = await store.add(sandbox);
        if (outcome.kind === 'changed') await tombstones.note(sandbox.sandboxId);
        return outcome;
      };
      writes.push({ count: 'added', write });
    }
    for (const { sandbox, account } of stale) {
      const after = restock(sandbox, account, this.#queuePosition(), now);
      writes.push({ count: 'restocked', write: () => inventory.save(sandbox, after) });
    }
    for (const { sandbox, account } of available) {
      if (account) {
        const after = confirm(sandbox, account, now);
        if (after) writes.push({ count: 'updated', write: () => inventory.save(sandbox, after) });
      }
    }
    await this.#writeAll(writes, context, (count) => (counts[count] += 1));
    counts.listed_after_deletion = tombstones.count;
    tombstones.report(context.logger);
    if (context.signal.aborted) return { outcome: 'stopped', counts };

    // What is missing, and whether the list is plausible, can only be told of the whole table.
    if (unread.count > 0) return concludePass({ outcome: 'success', counts }, unread);

    // Only now it is known which of the unknown accounts are new, and which are tombstones'.
    const foundCount = listedCount + counts.added;
    if (accounts.length === 0 || foundCount < expectedCount * MIN_LISTED_SHARE) {
      if (expectedCount === 0) return { outcome: 'success', counts };
      const error =
        `${expectedCount} are known, but of those the portal listed only ${foundCount}, new ones included. ` +
        'Nothing was marked as missing. Is the list complete?';
      return { outcome: 'guarded', counts, error };
    }
    const misses = available.flatMap(({ sandbox, account }): PlannedWrite<keyof typeof counts>[] => {
      if (account) return [];
      const after = miss(sandbox, now);
      const count = after.status === 'stale' ? 'stale' : 'missed';
      return [{ count, write: () => inventory.save(sandbox, after) }];
    });
    await this.#writeAll(misses, context, (count) => (counts[count] += 1));
    return { outcome: isStopped(context) ? 'stopped' : 'success', counts };
  }

  /** Makes the writes, and ends only when none is under way: after an error, or when told to stop, it begins none. */
  async #writeAll<Count>(
    writes: PlannedWrite<Count>[],
    { signal, onProgress }: JobContext,
    onWritten: (count: Count) => void,
  ): Promise<void> {
    const limit = pLimit(CONCURRENT_WRITES);
    let failure: Error | undefined;
    const tasks = writes.map(({ count, write }) =>
      limit(async () => {
        if (signal.aborted || failure) return;
        try {
          const outcome = await writePatiently(write, this.deps);
          if (outcome.kind === 'written') onWritten(count);
          onProgress();
        } catch (error) {
          failure ??= error instanceof Error ? error : new Error('A write failed', { cause: error });
        }
      }),
    );
    await Promise.all(tasks);
    if (failure) throw failure;
  }

  async #list({ signal, onProgress }: JobContext): Promise<PortalList | JobReport> {
    try {
      const list = await this.deps.csp.listSandboxes({ signal });
      onProgress();
      return list;
    } catch (error) {
      const isOutOfReach = error instanceof CspUnavailableError || error instanceof CspCircuitOpenError;
      if (!isOutOfReach || signal.aborted) throw error;
      return { outcome: 'unavailable', counts: {}, error: error.message };
    }
  }

  /** One pass over all rows. Those that nothing is to be done about are not kept. */
  async #compare(accounts: CspAccount[], unread: UnreadShards, onProgress: () => void): Promise<Comparison> {
    const listed = new Map(accounts.map((account) => [account.sandboxId, account]));
    const comparison: Comparison = {
      expectedCount: 0,
      listedCount: 0,
      unknown: new Map(listed),
      available: [],
      stale: [],
    };
    for (const status of [...EXPECTED, 'deletion_unconfirmed', 'stale'] as const) {
      for await (const rows of rowsByStatus(this.deps.inventory, status, { unread })) {
        onProgress();
        for (const sandbox of rows) {
          const account = listed.get(sandbox.sandboxId);
          comparison.unknown.delete(sandbox.sandboxId);
          if (account) comparison.listedCount += 1;
          if (EXPECTED.some((status) => status === sandbox.status)) comparison.expectedCount += 1;
          if (sandbox.status === 'available' && (!account || confirm(sandbox, account, 0))) {
            comparison.available.push({ sandbox, account });
          }
          if (sandbox.status === 'stale' && account) comparison.stale.push({ sandbox, account });
        }
      }
    }
    return comparison;
  }

  #queuePosition(): number {
    return Math.floor(this.deps.random() * QUEUE_POSITION_LIMIT);
  }
}

/** Read anew after an await: the compiler takes what it was before for still true. */
function isStopped({ signal }: JobContext): boolean {
  return signal.aborted;
}
