/*
 * What the portal's list of accounts looks like, entry by entry, before anybody has read it.
 */

/**
 * What can be wrong with one account. `odd field`: an entry with a readable id in which one field is of the wrong kind.
 * `unreadable id`: an entry whose id names no account. `half surrogate`, `long name`: a name that no table takes.
 * `listed twice`: a second entry with the same id and another number. `same number`: it has the number of another.
 * `forbidden`, `never found`, `never deleted`: its DELETE is answered with 403, 404, 2xx, and it stays.
 */
export const ACCOUNT_FAULTS = [
  ...(['odd field', 'unreadable id', 'half surrogate', 'long name', 'listed twice', 'same number'] as const),
  ...(['forbidden', 'never found', 'never deleted'] as const),
];
export type AccountFault = (typeof ACCOUNT_FAULTS)[number];

/**
 * What is wrong with the list as a whole. `half`, `cut`: it leaves out every other account, all after the first few.
 * `unreadable`: every other entry has an odd field. `no list`: an answer that is something else.
 */
export const LIST_MOODS = ['whole', 'empty', 'half', 'cut', 'unreadable', 'no list'] as const;
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
    results: [...results, { account_type: 'organization', state: 'active', id: 'x', csp_id: 1 }],
  });
}

/** The accounts that a list names by an id that can be read, whatever else is wrong with their entries. */
export function readableKeys(body: string): ReadonlySet<string> {
  const ids = [...body.matchAll(/"id":"identity\/accounts\/([A-Za-z0-9_-]+)"/g)];
  return new Set(ids.map(([, key]) => key ?? ''));
}

function isLeftOut(index: number, mood: ListMood): boolean {
  return (mood === 'half' && index % 2 === 1) || (mood === 'cut' && index >= CUT_AFTER);
}

function entriesOf({ key, cspId, secondCspId, name, faults }: WorldAccount, isOdd: boolean): object[] {
  const entry = {
    account_type: 'sandbox',
    state: 'active',
    id: faults.has('unreadable id') ? `identity/accounts/${key}?page=2` : `identity/accounts/${key}`,
    csp_id: Number(cspId),
    name: `${name}${faults.has('half surrogate') ? '\ud83d' : ''}${faults.has('long name') ? 'x'.repeat(LONG_NAME_LENGTH) : ''}`,
    sfdc_account_id: isOdd ? { value: 'an object' } : null,
  };
  return secondCspId === undefined ? [entry] : [entry, { ...entry, csp_id: secondCspId }];
}
