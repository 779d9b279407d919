/** One active sandbox account, as the portal lists it. */
export interface CspAccount {
  /** The portal's `csp_id` as text: our own key for the sandbox. */
  sandboxId: string;
  /** The portal's path for the account, e.g. `identity/accounts/<uuid>`: what a deletion needs. */
  externalId: string;
  /** Never empty: the portal's name, or the sandbox id where it has none. */
  name: string;
  /** The portal gave no name: `name` is the sandbox id, and says nothing about a name that is known already. */
  isUnnamed?: true;
  sfdcAccountId?: string;
}

/** An entry of the portal's list that cannot be used as an account, and why. */
export interface UnusableEntry {
  /** Its place in the portal's list, from 0. */
  index: number;
  reasons: string;
  /** What can be read of its identity: the account of these ids exists in the portal. */
  externalId?: string;
  sandboxId?: string;
}

/** An account of another kind, or a sandbox that is not active. */
export interface OtherEntry {
  /** The portal's word for what the account is, such as `active`, `suspended` or `closed`. */
  state: string;
  externalId?: string;
  sandboxId?: string;
}

/** What the portal lists, as far as it concerns us. */
export interface PortalList {
  /** Active sandboxes. No two have the same account key or the same `sandboxId`. */
  accounts: CspAccount[];
  unusable: UnusableEntry[];
  /** The rest. Absent if the source of the list does not tell. */
  others?: OtherEntry[];
  /** How the list says itself that it is only a part: what it does not name may exist all the same. */
  incomplete?: string;
}

/** How the portal answered a DELETE. Neither proves that the account is gone: a later list decides. */
export type DeletionAnswer = 'accepted' | 'not_found';

/**
 * Whether calls reach the portal. `open`: it has failed so often in a row that they are held back for a while.
 * `half_open`: one call is trying whether it is back. An open circuit stays `open` until somebody tries.
 */
export type CspCircuitState = 'closed' | 'open' | 'half_open';

export interface CspCallOptions {
  /** Gives up the call, retries included. A deletion given up may still have happened. */
  signal?: AbortSignal;
}

/**
 * The Cloud Services Portal, where sandbox accounts are listed and deleted. Every call ends: with an answer, or
 * after its timeouts and a bounded number of retries with one of the errors below.
 */
export interface CspClient {
  readonly circuitState: CspCircuitState;

  /** Everything that the portal lists: active sandboxes, entries that could not be used, and all others. */
  listSandboxes(options?: CspCallOptions): Promise<PortalList>;

  /**
   * Asks for the deletion of an account: `accepted` for any 2xx, `not_found` for 404 and 410. That is an answer, and no proof:
   * the portal may delete later, and answers 404 to a wrong path or a narrowed token, too. The account counts as deleted
   * when a list that was requested after this answer does not name it. May be repeated.
   */
  deleteAccount(externalId: string, options?: CspCallOptions): Promise<DeletionAnswer>;
}

/**
 * The portal could not be reached, took too long, or said that the fault is its own (5xx, or 429: too busy). Trying
 * again later may help. A deletion may or may not have happened.
 */
export class CspUnavailableError extends Error {
  override readonly name = 'CspUnavailableError';

  constructor(call: string, reason: string, options?: { cause: unknown }) {
    super(`The portal did not answer ${call}: ${reason}`, options);
  }
}

/**
 * The portal has failed so often in a row that calls are held back until it has had time to recover. This says
 * nothing about the account in question. Usually nothing was sent; when the circuit opened in the middle of the
 * call's own retries, a deletion may have happened.
 */
export class CspCircuitOpenError extends Error {
  override readonly name = 'CspCircuitOpenError';

  constructor(call: string) {
    super(`Not calling the portal for ${call}: it failed too often in a row and is left alone for a while`);
  }
}

/** The portal answered, and refused. Repeating the same call does not help: look at the token and the base URL. */
export class CspRejectedError extends Error {
  override readonly name = 'CspRejectedError';

  constructor(
    call: string,
    readonly status: number,
  ) {
    const hint = status === 401 || status === 403 ? ' (is CSP_API_TOKEN right?)' : '';
    super(`The portal refused ${call} with status ${status}${hint}`);
  }
}

/** The portal's answer makes no sense as a whole, so nothing may be concluded from it. */
export class CspResponseInvalidError extends Error {
  override readonly name = 'CspResponseInvalidError';

  constructor(call: string, reason: string) {
    super(`The portal's answer to ${call} cannot be used: ${reason}`);
  }
}

/** This external id names no account, so nothing was sent: a careless path could hit something else. */
export class CspAccountIdInvalidError extends Error {
  override readonly name = 'CspAccountIdInvalidError';

  constructor(externalId: string) {
    super(`Not a portal account id: ${JSON.stringify(externalId.slice(0, 200))}`);
  }
}
