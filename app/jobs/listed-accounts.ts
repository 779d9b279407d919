import { accountKey } from '../allocation/account-key';
import { isEnded } from '../csp/kind-of-entry';
import type { CspAccount, PortalList } from '../csp/csp-client';

interface RowIdentity {
  sandboxId: string;
  externalId: string;
}

/** The portal's list, to look up rows in. The account key is the identity; a `csp_id` is only a name for it. */
export class ListedAccounts {
  readonly #byKey = new Map<string, CspAccount>();
  readonly #bySandboxId = new Map<string, CspAccount>();
  /** The identities of entries that cannot be used otherwise: those accounts are there all the same. */
  readonly #unusableKeys = new Set<string>();
  /** Those of which the `csp_id` is all that can be read. */
  readonly #unusableSandboxIds = new Set<string>();

  /** The identities of accounts of other kinds, and of sandboxes in other states than active. */
  readonly #otherKeys = new Set<string>();
  readonly #otherSandboxIds = new Set<string>();

  constructor({ accounts, unusable, others = [] }: PortalList) {
    for (const account of accounts) {
      this.#byKey.set(accountKey(account.externalId) ?? '', account);
      this.#bySandboxId.set(account.sandboxId, account);
    }
    for (const { externalId, sandboxId } of unusable) {
      if (externalId !== undefined) this.#unusableKeys.add(accountKey(externalId) ?? '');
      else if (sandboxId !== undefined) this.#unusableSandboxIds.add(sandboxId);
    }
    for (const { state, externalId, sandboxId } of others) {
      if (isEnded(state)) continue;
      if (externalId !== undefined) this.#otherKeys.add(accountKey(externalId) ?? '');
      if (sandboxId !== undefined) this.#otherSandboxIds.add(sandboxId);
    }
  }

  /** The entry of a row's account, whatever its `csp_id`. */
  accountOf({ externalId }: Pick<RowIdentity, 'externalId'>): CspAccount | undefined {
    const key = accountKey(externalId);
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  /** The entry with a row's `csp_id`, whatever account it names. */
  accountNamed(sandboxId: string): CspAccount | undefined {
    return this.#bySandboxId.get(sandboxId);
  }

  /** True if the list shows that a row's account exists. */
  isPresent({ sandboxId, externalId }: RowIdentity): boolean {
    const key = accountKey(externalId);
    // Without a key of its own the row has no other identity than its id.
    if (key === undefined) return this.isMentioned({ sandboxId, externalId });
    return this.#byKey.has(key) || this.#unusableKeys.has(key) || this.#unusableSandboxIds.has(sandboxId);
  }

  /**
   * True if any entry, in whatever state but an ended one, has the row's account key or its `csp_id`: nobody may conclude
   * that the account is gone.
   */
  isMentioned({ sandboxId, externalId }: RowIdentity): boolean {
    const key = accountKey(externalId);
    return (
      (key !== undefined &&
        (this.#byKey.has(key) || this.#unusableKeys.has(key) || this.#otherKeys.has(key))) ||
      this.#bySandboxId.has(sandboxId) ||
      this.#unusableSandboxIds.has(sandboxId) ||
      this.#otherSandboxIds.has(sandboxId)
    );
  }
}
