import { randomInt } from 'node:crypto';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { stock } from '../../app/allocation/transitions';
import type { CspAccount } from '../../app/csp/csp-client';
import { QUEUE_POSITION_LIMIT } from '../../app/store/table';
import type { LocalSystem } from '../../local/local-system';
import { call } from '../../test/e2e/support/broker-client';

/** Accounts for the portal to have. */
export interface NewAccounts {
  /** At most 100,000 at a time. */
  count: number;
  namePrefix?: string;
}

/** Creates accounts in the portal simulator, and resolves with them. */
export async function addPortalAccounts(
  { csp, cspUrl }: Pick<LocalSystem, 'csp' | 'cspUrl'>,
  { count, namePrefix }: NewAccounts,
): Promise<CspAccount[]> {
  const known = new Set((await csp.listSandboxes()).accounts.map(({ sandboxId }) => sandboxId));
  const body = JSON.stringify({ count, name_prefix: namePrefix });
  // Filling a large pool takes longer than the portal keeps an idle connection: none is kept for the next time.
  const headers = { Connection: 'close' };
  const { status } = await call('POST', `${cspUrl}/simulator/accounts`, headers, body);
  if (status !== 201) throw new Error(`The portal simulator answered ${status}`);
  return (await csp.listSandboxes()).accounts.filter(({ sandboxId }) => !known.has(sandboxId));
}

/** These accounts as sync would add them. */
export function inStock(accounts: readonly CspAccount[]): AvailableSandbox[] {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return accounts.map((account) => stock(account, randomInt(QUEUE_POSITION_LIMIT), nowSeconds));
}
