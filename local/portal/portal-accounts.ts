import { createHash } from 'node:crypto';

/** An account as the portal shows it. */
export interface PortalAccount {
  account_type: string;
  state: string;
  id: string;
  name: string;
  csp_id: number;
  created_at: string;
  sfdc_account_id: string;
}

/** Below it are the accounts that are none of the broker's business. */
const FIRST_SANDBOX_CSP_ID = 2009521;
const DEFAULT_NAME_PREFIX = 'csp-sandbox';

/** What the portal lists beside active sandboxes: a broker that hands one of these out, or deletes it, is wrong. */
const OTHER_ACCOUNTS = [
  { account_type: 'production', state: 'active', name: 'csp-production-billing' },
  { account_type: 'sandbox', state: 'suspended', name: 'csp-sandbox-suspended' },
  { account_type: 'sandbox', state: 'creating', name: 'csp-sandbox-creating' },
  { account_type: 'partner', state: 'closed', name: 'csp-partner-retired' },
];

/** The accounts that exist in the simulated portal. Numbers and ids are the same in every run, names count up. */
export class PortalAccounts {
  private readonly byKey = new Map<string, PortalAccount>();
  private createdCount = 0;

  constructor(private readonly now: () => Date = () => new Date()) {
    OTHER_ACCOUNTS.forEach((account, index) => {
      this.add({ ...this.details(FIRST_SANDBOX_CSP_ID - OTHER_ACCOUNTS.length + index), ...account });
    });
  }

  /** Creates active sandboxes, named `<prefix>-0001` and so on in the order of creation. */
  createSandboxes(count: number, namePrefix = DEFAULT_NAME_PREFIX): PortalAccount[] {
    return Array.from({ length: count }, () => {
      const number = ++this.createdCount;
      return this.add({
        ...this.details(FIRST_SANDBOX_CSP_ID + number - 1),
        account_type: 'sandbox',
        state: 'active',
        name: `${namePrefix}-${String(number).padStart(4, '0')}`,
      });
    });
  }

  /** Everything there is, in the order of creation. */
  list(): PortalAccount[] {
    return [...this.byKey.values()];
  }

  activeSandboxes(): PortalAccount[] {
    return this.list().filter(isActiveSandbox);
  }

  /** By the last segment of its id. */
  find(key: string): PortalAccount | undefined {
    return this.byKey.get(key);
  }

  /** Removes an active sandbox; false if there is none of that key. Other accounts cannot be deleted. */
  delete(key: string): boolean {
    const account = this.byKey.get(key);
    return account !== undefined && isActiveSandbox(account) && this.byKey.delete(key);
  }

  private details(cspId: number): Pick<PortalAccount, 'id' | 'csp_id' | 'created_at' | 'sfdc_account_id'> {
    const digest = createHash('sha256').update(`portal account ${cspId}`).digest('hex');
    return {
      id: `identity/accounts/${uuidFrom(digest)}`,
      csp_id: cspId,
      created_at: this.now().toISOString(),
      sfdc_account_id: `001${digest.slice(32, 47).toUpperCase()}`,
    };
  }

  private add(account: PortalAccount): PortalAccount {
    this.byKey.set(accountKeyOf(account), account);
    return account;
  }
}

/** The last segment of an account's id, by which it is deleted. */
export function accountKeyOf(account: Pick<PortalAccount, 'id'>): string {
  return account.id.split('/').at(-1) ?? account.id;
}

function isActiveSandbox(account: PortalAccount): boolean {
  return account.account_type === 'sandbox' && account.state === 'active';
}

/** Shapes hexadecimal digits like a random UUID (version 4, RFC 9562). */
function uuidFrom(hex: string): string {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
