import { accountKey } from '../../app/allocation/account-key';
import { parseAccountList } from '../../app/csp/account-list';

const ENTRY = {
  account_type: 'sandbox',
  state: 'active',
  id: 'identity/accounts/4ab6bf0c-0000-4000-8000-000000000001',
  name: 'csp-sandbox-0001',
  csp_id: 2009521,
  created_at: '2025-03-27T16:53:47.605459Z',
  sfdc_account_id: '0015g00000abcdeAAA',
};

function parse(...results: unknown[]): Extract<ReturnType<typeof parseAccountList>, { kind: 'valid' }> {
  const list = parseAccountList(JSON.stringify({ results }));
  if (list.kind === 'invalid') throw new Error(list.reason);
  return list;
}

describe('the account list', () => {
  it('leaves out what is not an active sandbox, without a word', () => {
    const list = parse(
      { ...ENTRY, account_type: 'production' },
      { ...ENTRY, state: 'suspended' },
      // Not ours, so it does not matter how it looks.
      { account_type: 'partner', state: 'active' },
      ENTRY,
    );
    expect(list.accounts.map((account) => account.sandboxId)).toEqual(['2009521']);
    expect(list.unusable).toEqual([]);
  });

  it('tells of accounts that are no active sandboxes by their ids and states', () => {
    const list = parse({ ...ENTRY, state: 'suspended' }, { account_type: 'partner', state: 'active', id: 7 });

    expect(list.others).toEqual([
      { state: 'suspended', externalId: ENTRY.id, sandboxId: '2009521' },
      { state: 'active', externalId: undefined, sandboxId: undefined },
    ]);
  });

  it.each([
    { state: 'Active' },
    { state: 'ACTIVE ' },
    { account_type: 'Sandbox' },
    { account_type: ' SANDBOX' },
  ])('takes an entry with %j for an active sandbox', (words) => {
    expect(parse({ ...ENTRY, ...words }).accounts).toHaveLength(1);
  });

  it.each(['Suspended', ' creating', 'CLOSED', 'terminated'])(
    'takes a sandbox in state "%s" for no active one',
    (state) => {
      expect(parse({ ...ENTRY, state })).toMatchObject({ accounts: [], unusable: [], others: [{ state }] });
    },
  );

  it.each([
    [{ state: 'zapped' }, 'state: unknown word "zapped"'],
    [{ state: '' }, 'state: unknown word ""'],
    [{ account_type: 'Sandbox-v2' }, 'account_type: unknown word "Sandbox-v2"'],
  ])('cannot use an entry with %j, and names its account', (words, reasons) => {
    const ids = { externalId: ENTRY.id, sandboxId: '2009521' };
    expect(parse({ ...ENTRY, ...words })).toMatchObject({
      accounts: [],
      unusable: [{ index: 0, reasons, ...ids }],
      others: [],
    });
  });

  it.each([
    ['a number', 2009521],
    ['text', '2009521'],
    ['text with blanks around', ' 2009521 '],
  ])('takes a csp_id that is %s', (_what, cspId) => {
    expect(parse({ ...ENTRY, csp_id: cspId }).accounts[0]?.sandboxId).toBe('2009521');
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', '  '],
  ])('names an account by its id when its name is %s', (_what, name) => {
    expect(parse({ ...ENTRY, name }).accounts[0]).toMatchObject({ name: '2009521', isUnnamed: true });
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
  ])('takes an account whose sfdc_account_id is %s', (_what, sfdcAccountId) => {
    const [account] = parse({ ...ENTRY, sfdc_account_id: sfdcAccountId }).accounts;
    expect(account).toEqual({ sandboxId: '2009521', externalId: ENTRY.id, name: ENTRY.name });
  });

  it.each([
    ['null', null],
    ['text', 'account'],
    ['an entry without a type', { ...ENTRY, account_type: undefined }],
    ['a missing csp_id', { ...ENTRY, csp_id: undefined }],
    ['an empty csp_id', { ...ENTRY, csp_id: '' }],
    ['a csp_id with a fraction', { ...ENTRY, csp_id: 1.5 }],
    ['a negative csp_id', { ...ENTRY, csp_id: -1 }],
    ['a csp_id that would leave its place in a path', { ...ENTRY, csp_id: 'a/b' }],
    ['a missing id', { ...ENTRY, id: undefined }],
    ['an id that ends in a slash', { ...ENTRY, id: 'identity/accounts/' }],
    ['an id that leads elsewhere', { ...ENTRY, id: 'identity/accounts/..' }],
    ['a name that is a number', { ...ENTRY, name: 7 }],
    ['a name too long for an index key', { ...ENTRY, name: 'x'.repeat(256) }],
    ['a name with half of a surrogate pair', { ...ENTRY, name: 'csp-\ud83d-1' }],
    ['a name with a control character', { ...ENTRY, name: 'csp-\u001b[2J' }],
    ['an id with half of a surrogate pair', { ...ENTRY, id: 'identity/\udc00/4ab6' }],
    ['an id with a control character', { ...ENTRY, id: 'identity/\u0000/4ab6' }],
    ['an id beyond all measure', { ...ENTRY, id: `${'x'.repeat(600)}/4ab6` }],
    ['an sfdc_account_id with half of a surrogate pair', { ...ENTRY, sfdc_account_id: '\ud800' }],
    ['an sfdc_account_id beyond all measure', { ...ENTRY, sfdc_account_id: 'x'.repeat(400_000) }],
  ])('reports %s as not fitting, and keeps the others', (_what, odd) => {
    const list = parse(odd, { ...ENTRY, id: 'identity/accounts/7', csp_id: 7 });
    expect(list.unusable.map((misfit) => misfit.index)).toEqual([0]);
    expect(list.accounts.map((account) => account.sandboxId)).toEqual(['7']);
  });

  it('keeps the first of two entries with the same csp_id, and reports the other', () => {
    const list = parse(ENTRY, { ...ENTRY, csp_id: '2009521', name: 'impostor' });
    expect(list.accounts.map((account) => account.name)).toEqual(['csp-sandbox-0001']);
    expect(list.unusable).toEqual([
      { index: 1, reasons: 'id, csp_id: listed twice', externalId: ENTRY.id, sandboxId: '2009521' },
    ]);
  });
});

describe('an account list that says that it is only a part', () => {
  const parseBody = (rest: object): ReturnType<typeof parseAccountList> =>
    parseAccountList(JSON.stringify({ ...rest, results: [ENTRY] }));

  it.each([
    { next: 'https://portal.example.com/current_user/accounts?page=2' },
    { nextPage: 2 },
    { next_page_token: 'abc' },
    { has_more: true },
    { count: 2 },
    { totalCount: '150' },
    { meta: { pagination: { total: 2 } } },
    { _links: { self: { href: '/a' }, next: { href: '/b' } } },
  ])('is incomplete with %j', (rest) => {
    const list = parseBody(rest);
    expect(list).toHaveProperty('incomplete');
    expect(list).toMatchObject({ accounts: [{ sandboxId: '2009521' }] });
  });

  it.each([
    {},
    { next: null, previous: '/a', count: 1 },
    { next_page: '', has_more: false, total: 0 },
    { page: 1, limit: 500, _links: { self: { href: '/a' }, next: { href: null } } },
  ])('is whole with %j', (rest) => {
    expect(parseBody(rest)).not.toHaveProperty('incomplete');
  });
});

describe('an entry of the account list that cannot be used', () => {
  it.each([
    ['its name is odd', { ...ENTRY, name: 7 }, { externalId: ENTRY.id, sandboxId: '2009521' }],
    ['its id is odd', { ...ENTRY, id: 'identity/accounts/' }, { sandboxId: '2009521' }],
    ['its csp_id is odd', { ...ENTRY, csp_id: -1 }, { externalId: ENTRY.id }],
    ['its state is odd', { ...ENTRY, state: 7 }, { externalId: ENTRY.id, sandboxId: '2009521' }],
    ['both ids are odd', { ...ENTRY, id: null, csp_id: {} }, {}],
    ['it is no object', 'account', {}],
  ])('is told with the ids that can be read when %s', (_what, entry, ids) => {
    const [unusable] = parse(entry).unusable;
    expect({ externalId: unusable?.externalId, sandboxId: unusable?.sandboxId }).toEqual({
      externalId: undefined,
      sandboxId: undefined,
      ...ids,
    });
  });

  it.each([
    ['id under another csp_id', { csp_id: 7 }, 'id'],
    ['id at another path', { id: `other/${ENTRY.id.split('/').at(-1) ?? ''}`, csp_id: 7 }, 'id'],
    ['id in another case', { id: ENTRY.id.toUpperCase(), csp_id: 7 }, 'id'],
    ['csp_id with another account', { id: 'identity/accounts/another' }, 'csp_id'],
  ])('is the second with one %s', (_what, change, field) => {
    const list = parse(ENTRY, { ...ENTRY, ...change });
    expect(list.accounts).toHaveLength(1);
    expect(list.unusable).toMatchObject([{ index: 1, reasons: `${field}: listed twice` }]);
  });

  it('leaves names in any script, emoji and markup as they are', () => {
    const name = '学生 👩‍🔬 <b>é</b>';
    expect(parse({ ...ENTRY, name }).accounts[0]?.name).toBe(name);
  });
});

describe('the key of an account', () => {
  it('is the last segment of its id', () => {
    expect(accountKey('identity/accounts/4ab6')).toBe('4ab6');
    expect(accountKey('4ab6')).toBe('4ab6');
  });

  it('is the same for a UUID in any case, and only for a UUID', () => {
    const [withHyphens, without] = [
      '4AB6bf0c-0000-4000-8000-00000000000F',
      '4AB6bf0c00004000800000000000000F',
    ];
    for (const uuid of [withHyphens, without]) expect(accountKey(`a/${uuid}`)).toBe(uuid.toLowerCase());
    expect(accountKey('identity/accounts/x9Tq')).toBe('x9Tq');
  });
});
