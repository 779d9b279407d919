import type { PortalAccount } from './portal-accounts';

/** What became of a DELETE: `failed` was answered with 500, `connection_cut` not at all. */
export type DeletionOutcome = 'deleted' | 'not_found' | 'failed' | 'connection_cut' | 'unauthorized';

export interface DeletionEntry {
  /** ISO 8601. */
  at: string;
  /** The last segment of the account's id, as in the request's path. */
  account_key: string;
  /** Null when there was no such account. */
  csp_id: number | null;
  name: string | null;
  outcome: DeletionOutcome;
}

const MAX_ENTRIES = 100_000;

/** Every DELETE that the simulated portal has seen, oldest first; beyond 100,000 the oldest are forgotten. */
export class DeletionLog {
  readonly entries: DeletionEntry[] = [];

  constructor(private readonly now: () => Date = () => new Date()) {}

  record({
    key,
    account,
    outcome,
  }: {
    key: string;
    account?: PortalAccount;
    outcome: DeletionOutcome;
  }): void {
    if (this.entries.length >= MAX_ENTRIES) this.entries.shift();
    this.entries.push({
      at: this.now().toISOString(),
      account_key: key,
      csp_id: account?.csp_id ?? null,
      name: account?.name ?? null,
      outcome,
    });
  }
}
