/*
 * What the portal's list of accounts looks like, entry by entry, before anybody has read it.
 */

/**
 * What can be wrong with one account. `odd field`: an entry with a readable id in which one field is of the wrong kind.
 * `unreadable id`: an entry whose id names no account. `half surrogate`, `long name`: a name that no table takes.
 * `listed twice`: a second entry with the same id and another number. `same number`: it has the number of another.
 * `other case`: its id is in upper case. `odd words`, `unknown state`: its state in another case; one that nobody knows.
 * `forbidden`, `never found`, `never deleted`: its DELETE is answered with 403, 404, 2xx, and it stays.
 */
export const ACCOUNT_FAULTS = [
  ...(['odd field', 'unreadable id', 'half surrogate', 'long name', 'listed twice', 'same number'] as const),
  ...(['other case', 'odd words', 'unknown state'] as const),
  ...(['forbidden', 'never found', 'never deleted'] as const),
];
export type AccountFault = (typeof ACCOUNT_FAULTS)[number];

/**
 * What is wrong with the list as a whole. `half`, `cut`: it leaves out every other account, all after the first few.
 * `first page`: it leaves out as much as `cut`, and names a next page.
 * `unreadable`: every other entry has an odd field. `no list`: an answer that is something else.
 */
export const LIST_MOODS = ['whole', 'empty', 'half', 'cut', 'first page', 'unreadable', 'no list'] as const;
export type ListMood = (typeof LIST_MOODS)[number];

/** An account of the portal. */
export interface WorldAccount {
  /** The last segment of its path: no account ever has that of another. */
  key: string;
  cspId: string;
  /** With the fault `listed twice`. */
  secondCspId?: string;
  name: string;
  faults: Set<AccountFault>;
  /** When a deletion that takes its time will be done. */
  goneAtMs?: number;
}

const CUT_AFTER = 2;
const LONG_NAME_LENGTH = 2_000;

/** The body of the portal's answer. */
export function listBody(accounts: readonly WorldAccount[], mood: ListMood): string {
  if (mood === 'no list') return '<html>Please log in</html>';
  if (mood === 'empty') return JSON.stringify({ results: [] });
  const results = accounts.flatMap((account, index) => {
    if (isLeftOut(index, mood)) return [];
    const isOdd = account.faults.has('odd field') || (mood === 'unreadable' && index % 2 === 1);
    return entriesOf(account, isOdd);
  });
  return JSON.stringify({
    next: mood === 'first page' ? '/current_user/accounts?page=2' : null,
    results: [...results, { account_type: 'organization', state: 'active', id: 'x', csp_id: 1 }],
  });
}

/** The accounts that a list names by an id that can be read, whatever else is wrong with their entries. */
export function readableKeys(body: string): ReadonlySet<string> {
  const ids = [...body.matchAll(/"id":"identity\/accounts\/([A-Za-z0-9_-]+)"/g)];
  return new Set(ids.map(([, key = '']) => key.toLowerCase()));
}

function isLeftOut(index: number, mood: ListMood): boolean {
  return (
    (mood === 'half' && index % 2 === 1) || ((mood === 'cut' || mood === 'first page') && index >= CUT_AFTER)
  );
}

function entriesOf({ key, cspId, secondCspId, name, faults }: WorldAccount, isOdd: boolean): object[] {
  const spelled = faults.has('other case') ? key.toUpperCase() : key;
  const entry = {
    account_type: faults.has('odd words') ? ' Sandbox' : 'sandbox',
    state: faults.has('unknown state') ? 'zapped' : faults.has('odd words') ? 'ACTIVE' : 'active',
    id: `identity/accounts/${spelled}${faults.has('unreadable id') ? '?page=2' : ''}`,
    csp_id: Number(cspId),
    name: `${name}${faults.has('half surrogate') ? '\ud83d' : ''}${faults.has('long name') ? 'x'.repeat(LONG_NAME_LENGTH) : ''}`,
    sfdc_account_id: isOdd ? { value: 'an object' } : null,
  };
  return secondCspId === undefined ? [entry] : [entry, { ...entry, csp_id: secondCspId }];
}
