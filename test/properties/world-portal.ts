import type { Clock, Random } from '../../app/allocation/clock';
import type { CspAccount, CspCallOptions, CspClient } from '../../app/csp/csp-client';
import { idsOfShard } from '../fakes/sandbox-samples';
import { FakeCspClient, type PortalAnswer } from '../fakes/fake-csp-client';

/**
 * How the portal is at the moment. `stubborn`: it does not delete every other account. `refusing`: it will not delete
 * those. `forgetful`: it deletes, and says that it failed. `bursts`: half of all attempts fail.
 */
export const PORTAL_MOODS = ['well', 'down', 'stubborn', 'refusing', 'forgetful', 'bursts'] as const;
export type PortalMood = (typeof PORTAL_MOODS)[number];

/** What its list leaves out, though the accounts are there. */
export const LIST_MOODS = ['whole', 'empty', 'half'] as const;
export type ListMood = (typeof LIST_MOODS)[number];

/** All of two shards, so that even a small pool has more rows than a page of a list. */
const IDS = [0, 1, 2, 3, 4].flatMap((block) => [
  ...idsOfShard(2, 5, 2_009_500 + 200 * block),
  ...idsOfShard(5, 3, 2_009_500 + 200 * block),
]);

/** The portal of a world: its accounts, what happens to them, and how it answers. */
export class WorldPortal {
  mood: PortalMood = 'well';
  listMood: ListMood = 'whole';
  readonly #accounts = new Map<string, CspAccount>();
  /** Accounts that somebody removed by hand, and might bring back. */
  readonly #vanished: CspAccount[] = [];
  readonly #listsWithout = new Map<string, number>();
  #lastNumber = 0;

  constructor(private readonly random: Random) {}

  /** Creates an account; its number tells its name, too. */
  create(namePrefix: string): CspAccount {
    this.#lastNumber += 1;
    const sandboxId = IDS[this.#lastNumber] ?? String(9_000_000 + this.#lastNumber);
    const externalId = `identity/accounts/${sandboxId}`;
    const account = { sandboxId, externalId, name: `${namePrefix}${this.#lastNumber}` };
    this.#accounts.set(externalId, account);
    return account;
  }

  remove(externalId: string): void {
    this.#accounts.delete(externalId);
  }

  vanish(choice: number): string | undefined {
    const account = pick([...this.#accounts.values()], choice);
    if (!account) return undefined;
    this.#accounts.delete(account.externalId);
    this.#vanished.push(account);
    return account.sandboxId;
  }

  comeBack(choice: number): string | undefined {
    const account = pick(this.#vanished, choice);
    if (!account) return undefined;
    this.#vanished.splice(this.#vanished.indexOf(account), 1);
    this.#accounts.set(account.externalId, account);
    return account.sandboxId;
  }

  rename(choice: number, namePrefix: string): string | undefined {
    const account = pick([...this.#accounts.values()], choice);
    if (!account) return undefined;
    this.#accounts.set(account.externalId, { ...account, name: `${namePrefix}new-${account.sandboxId}` });
    return account.sandboxId;
  }

  accounts(): CspAccount[] {
    return [...this.#accounts.values()];
  }

  hasAccount(externalId: string): boolean {
    return this.#accounts.has(externalId);
  }

  listsWithout(sandboxId: string): number {
    return this.#listsWithout.get(sandboxId) ?? 0;
  }

  /** Everything works from now on. */
  recover(): void {
    this.mood = 'well';
    this.listMood = 'whole';
  }

  /** The portal's client as one process has it, with a circuit breaker of its own. */
  clientFor(clock: Clock): CspClient {
    const client = new FakeCspClient({ clock, accounts: this.#accounts });
    client.answer = (call, externalId) => this.#answer(call, externalId);
    return {
      get circuitState() {
        return client.circuitState;
      },
      listSandboxes: async (options?: CspCallOptions) => {
        const { accounts, unusable } = await client.listSandboxes(options);
        return { accounts: this.#listed(accounts), unusable };
      },
      deleteAccount: (externalId, options) => client.deleteAccount(externalId, options),
    };
  }

  /** Notes which of these sandboxes a list left out. */
  noteList(accounts: readonly CspAccount[], known: Iterable<string>): void {
    const listed = new Set(accounts.map(({ sandboxId }) => sandboxId));
    for (const id of known) if (!listed.has(id)) this.#listsWithout.set(id, this.listsWithout(id) + 1);
  }

  #answer(call: 'list' | 'delete', externalId: string | undefined): PortalAnswer | undefined {
    if (this.mood === 'down') return 503;
    if (this.mood === 'bursts' && this.random() < 0.5) return 500;
    if (call === 'list' || externalId === undefined) return undefined;
    const isOdd = Number(externalId.at(-1)) % 2 === 1;
    if (this.mood === 'stubborn' && isOdd) return 500;
    if (this.mood === 'refusing' && isOdd) return 400;
    this.#forgetVanished(externalId);
    if (this.mood !== 'forgetful') return undefined;
    this.#accounts.delete(externalId);
    return 500;
  }

  /** What is deleted stays deleted, also when somebody had removed it by hand before. */
  #forgetVanished(externalId: string): void {
    const index = this.#vanished.findIndex((account) => account.externalId === externalId);
    if (index >= 0) this.#vanished.splice(index, 1);
  }

  #listed(accounts: CspAccount[]): CspAccount[] {
    switch (this.listMood) {
      case 'whole':
        return accounts;
      case 'empty':
        return [];
      case 'half':
        return accounts.filter((_, index) => index % 2 === 0);
    }
  }
}

/** One of them; the same choice always means the same one. */
export function pick<T>(items: readonly T[], choice: number): T | undefined {
  return items.length === 0 ? undefined : items[choice % items.length];
}
