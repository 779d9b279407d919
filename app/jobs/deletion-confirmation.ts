import { nowSeconds, type Clock } from '../allocation/clock';
import type { DeletionUnconfirmedSandbox } from '../allocation/sandbox';
import { bury } from '../allocation/transitions';
import type { PortalList } from '../csp/csp-client';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import { StoreUnavailableError } from '../store/sandbox-store';
import type { JobContext } from './job';
import { ListedAccounts } from './listed-accounts';
import { unreadability, type FoundShare } from './plausible-list';
import type { RowWriter } from './row-writer';
import type { TableFaults } from './table-faults';

/**
 * Of the accounts that should be there. Stricter than for sync: what sync concludes wrongly a later list corrects, but a
 * tombstone stays.
 */
const MIN_LISTED_SHARE = 0.9;

export interface ConfirmationDependencies {
  inventory: Pick<InventoryStore, 'listByStatus' | 'save'>;
  clock: Clock;
}

/** What a list says about deletions that were requested before it was. */
export interface ConfirmationResult {
  /** Rows that became tombstones; as they were before. */
  confirmed: DeletionUnconfirmedSandbox[];
  /** Rows whose account the list names: it exists. */
  stillListed: DeletionUnconfirmedSandbox[];
  /** Why the list confirms nothing. */
  doubt?: string;
}

/**
 * Turns sandboxes whose deletion is unconfirmed into tombstones, if a list of the portal proves that their accounts are
 * gone: it names them neither by account nor by `csp_id`, and does name nearly all accounts that are in use or available.
 */
export class DeletionConfirmation {
  /** @param namePrefix of the rows that are ours: sync never marks others as missing, so they prove nothing here. */
  constructor(
    private readonly deps: ConfirmationDependencies,
    private readonly namePrefix: string,
  ) {}

  /**
   * A row for which the table does not answer stays as it is.
   *
   * @param list requested after the answer to each of these deletions.
   */
  async confirm(
    list: PortalList,
    rows: readonly DeletionUnconfirmedSandbox[],
    { writer, faults }: { writer: RowWriter; faults: TableFaults },
    context: JobContext,
  ): Promise<ConfirmationResult> {
    const listed = new ListedAccounts(list);
    const stillListed = rows.filter((row) => listed.isMentioned(row));
    const unlisted = rows.filter((row) => !listed.isMentioned(row));
    const result: ConfirmationResult = { confirmed: [], stillListed };
    if (unlisted.length === 0) return result;
    const doubt = await this.#doubtAbout(list, listed, context);
    if (doubt !== undefined) {
      context.logger.warn(
        { reason: doubt, unconfirmed_count: rows.length },
        'the list of the portal confirms no deletion',
      );
      return { ...result, doubt };
    }
    for (const row of unlisted) {
      if (context.signal.aborted || faults.isTableDown) break;
      const { sandboxId } = row;
      const after = bury(row, nowSeconds(this.deps.clock));
      const outcome = await faults.attempt(sandboxId, () =>
        writer.write(sandboxId, () => this.deps.inventory.save(row, after)),
      );
      if (outcome?.kind === 'written') result.confirmed.push(row);
      context.onProgress();
    }
    return result;
  }

  /** Why absence from this list proves nothing: compared with the accounts that students have or could get. */
  async #doubtAbout(list: PortalList, listed: ListedAccounts, run: JobContext): Promise<string | undefined> {
    const inUse: FoundShare = { expected: 0, found: 0 };
    try {
      for (const status of ['available', 'allocated'] as const) {
        for await (const rows of rowsByStatus(this.deps.inventory, status, { run })) {
          const ours = rows.filter(({ name }) => name.startsWith(this.namePrefix));
          inUse.expected += ours.length;
          inUse.found += ours.filter((row) => listed.isMentioned(row)).length;
        }
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return `The list could not be compared with the pool: ${error.message}`;
    }
    return unreadability(list) ?? incompleteness(list, inUse);
  }
}

/** Why a list seems to lack accounts that exist; `undefined` if it does not. */
function incompleteness(
  { accounts, unusable, others }: PortalList,
  { expected, found }: FoundShare,
): string | undefined {
  // A list that tells of other accounts, too, names at least the portal's own: without any entry it was cut.
  const isEmpty = accounts.length + unusable.length + (others?.length ?? 0) === 0;
  if (isEmpty && (others !== undefined || expected > 0)) return 'The portal listed no account at all.';
  if (found >= expected * MIN_LISTED_SHARE) return undefined;
  return `The portal listed only ${found} of ${expected} accounts that are available or allocated.`;
}
