import { accountKey } from '../allocation/account-key';
import type { InventoryStore } from '../store/inventory-store';
import { inParallel } from './in-parallel';
import type { JobContext } from './job';
import type { KnownRow, PortalComparison } from './portal-comparison';
import type { RowWriter } from './row-writer';

/**
 * Sees to it that each account is guarded by one row. Rows of an earlier release have no guard yet, and one may still run
 * beside this one, so every run looks at all rows; a process asks the table only about those that it has not seen guarded.
 */
export class AccountGuards {
  /** The account of each row whose guard this process has seen; the row's creation tells it from a later one. */
  #seen = new Map<string, string>();

  constructor(private readonly inventory: Pick<InventoryStore, 'guardAccount'>) {}

  /**
   * Guards the accounts of all rows. Returns the ids of rows whose account belongs to another one, which are noted as
   * conflicts. Of several rows without guards the one with the first claim gets it (`PortalComparison.rowsOfAccounts`).
   */
  async guardAll(
    comparison: PortalComparison,
    writer: RowWriter,
    { signal, onProgress }: JobContext,
  ): Promise<Set<string>> {
    const duplicates = new Set<string>();
    const seen = new Map<string, string>();
    const guard = async (row: KnownRow): Promise<void> => {
      const { sandboxId, externalId } = row;
      const proof = `${accountKey(externalId) ?? ''} ${row.createdAt}`;
      if (this.#seen.get(sandboxId) !== proof) {
        const outcome = await writer.write(sandboxId, () => this.inventory.guardAccount(row));
        onProgress();
        if (outcome.kind === 'identity_conflict') {
          duplicates.add(sandboxId);
          const reason = 'account belongs to another row';
          comparison.conflicts.push({ sandboxId, externalId, reason, other: outcome.heldBy });
        }
        if (outcome.kind !== 'written') return;
      }
      seen.set(sandboxId, proof);
    };
    await inParallel(comparison.rowsOfAccounts(), async (rows) => {
      for (const row of rows) if (!signal.aborted) await guard(row);
    });
    this.#seen = seen;
    return duplicates;
  }
}
