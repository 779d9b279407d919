import { accountKey } from '../allocation/account-key';
import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { Sandbox } from '../allocation/sandbox';
import { confirm, miss, restock, setAside, stock } from '../allocation/transitions';
import {
  CspCircuitOpenError,
  CspUnavailableError,
  type CspAccount,
  type CspClient,
  type PortalList,
} from '../csp/csp-client';
import { rowsByStatus, UnreadShards, type InventoryStore, type ListedStatus } from '../store/inventory-store';
import { CorruptItemError } from '../store/items';
import type { AddOutcome, SandboxStore } from '../store/sandbox-store';
import { QUEUE_POSITION_LIMIT } from '../store/table';
import { AccountGuards } from './account-guards';
import { concludePass } from './conclude-pass';
import { guardTable } from './guard-table';
import { inParallel } from './in-parallel';
import type { Job, JobContext, JobReport } from './job';
import { ListedTombstones } from './listed-tombstones';
import { implausibility } from './plausible-list';
import type { PortalCheck } from './portal-check';
import { PortalComparison } from './portal-comparison';
import { reportConflicts } from './report-conflicts';
import { reportSkipped } from './report-skipped';
import { RowWriter } from './row-writer';
import { TableFaults } from './table-faults';
import type { RefusedOutcome } from './write-patiently';

/** Every row that the index knows. What the portal should list is everything that has not gone stale. */
const STATUSES: readonly ListedStatus[] = [
  'available',
  'allocated',
  'pending_deletion',
  'deletion_failed',
  'deletion_unconfirmed',
  'stale',
];

export interface SyncDependencies {
  csp: CspClient;
  store: Pick<SandboxStore, 'add' | 'getSandbox'>;
  inventory: Pick<InventoryStore, 'listByStatus' | 'save' | 'guardAccount' | 'scan'>;
  portal: Pick<PortalCheck, 'fault' | 'initialise'>;
  clock: Clock;
  random: Random;
}

export interface SyncOptions {
  /** Begins the names of the accounts and rows that are ours; others are left alone. Empty: all are ours. */
  namePrefix?: string;
  /** Who wants the table bound to this portal first. Without it, an unbound table stays as it is. */
  initialiseBy?: string;
}

type Outcome = AddOutcome | RefusedOutcome;

/** What writes, and what keeps count of what could not be written. */
interface Writing {
  writer: RowWriter;
  faults: TableFaults;
}

/** A write, and what to count when it is made. */
interface PlannedWrite {
  count: keyof SyncCounts;
  sandboxId: string;
  write: () => Promise<AddOutcome>;
  /** What else there is to do once its outcome is known. */
  after?: (outcome: Outcome) => Promise<void> | void;
}

type SyncCounts = ReturnType<typeof noCounts>;

/**
 * Brings the pool into line with the portal's list: new accounts are added, changed ones corrected, returned ones
 * restocked, and those missing twice in a row marked stale. Writes only rows that change, and never touches one that
 * is allocated, about to be deleted, or a tombstone.
 *
 * Rows and accounts are compared by account key. No account ever gets a second row, and no row another account: what
 * the list says against that is an identity conflict, skipped and counted. A list that is not plausible
 * (`plausible-list.ts`) marks nothing. A table that was never initialised for this portal stays as it is.
 */
export class SyncJob implements Job {
  readonly name = 'sync';
  readonly #guards: AccountGuards;

  constructor(
    private readonly deps: SyncDependencies,
    private readonly options: SyncOptions = {},
  ) {
    this.#guards = new AccountGuards(deps.inventory);
  }

  async run(context: JobContext): Promise<JobReport> {
    const counts = noCounts();
    const { initialiseBy, namePrefix = '' } = this.options;
    const fault = initialiseBy === undefined ? await this.deps.portal.fault() : undefined;
    if (fault !== undefined) return { outcome: 'guarded', counts, error: fault };
    const list = await this.#list(context);
    if ('outcome' in list) return list;
    // Only now: the portal has answered with a list, so its URL and our token are right.
    const refusal = initialiseBy === undefined ? undefined : await this.#initialise(initialiseBy, context);
    if (refusal !== undefined) return { ...refusal, counts };

    const comparison = new PortalComparison(list, namePrefix);
    const unread = new UnreadShards();
    for (const status of STATUSES) {
      for await (const rows of rowsByStatus(this.deps.inventory, status, { unread, run: context })) {
        for (const sandbox of rows) comparison.add(sandbox, status);
      }
    }
    counts.listed = comparison.accounts.length;
    counts.unusable = list.unusable.length;
    const { logger } = context;
    const writing = { writer: new RowWriter({ ...this.deps, logger }), faults: new TableFaults(logger) };
    try {
      return await this.#apply({ list, comparison, unread }, counts, writing, context);
    } finally {
      reportConflicts(comparison.conflicts, context);
      const { refusedCount: refused } = writing.writer;
      const skipped = { conflicting: comparison.conflicts.length, unusable: list.unusable.length, refused };
      reportSkipped(this.name, skipped, logger);
    }
  }

  async #apply(
    { list, comparison, unread }: { list: PortalList; comparison: PortalComparison; unread: UnreadShards },
    counts: SyncCounts,
    writing: Writing,
    context: JobContext,
  ): Promise<JobReport> {
    const { writer, faults } = writing;
    const now = nowSeconds(this.deps.clock);
    const tombstones = new ListedTombstones({ ...this.deps, writer });
    const { inventory } = this.deps;
    const report = (outcome: JobReport['outcome'], error?: string): JobReport => {
      counts.conflicting = comparison.conflicts.length;
      counts.refused = writer.refusedCount;
      counts.listed_after_deletion = tombstones.count;
      return concludePass(
        faults.conclude({ outcome, counts, ...(error === undefined ? {} : { error }) }),
        unread,
      );
    };
    const isTableRead = unread.count === 0;
    const guarded = await this.#guards.guardAll(comparison, { ...writing, isTableRead }, context);
    const { duplicates, undecided } = guarded;
    if (context.signal.aborted) return report('stopped');

    const writes: PlannedWrite[] = [];
    // An account may belong to a row that could not be read, under another csp_id, and a row of an earlier release may
    // have no guard yet: while part of the table is unread, no account is known to be new.
    const unknown = isTableRead ? comparison.unknown() : [];
    for (const account of unknown) writes.push(this.#addition(account, comparison, tombstones, now));
    for (const { sandbox, account } of comparison.returned) {
      if (duplicates.has(sandbox.sandboxId) || undecided.has(sandbox.sandboxId)) continue;
      const after = restock(sandbox, account, this.#queuePosition(), now);
      writes.push({
        count: 'restocked',
        sandboxId: sandbox.sandboxId,
        write: () => inventory.save(sandbox, after),
      });
    }
    for (const { sandbox, account } of comparison.changed) {
      if (duplicates.has(sandbox.sandboxId)) continue;
      const after = confirm(sandbox, account, now);
      if (!after) continue;
      writes.push({
        count: 'updated',
        sandboxId: sandbox.sandboxId,
        write: () => inventory.save(sandbox, after),
      });
    }
    for (const sandboxId of duplicates) {
      const sandbox = comparison.availableRow(sandboxId);
      if (!sandbox) continue;
      const after = setAside(sandbox, now);
      writes.push({ count: 'stale', sandboxId, write: () => inventory.save(sandbox, after) });
    }
    await this.#writeAll(writes, counts, writing, context);
    tombstones.report(context.logger);
    if (isStopped(context)) return report('stopped');
    // What is missing, and whether the list is plausible, can only be concluded from the whole table.
    if (!isTableRead) return report('success');

    // Only now it is known which of the unknown accounts are new, and which are tombstones'.
    const { all, availableOnes } = comparison;
    const error = implausibility(list, {
      all: { expected: all.expected, found: all.found + counts.added },
      available: { expected: availableOnes.expected, found: availableOnes.found + counts.added },
    });
    if (error !== undefined) {
      return report('guarded', `${error} Nothing was marked as missing. Is the list complete?`);
    }
    const misses = comparison.missing.flatMap((sandbox): PlannedWrite[] => {
      if (duplicates.has(sandbox.sandboxId)) return [];
      const after = miss(sandbox, now);
      const count = after.status === 'stale' ? 'stale' : 'missed';
      return [{ count, sandboxId: sandbox.sandboxId, write: () => inventory.save(sandbox, after) }];
    });
    await this.#writeAll(misses, counts, writing, context);
    return report(isStopped(context) ? 'stopped' : 'success');
  }

  #addition(
    account: CspAccount,
    comparison: PortalComparison,
    tombstones: ListedTombstones,
    now: number,
  ): PlannedWrite {
    const sandbox = stock(account, this.#queuePosition(), now);
    const { sandboxId, externalId } = sandbox;
    return {
      count: 'added',
      sandboxId,
      write: () => this.deps.store.add(sandbox),
      after: async (outcome) => {
        if (outcome.kind !== 'identity_conflict' && outcome.kind !== 'changed') return;
        const heldBy = outcome.kind === 'identity_conflict' ? outcome.heldBy : sandboxId;
        const row = await this.#readable(heldBy);
        const isSameAccount = row !== undefined && accountKey(row.externalId) === accountKey(externalId);
        if (outcome.kind === 'identity_conflict') {
          const reason = 'account belongs to another row';
          comparison.conflicts.push({ sandboxId, externalId, reason, other: heldBy });
        } else if (row?.status === 'deleted' && !isSameAccount) {
          const reason = 'csp_id listed with another account than its row';
          comparison.conflicts.push({ sandboxId, externalId, reason, other: row.externalId });
        }
        if (row?.status === 'deleted' && isSameAccount) await tombstones.keep(row);
      },
    };
  }

  /** Makes the writes; when told to stop, or when the table answers no write any more, it begins none. */
  async #writeAll(
    writes: PlannedWrite[],
    counts: SyncCounts,
    { writer, faults }: Writing,
    { signal, onProgress }: JobContext,
  ): Promise<void> {
    await inParallel(writes, async ({ count, sandboxId, write, after }) => {
      if (signal.aborted || faults.isTableDown) return;
      await faults.attempt(sandboxId, async () => {
        const outcome = await writer.write(sandboxId, write);
        if (outcome.kind === 'written') counts[count] += 1;
        await after?.(outcome);
      });
      onProgress();
    });
  }

  /** Guards every row and binds the table; why it did not, if it did not. */
  async #initialise(by: string, context: JobContext): Promise<Omit<JobReport, 'counts'> | undefined> {
    const { portal } = this.deps;
    const { error } = await guardTable({ ...this.deps, logger: context.logger }, context);
    if (context.signal.aborted) return { outcome: 'stopped' };
    if (error !== undefined) return { outcome: 'unavailable', cause: 'table', error };
    const fault = await portal.initialise(by);
    return fault === undefined ? undefined : { outcome: 'guarded', error: fault };
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

  /** The row, unless it is unreadable: listings report those. */
  async #readable(sandboxId: string): Promise<Sandbox | undefined> {
    try {
      return await this.deps.store.getSandbox(sandboxId);
    } catch (error) {
      if (error instanceof CorruptItemError) return undefined;
      throw error;
    }
  }

  #queuePosition(): number {
    return Math.floor(this.deps.random() * QUEUE_POSITION_LIMIT);
  }
}

function noCounts() {
  return {
    listed: 0,
    added: 0,
    updated: 0,
    restocked: 0,
    missed: 0,
    stale: 0,
    conflicting: 0,
    unusable: 0,
    refused: 0,
    listed_after_deletion: 0,
  };
}

/** Read anew after an await: the compiler takes what it was before for still true. */
function isStopped({ signal }: JobContext): boolean {
  return signal.aborted;
}
