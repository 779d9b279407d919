import { accountKey } from '../allocation/account-key';
import type { AccountRow } from '../store/inventory-store';

/** Rows by the account that they stand for. A row whose external id ends in no account key is not among them. */
export class RowsByAccount {
  readonly #rows = new Map<string, AccountRow[]>();

  /** False if the row's external id ends in no account key. */
  add({ sandboxId, externalId, createdAt, status }: AccountRow): boolean {
    const key = accountKey(externalId);
    if (key === undefined) return false;
    const row = { sandboxId, externalId, createdAt, status };
    const rows = this.#rows.get(key);
    if (rows) {
      rows.push(row);
      rows.sort((a, b) => CLAIM_ORDER[a.status] - CLAIM_ORDER[b.status]);
    } else {
      this.#rows.set(key, [row]);
    }
    return true;
  }

  /** Whether a row stands for the account of this external id. */
  has(externalId: string): boolean {
    return this.#rows.has(accountKey(externalId) ?? '');
  }

  /**
   * The rows of each account, in the order in which they have a claim to it: a row that is or was allocated comes before
   * one that never was.
   */
  groups(): Iterable<readonly AccountRow[]> {
    return this.#rows.values();
  }
}

const CLAIM_ORDER: Record<AccountRow['status'], number> = {
  allocated: 0,
  unknown: 1,
  pending_deletion: 2,
  deletion_failed: 3,
  deletion_unconfirmed: 4,
  deleted: 5,
  available: 6,
  stale: 7,
};

/** True if the row's account is or may have been allocated: it must never be allocated again. */
export function isHeld({ status }: Pick<AccountRow, 'status'>): boolean {
  return status !== 'available' && status !== 'stale';
}
