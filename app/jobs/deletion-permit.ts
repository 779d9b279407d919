import { accountKey } from '../allocation/account-key';
import type { Sandbox } from '../allocation/sandbox';
import type { PortalList } from '../csp/csp-client';
import type { InventoryStore } from '../store/inventory-store';
import { RowRefusedError } from '../store/sandbox-store';
import { ListedAccounts } from './listed-accounts';

/**
 * Why a row must not have its account deleted.
 * - `outside_prefix`: row or account has a name that does not begin with `POOL_NAME_PREFIX`: it is another pool's.
 * - `account_of_another_row`: deleting it would take it from whoever holds that row.
 * - `account_unguarded`: not known whose it is; the next sync finds out.
 * - `guard_unreadable`: the item that says whose it is cannot be read: a person has to correct it.
 */
export type DeletionRefusal =
  'outside_prefix' | 'account_of_another_row' | 'account_unguarded' | 'guard_unreadable';

/** Whether a row may have its account deleted in the portal. Asked right before each deletion. */
export class DeletionPermit {
  readonly #listed: ListedAccounts;

  constructor(
    private readonly inventory: Pick<InventoryStore, 'accountHolder'>,
    private readonly namePrefix: string,
    list: PortalList,
  ) {
    this.#listed = new ListedAccounts(list);
  }

  /** Why not; `undefined` if it may. */
  async refusal(row: Sandbox): Promise<DeletionRefusal | undefined> {
    const listed = this.#listed.accountOf(row);
    const listedName = listed && !listed.isUnnamed ? listed.name : row.name;
    if (![row.name, listedName].every((name) => name.startsWith(this.namePrefix))) return 'outside_prefix';
    // Nothing is sent for such an id; the portal's client says so.
    if (accountKey(row.externalId) === undefined) return undefined;
    try {
      const holder = await this.inventory.accountHolder(row.externalId);
      if (holder === undefined) return 'account_unguarded';
      return holder === row.sandboxId ? undefined : 'account_of_another_row';
    } catch (error) {
      if (error instanceof RowRefusedError) return 'guard_unreadable';
      throw error;
    }
  }
}
