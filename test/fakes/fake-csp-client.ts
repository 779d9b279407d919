import type { Clock } from '../../app/allocation/clock';
import {
  CspCircuitOpenError,
  CspRejectedError,
  CspUnavailableError,
  type CspAccount,
  type CspCallOptions,
  type CspCircuitState,
  type CspClient,
  type DeletionAnswer,
  type PortalList,
} from '../../app/csp/csp-client';

export interface FakeCspClientOptions {
  clock: Pick<Clock, 'nowMs'>;
  /** Failed attempts in a row that open the circuit. */
  threshold?: number;
  openMs?: number;
  /** The first one included. */
  attemptsPerCall?: number;
  /** The portal's accounts, to be shared by the clients of several processes. */
  accounts?: Map<string, CspAccount>;
}

/** What the portal says to one attempt: a status, or an error of the client's own. */
export type PortalAnswer = number | Error;

/**
 * The portal and its client in memory. Each call makes up to three attempts, and a circuit breaker sees them all, just
 * as the real client does it; `test/jobs/fake-csp-client.test.ts` holds the two side by side.
 */
export class FakeCspClient implements CspClient {
  /** What the portal has, by external id. */
  readonly accounts: Map<string, CspAccount>;
  /** Every attempt at a deletion that reached the portal, in order, whatever it answered. */
  readonly deleteAttempts: string[] = [];
  /** What the portal has really deleted, in order: twice the same shows twice. */
  readonly deleted: string[] = [];
  /** Calls made, whether or not anything was sent. */
  readonly calls = { list: 0, delete: 0 };
  /** The portal's answer to an attempt; `undefined` is its usual one. */
  answer: (call: 'list' | 'delete', externalId: string | undefined) => PortalAnswer | undefined = () =>
    undefined;
  /** What to do before a call is sent, e.g. to let something else happen first. */
  before: (call: 'list' | 'delete', externalId: string | undefined) => Promise<void> | void = () => undefined;

  /** What the portal's list says, given the accounts that there are: the truth, unless a test makes it lie. */
  list: (accounts: CspAccount[]) => PortalList = (accounts) => ({ accounts, unusable: [] });

  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #threshold: number;
  readonly #openMs: number;
  readonly #attemptsPerCall: number;
  #failuresInARow = 0;
  #openedAtMs?: number;

  constructor({
    clock,
    threshold = 5,
    openMs = 60_000,
    attemptsPerCall = 3,
    accounts = new Map(),
  }: FakeCspClientOptions) {
    this.accounts = accounts;
    this.#clock = clock;
    this.#threshold = threshold;
    this.#openMs = openMs;
    this.#attemptsPerCall = attemptsPerCall;
  }

  get circuitState(): CspCircuitState {
    return this.#openedAtMs === undefined ? 'closed' : 'open';
  }

  /** Makes the portal have the accounts of these rows. */
  has(
    rows: readonly { sandboxId: string; externalId: string; name: string; sfdcAccountId?: string }[],
  ): void {
    for (const { sandboxId, externalId, name, sfdcAccountId } of rows) {
      this.accounts.set(externalId, { sandboxId, externalId, name, sfdcAccountId });
    }
  }

  /** Deletions of these accounts fail with 500, again and again; all else works. */
  failFor(...externalIds: string[]): void {
    this.answer = (call, externalId) =>
      call === 'delete' && externalIds.includes(externalId ?? '') ? 500 : undefined;
  }

  /** Nothing gets an answer. */
  goDown(): void {
    this.answer = () => 503;
  }

  /** Everything works again. */
  recover(): void {
    this.answer = () => undefined;
  }

  async listSandboxes(options?: CspCallOptions): Promise<PortalList> {
    this.calls.list += 1;
    await this.before('list', undefined);
    const call = 'GET /current_user/accounts';
    const status = this.#send(call, options, () => this.answer('list', undefined) ?? 200);
    if (status !== 200) throw new CspRejectedError(call, status);
    return this.list([...this.accounts.values()].map((account) => ({ ...account })));
  }

  async deleteAccount(externalId: string, options?: CspCallOptions): Promise<DeletionAnswer> {
    this.calls.delete += 1;
    await this.before('delete', externalId);
    const call = `DELETE ${externalId}`;
    const status = this.#send(call, options, () => {
      this.deleteAttempts.push(externalId);
      const answer = this.answer('delete', externalId);
      if (answer !== undefined) return answer;
      if (!this.accounts.delete(externalId)) return 404;
      this.deleted.push(externalId);
      return 204;
    });
    if (status === 404 || status === 410) return 'not_found';
    if (status >= 200 && status < 300) return 'accepted';
    throw new CspRejectedError(call, status);
  }

  /** The attempts of one call, as far as the circuit lets them through. */
  #send(call: string, options: CspCallOptions | undefined, attempt: () => PortalAnswer): number {
    for (let tries = 1; ; tries += 1) {
      options?.signal?.throwIfAborted();
      if (this.#isHeldBack()) throw new CspCircuitOpenError(call);
      const answer = attempt();
      if (answer instanceof Error) throw answer;
      if (answer < 500 && answer !== 429) {
        this.#failuresInARow = 0;
        this.#openedAtMs = undefined;
        return answer;
      }
      this.#failuresInARow += 1;
      // After an open time one attempt is let through; if that fails too, the circuit is open again.
      if (this.#failuresInARow >= this.#threshold) this.#openedAtMs = this.#clock.nowMs();
      if (tries === this.#attemptsPerCall) throw new CspUnavailableError(call, `status ${answer}`);
    }
  }

  #isHeldBack(): boolean {
    return this.#openedAtMs !== undefined && this.#clock.nowMs() < this.#openedAtMs + this.#openMs;
  }
}
