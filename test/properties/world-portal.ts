import type { Clock, Random } from '../../app/allocation/clock';
import { accountKey } from '../../app/allocation/account-key';
import { parseAccountList } from '../../app/csp/account-list';
import {
  CspResponseInvalidError,
  type CspAccount,
  type CspCallOptions,
  type CspClient,
  type PortalList,
} from '../../app/csp/csp-client';
import { FakeCspClient, type PortalAnswer } from '../fakes/fake-csp-client';
import { idsOfShard } from '../fakes/sandbox-samples';
import { listBody, readableKeys, type AccountFault, type ListMood, type WorldAccount } from './portal-list';

/**
 * How the portal answers deletions at the moment. `stubborn`: it does not delete every other account. `refusing`: it
 * rejects those with 400, `forbidding`: with 403. `rejecting`: all of them, with one 4xx or another. `forgetful`: it
 * deletes, and answers with an error. `bursts`: half of all attempts fail. `not found`: it answers 404 and deletes
 * nothing, as with a token of too narrow a scope. `accepting`: any 2xx, and deletes nothing. `slow`: any 2xx, and the
 * account is gone some minutes or hours later. `conflicting`: as slow, with 409 to each further DELETE and 410 after it.
 */
export const PORTAL_MOODS = [
  ...(['well', 'down', 'stubborn', 'refusing', 'forgetful', 'bursts'] as const),
  ...(['forbidding', 'rejecting', 'not found', 'accepting', 'slow', 'conflicting'] as const),
];
export type PortalMood = (typeof PORTAL_MOODS)[number];

/** How a portal can change the numbers (`csp_id`) of its accounts. */
export const NUMBER_CHANGES = ['renumber', 'swap'] as const;
export type NumberChange = (typeof NUMBER_CHANGES)[number];

/** All of two shards, so that even a small pool has more rows than a page of a list. */
const IDS = [0, 1, 2, 3, 4].flatMap((block) => [
  ...idsOfShard(2, 5, 2_009_500 + 200 * block),
  ...idsOfShard(5, 3, 2_009_500 + 200 * block),
]);

const ACCEPTED = [200, 202, 204];
const REJECTED = [400, 401, 403, 405, 409, 422];
const SLOWEST_DELETION_MS = 5 * 3_600_000;

/** The portal of a world: its accounts, what happens to them, and how it answers. */
export class WorldPortal {
  /** How often its mood has changed. */
  moodCount = 0;
  /** Deletions that it did not refuse. */
  acceptedCount = 0;
  listMood: ListMood = 'whole';
  /** By the last segment of its path: that is what an account is, whatever number it has. */
  readonly #accounts = new Map<string, WorldAccount>();
  /** Accounts that no list names and no deletion finds for a while, and that might come back. */
  readonly #hidden: WorldAccount[] = [];
  readonly #listsWithout = new Map<string, number>();
  /** Accounts that a list requested after their last DELETE did not name. */
  readonly #missingSinceDelete = new Set<string>();
  #mood: PortalMood = 'well';
  #rejection = 400;
  #lastNumber = 0;
  #issuedCount = 0;

  constructor(
    private readonly random: Random,
    private readonly nowMs: () => number,
  ) {}

  get mood(): PortalMood {
    return this.#mood;
  }

  set mood(mood: PortalMood) {
    if (mood !== this.#mood) this.moodCount += 1;
    this.#mood = mood;
    this.#rejection = this.#anyOf(REJECTED);
  }

  /** Creates an account; its number is part of its name, too. */
  create(namePrefix: string): CspAccount {
    this.#lastNumber += 1;
    const cspId = this.#newCspId();
    const account = {
      // A UUID with a letter, so that its case can change.
      key: `a0000000-0000-4000-8000-${cspId.padStart(12, '0')}`,
      cspId,
      name: `${namePrefix}${this.#lastNumber}`,
      faults: new Set<AccountFault>(),
    };
    this.#accounts.set(account.key, account);
    return asListed(account);
  }

  remove(externalId: string): void {
    this.#accounts.delete(accountKey(externalId) ?? '');
  }

  vanish(choice: number): string | undefined {
    const account = pick(this.#present(), choice);
    if (!account) return undefined;
    this.#accounts.delete(account.key);
    this.#hidden.push(account);
    return account.key;
  }

  comeBack(choice: number): string | undefined {
    const account = pick(this.#hidden, choice);
    if (!account) return undefined;
    this.#hidden.splice(this.#hidden.indexOf(account), 1);
    this.#accounts.set(account.key, account);
    return account.key;
  }

  rename(choice: number, namePrefix: string): string | undefined {
    const account = pick(this.#present(), choice);
    if (!account) return undefined;
    account.name = `${namePrefix}new-${account.cspId}`;
    return account.key;
  }

  /** From now on something is wrong with one account, until {@link mend}. */
  spoil(choice: number, fault: AccountFault): string | undefined {
    const account = pick(this.#present(), choice);
    if (!account) return undefined;
    account.faults.add(fault);
    if (fault === 'listed twice') account.secondCspId ??= this.#newCspId();
    if (fault === 'same number') account.cspId = pick(this.#present(), choice + 1)?.cspId ?? account.cspId;
    return account.key;
  }

  /** Gives one account another number, or two accounts each other's. For good. */
  changeNumber(choice: number, change: NumberChange): string | undefined {
    const present = this.#present();
    const account = pick(present, choice);
    if (!account) return undefined;
    const other = pick(present, choice + 1) ?? account;
    const [own, others] = [account.cspId, other.cspId];
    account.cspId = change === 'renumber' ? this.#newCspId() : others;
    if (change === 'swap') other.cspId = own;
    return account.key;
  }

  /** Those that it has, as they should be listed. */
  accounts(): CspAccount[] {
    return this.#present().map(asListed);
  }

  /** Those with whose entries or deletion something is wrong, by external id. */
  faultyAccounts(): ReadonlySet<string> {
    return new Set(
      this.#present().flatMap((account) => (account.faults.size > 0 ? [asListed(account).externalId] : [])),
    );
  }

  hasAccount(externalId: string): boolean {
    const key = accountKey(externalId);
    return this.#present().some((account) => account.key === key);
  }

  /** Whether a whole list names a row's account so that it can be recognised: by its id, or else by the row's number. */
  names({ externalId, sandboxId }: Pick<CspAccount, 'externalId' | 'sandboxId'>): boolean {
    const key = accountKey(externalId);
    const account = this.#present().find((each) => each.key === key);
    if (!account) return false;
    return !account.faults.has('unreadable id') || [account.cspId, account.secondCspId].includes(sandboxId);
  }

  /** How many lists have not named the account since its row is known. */
  listsWithout(externalId: string): number {
    return this.#listsWithout.get(accountKey(externalId) ?? '') ?? 0;
  }

  wasMissingSinceDelete(externalId: string): boolean {
    return this.#missingSinceDelete.has(accountKey(externalId) ?? '');
  }

  /** It answers as it should from now on. What is wrong with single accounts stays so. */
  recover(): void {
    this.mood = 'well';
    this.listMood = 'whole';
  }

  /** Nothing is wrong with any account any more. A number that was changed stays changed, unless two have the same. */
  mend(): void {
    const numbers = new Set<string>();
    for (const account of [...this.#accounts.values(), ...this.#hidden]) {
      if (numbers.has(account.cspId)) account.cspId = this.#newCspId();
      numbers.add(account.cspId);
      account.secondCspId = undefined;
      account.faults.clear();
    }
  }

  /**
   * The portal's client as one process has it, with a circuit breaker of its own.
   *
   * @param knownIds the external ids of all rows, to count which lists leave out what
   */
  clientFor(clock: Clock, knownIds: () => Iterable<string>): CspClient {
    // How long the circuit has been open is no matter of the time of day.
    const client = new FakeCspClient({ clock: { nowMs: () => clock.monotonicMs() } });
    client.answer = (call, externalId) => this.#answer(call, externalId);
    return {
      get circuitState() {
        return client.circuitState;
      },
      listSandboxes: async (options?: CspCallOptions) => {
        await client.listSandboxes(options);
        return this.#list(knownIds());
      },
      deleteAccount: (externalId, options) => client.deleteAccount(externalId, options),
    };
  }

  #list(knownIds: Iterable<string>): PortalList {
    const body = listBody(this.#present(), this.listMood);
    const readable = readableKeys(body);
    for (const id of knownIds) {
      const key = accountKey(id) ?? '';
      if (readable.has(key)) this.#missingSinceDelete.delete(key);
      else {
        this.#listsWithout.set(key, this.listsWithout(id) + 1);
        this.#missingSinceDelete.add(key);
      }
    }
    const list = parseAccountList(body);
    if (list.kind === 'invalid') throw new CspResponseInvalidError('the list', list.reason);
    return list;
  }

  #answer(call: 'list' | 'delete', externalId: string | undefined): PortalAnswer {
    if (this.mood === 'down') return 503;
    if (this.mood === 'bursts' && this.random() < 0.5) return 500;
    if (call === 'list' || externalId === undefined) return 200;
    const key = accountKey(externalId) ?? '';
    this.#missingSinceDelete.delete(key);
    const answer = this.#answerInMood(key) ?? this.#delete(key);
    if (typeof answer === 'number' && [404, 410, ...ACCEPTED].includes(answer)) this.acceptedCount += 1;
    return answer;
  }

  #answerInMood(key: string): PortalAnswer | undefined {
    const isOdd = Number(key.at(-1)) % 2 === 1;
    const faults = this.#accounts.get(key)?.faults;
    if (faults?.has('forbidden')) return 403;
    if (faults?.has('never found')) return 404;
    if (faults?.has('never deleted')) return this.#anyOf(ACCEPTED);
    switch (this.mood) {
      case 'stubborn':
        return isOdd ? 500 : undefined;
      case 'refusing':
        return isOdd ? 400 : undefined;
      case 'forbidding':
        return isOdd ? 403 : undefined;
      case 'rejecting':
        return this.#rejection;
      case 'not found':
        return 404;
      case 'accepting':
        return this.#anyOf(ACCEPTED);
      case 'slow':
        return this.#deleteSlowly(key);
      case 'conflicting':
        if (this.#accounts.get(key)?.goneAtMs === undefined) return this.#deleteSlowly(key) ?? 410;
        return this.#deleteSlowly(key) === undefined ? 410 : 409;
      case 'forgetful':
        this.#delete(key);
        return 500;
      case 'well':
      case 'down':
      case 'bursts':
        return undefined;
    }
  }

  #deleteSlowly(key: string): PortalAnswer | undefined {
    const account = this.#accounts.get(key);
    if (!account) return undefined;
    account.goneAtMs ??= this.nowMs() + this.random() * SLOWEST_DELETION_MS;
    return account.goneAtMs > this.nowMs() ? this.#anyOf(ACCEPTED) : undefined;
  }

  #delete(key: string): PortalAnswer {
    const isThere = this.#present().some((account) => account.key === key);
    this.#accounts.delete(key);
    // Of what is hidden, it deletes some all the same.
    const index = this.#hidden.findIndex((account) => account.key === key);
    if (index >= 0 && this.random() < 0.5) this.#hidden.splice(index, 1);
    return isThere ? 204 : 404;
  }

  #present(): WorldAccount[] {
    const now = this.nowMs();
    return [...this.#accounts.values()].filter(({ goneAtMs }) => goneAtMs === undefined || goneAtMs > now);
  }

  #newCspId(): string {
    this.#issuedCount += 1;
    return IDS[this.#issuedCount] ?? String(9_000_000 + this.#issuedCount);
  }

  #anyOf(statuses: readonly number[]): number {
    return pick(statuses, Math.floor(this.random() * statuses.length)) ?? 500;
  }
}

function asListed({ key, cspId, name }: WorldAccount): CspAccount {
  return { sandboxId: cspId, externalId: `identity/accounts/${key}`, name };
}

/** One of them; the same choice always means the same one. */
export function pick<T>(items: readonly T[], choice: number): T | undefined {
  return items.length === 0 ? undefined : items[choice % items.length];
}
