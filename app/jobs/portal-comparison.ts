import type { AvailableSandbox, Sandbox, StaleSandbox } from '../allocation/sandbox';
import { confirm } from '../allocation/transitions';
import type { CspAccount, PortalList } from '../csp/csp-client';
import type { ListedStatus } from '../store/inventory-store';
import { ListedAccounts } from './listed-accounts';
import type { FoundShare } from './plausible-list';
import { RowsByAccount } from './rows-by-account';

/** Two things that claim to be one: skipped, logged and counted, and nothing is concluded from them. */
export interface IdentityConflict {
  sandboxId: string;
  externalId: string;
  reason:
    | 'account listed under another csp_id than its row'
    | 'csp_id listed with another account than its row'
    | 'account belongs to another row';
  /** The other `csp_id`, external id or row. */
  other: string;
}

/**
 * What a portal's list and the rows of the table say of each other. It is told of each row once, or more often if the
 * index shows a row in two statuses, and keeps only what something has to be done about.
 */
export class PortalComparison {
  readonly listed: ListedAccounts;
  /** Ours, by the ownership prefix. */
  readonly accounts: readonly CspAccount[];
  readonly all: FoundShare = { expected: 0, found: 0 };
  readonly availableOnes: FoundShare = { expected: 0, found: 0 };
  /** Available rows that are listed otherwise than they are. */
  readonly changed: { sandbox: AvailableSandbox; account: CspAccount }[] = [];
  readonly missing: AvailableSandbox[] = [];
  /** Stale rows that are listed again. */
  readonly returned: { sandbox: StaleSandbox; account: CspAccount }[] = [];
  readonly conflicts: IdentityConflict[] = [];
  readonly rowsByAccount = new RowsByAccount();
  readonly #available = new Map<string, AvailableSandbox>();
  readonly #sandboxIds = new Set<string>();

  /** @param namePrefix of the accounts and rows that are ours; empty for all. */
  constructor(
    list: PortalList,
    private readonly namePrefix: string,
  ) {
    this.listed = new ListedAccounts(list);
    this.accounts = list.accounts.filter((account) => this.#isListedAsOurs(account));
  }

  /** Takes a row as an index showed it in one status. */
  add(sandbox: Sandbox, status: ListedStatus): void {
    if (sandbox.status !== status || this.#sandboxIds.has(sandbox.sandboxId)) return;
    this.#remember(sandbox);
    const entry = this.listed.accountOf(sandbox);
    // A row outside may have got its name from a list that was wrong.
    if (!this.#isOurs(sandbox.name) && !(entry && this.#isListedAsOurs(entry))) return;
    const isPresent = this.listed.isPresent(sandbox);
    // Whether one whose deletion was requested is still listed says nothing about the list.
    if (status !== 'deletion_unconfirmed') count(this.all, status !== 'stale', isPresent);
    if (status === 'available') count(this.availableOnes, true, isPresent);

    const account = this.#accountOf(sandbox);
    if (sandbox.status === 'available') {
      if (!isPresent) this.missing.push(sandbox);
      else if (account && confirm(sandbox, account, 0)) this.changed.push({ sandbox, account });
      // It is there, but what the entry says of it cannot be read: that it was missing is over all the same.
      else if (!account && sandbox.missedSyncs > 0)
        this.changed.push({ sandbox, account: asListed(sandbox) });
    }
    if (sandbox.status === 'stale' && account) this.returned.push({ sandbox, account });
  }

  /** Accounts of ours that no row has, as far as the index tells. */
  unknown(): CspAccount[] {
    return this.accounts.filter(
      ({ sandboxId, externalId }) => !this.#sandboxIds.has(sandboxId) && !this.rowsByAccount.has(externalId),
    );
  }

  /** The available row of this id. */
  availableRow(sandboxId: string): AvailableSandbox | undefined {
    return this.#available.get(sandboxId);
  }

  #remember(sandbox: Sandbox): void {
    const { sandboxId } = sandbox;
    this.#sandboxIds.add(sandboxId);
    const hasAccount = this.rowsByAccount.add(sandbox);
    if (hasAccount && sandbox.status === 'available') this.#available.set(sandboxId, sandbox);
  }

  /** The entry of a row, if list and row agree on which account has which `csp_id`. */
  #accountOf(sandbox: Sandbox): CspAccount | undefined {
    const { sandboxId, externalId } = sandbox;
    const account = this.listed.accountOf(sandbox);
    if (account && account.sandboxId !== sandboxId) {
      const reason = 'account listed under another csp_id than its row';
      this.conflicts.push({ sandboxId, externalId, reason, other: account.sandboxId });
      return undefined;
    }
    if (account) return account.isUnnamed ? { ...account, name: sandbox.name } : account;
    const other = this.listed.accountNamed(sandboxId);
    if (other) {
      const reason = 'csp_id listed with another account than its row';
      this.conflicts.push({ sandboxId, externalId, reason, other: other.externalId });
    }
    return undefined;
  }

  /** An account without a name is another pool's, unless all are ours. */
  #isListedAsOurs({ name, isUnnamed }: CspAccount): boolean {
    return isUnnamed ? this.namePrefix === '' : this.#isOurs(name);
  }

  #isOurs(name: string): boolean {
    return name.startsWith(this.namePrefix);
  }
}

function count(share: FoundShare, isExpected: boolean, isFound: boolean): void {
  if (isExpected) share.expected += 1;
  if (isFound) share.found += 1;
}

/** The entry that would change nothing. */
function asListed({ sandboxId, externalId, name, sfdcAccountId }: AvailableSandbox): CspAccount {
  return { sandboxId, externalId, name, sfdcAccountId };
}
