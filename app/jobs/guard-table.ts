import type { Clock, Random } from '../allocation/clock';
import type { Logger } from '../logger';
import type { InventoryStore, PassRun } from '../store/inventory-store';
import { AccountGuards } from './account-guards';
import type { IdentityConflict } from './portal-comparison';
import { reportConflicts } from './report-conflicts';
import { RowWriter } from './row-writer';
import { RowsByAccount } from './rows-by-account';
import { TableFaults } from './table-faults';

export interface GuardTableTools {
  inventory: Pick<InventoryStore, 'scan' | 'guardAccount'>;
  clock: Clock;
  random: Random;
  logger: Pick<Logger, 'warn' | 'error'>;
}

export interface GuardedTable {
  /** Why it is incomplete and has to be repeated, in words for people; absent when it is complete. */
  error?: string;
  /** The ids of rows without a guard of their own: their account is unreadable, or the table refused the guard. */
  unguarded: string[];
  /** Rows whose account belongs to another row. */
  conflictCount: number;
}

/**
 * Guards the account of every row of the table, tombstones included, before anything is added to it: an earlier release
 * wrote rows without guards, and such an account may be listed under another `csp_id` by now. The table itself is read,
 * because tombstones are in no index, and an index may miss a row that changes its status meanwhile. Repeating it is
 * harmless.
 *
 * A row that the table refuses, or whose account cannot be read, is logged and passed over.
 *
 * @throws StoreUnavailableError if the table could not be read to its end.
 */
export async function guardTable(tools: GuardTableTools, run: PassRun): Promise<GuardedTable> {
  const { inventory, logger } = tools;
  const rowsByAccount = new RowsByAccount();
  const unguarded: string[] = [];
  let after: string | undefined;
  do {
    const page = await inventory.scan({ after }, { signal: run.signal });
    run.onProgress();
    for (const row of page.rows) if (!rowsByAccount.add(row)) unguarded.push(row.sandboxId);
    unguarded.push(...(page.unreadable ?? []));
    after = page.next;
  } while (after !== undefined);
  for (const sandboxId of unguarded) {
    logger.error(
      { action: 'guard_account', outcome: 'unreadable', sandbox_id: sandboxId },
      'a row without a readable account was not guarded: correct or remove it',
    );
  }

  const conflicts: IdentityConflict[] = [];
  const writer = new RowWriter(tools);
  const faults = new TableFaults(logger);
  const guards = new AccountGuards(inventory);
  const { undecided, isAnswered } = await guards.guardAll(
    { rowsByAccount, conflicts },
    { writer, faults, isTableRead: true },
    run,
  );
  reportConflicts(conflicts, { logger });
  const conflictCount = conflicts.length;
  // A guard that the table refuses to put is in the log. One that cannot be read keeps its account from being added.
  if (isAnswered) return { unguarded: [...unguarded, ...undecided], conflictCount };
  const error =
    `The sandbox table did not answer while the account of each row was being guarded (${undecided.size} rows left). ` +
    'Nothing was bound or added: repeat it.';
  return { error, unguarded, conflictCount };
}
