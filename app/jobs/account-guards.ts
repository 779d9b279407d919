import { accountKey } from '../allocation/account-key';
import type { AccountRow, GuardOutcome, InventoryStore, PassRun } from '../store/inventory-store';
import { inParallel } from './in-parallel';
import type { IdentityConflict } from './portal-comparison';
import type { FinalOutcome, RowWriter } from './row-writer';
import { isHeld, type RowsByAccount } from './rows-by-account';
import type { TableFaults } from './table-faults';

/** What one pass over the guards found out. */
export interface GuardedRows {
  /** The ids of rows whose account belongs to another row. */
  duplicates: ReadonlySet<string>;
  /** The ids of rows of which that is not known: nobody may be given their account because of this run. */
  undecided: ReadonlySet<string>;
  /** False if the table did not answer for some row: the next pass may decide it. */
  isAnswered: boolean;
}

export interface GuardTools {
  writer: RowWriter;
  faults: TableFaults;
  /** False while part of the table is unread: a row with a better claim to an account may be in that part. */
  isTableRead: boolean;
}

/**
 * Sees to it that each account is guarded by one row. Rows of an earlier release have no guard yet, and one may still run
 * beside this one, so every run looks at all rows; a process asks the table only about those that it has not seen guarded.
 */
export class AccountGuards {
  /** The account of each row whose guard this process has seen; the row's creation tells it from a later one. */
  #seen = new Map<string, string>();

  constructor(private readonly inventory: Pick<InventoryStore, 'guardAccount'>) {}

  /**
   * Guards the accounts of all rows, and notes each row whose account belongs to another one as a conflict. Of several
   * rows without guards the one with the first claim gets it (`RowsByAccount.groups`). A row that somebody
   * holds or has held takes the guard over from one that nobody ever did, which an earlier release can have left with it.
   */
  async guardAll(
    { rowsByAccount, conflicts }: { rowsByAccount: RowsByAccount; conflicts: IdentityConflict[] },
    tools: GuardTools,
    { signal, onProgress }: PassRun,
  ): Promise<GuardedRows> {
    const duplicates = new Set<string>();
    const undecided = new Set<string>();
    const seen = new Map<string, string>();
    let isAnswered = true;
    await inParallel(rowsByAccount.groups(), async (rows) => {
      let isDecided = tools.isTableRead;
      for (const [index, row] of rows.entries()) {
        if (signal.aborted) {
          isAnswered = false;
          return;
        }
        const { sandboxId, externalId } = row;
        const first = rows[0] ?? row;
        if (index > 0 && isHeld(first) && !isHeld(row)) duplicates.add(sandboxId);
        if (this.#seen.get(sandboxId) === proofOf(row)) {
          seen.set(sandboxId, proofOf(row));
          continue;
        }
        if (!isDecided || tools.faults.isTableDown) {
          if (tools.faults.isTableDown) isAnswered = false;
          undecided.add(sandboxId);
          continue;
        }
        const outcome = await this.#guard(row, rows, tools);
        onProgress();
        if (outcome?.kind === 'written') {
          seen.set(sandboxId, proofOf(row));
        } else if (outcome?.kind === 'identity_conflict') {
          duplicates.add(sandboxId);
          const reason = 'account belongs to another row';
          conflicts.push({ sandboxId, externalId, reason, other: outcome.heldBy });
        } else {
          undecided.add(sandboxId);
          isDecided = false;
          if (outcome?.kind !== 'refused' && outcome?.kind !== 'gone') isAnswered = false;
        }
      }
    });
    this.#seen = seen;
    return { duplicates, undecided, isAnswered };
  }

  /** `undefined` when the table did not answer. */
  async #guard(
    row: AccountRow,
    rows: readonly AccountRow[],
    { writer, faults }: GuardTools,
  ): Promise<FinalOutcome<GuardOutcome> | undefined> {
    const { sandboxId } = row;
    return faults.attempt(sandboxId, async () => {
      const outcome = await writer.write(sandboxId, () => this.inventory.guardAccount(row));
      if (outcome.kind !== 'identity_conflict' || !isHeld(row)) return outcome;
      const { heldBy } = outcome;
      const holder = rows.find((other) => other.sandboxId === heldBy);
      if (!holder || isHeld(holder)) return outcome;
      this.#seen.delete(heldBy);
      return writer.write(sandboxId, () => this.inventory.guardAccount(row, { insteadOf: heldBy }));
    });
  }
}

function proofOf({ externalId, createdAt }: AccountRow): string {
  return `${accountKey(externalId) ?? ''} ${createdAt}`;
}
