import { startPortalSimulator, type PortalSimulator } from '../../../local/portal/portal-simulator';
import type { PortalAccount } from '../../../local/portal/portal-accounts';
import { waitUntil } from '../wait-until';

const TOKEN = 'simulated-token';

let portal: PortalSimulator;

async function startWith(sandboxCount: number): Promise<void> {
  portal = await startPortalSimulator({ apiToken: TOKEN, sandboxCount });
}

afterEach(() => portal.stop());

function call(method: string, path: string, { token = TOKEN, body }: { token?: string; body?: string } = {}) {
  return fetch(`${portal.url}${path}`, { method, body, headers: { authorization: `Token ${token}` } });
}

async function listed(): Promise<PortalAccount[]> {
  const response = await call('GET', '/current_user/accounts');
  return ((await response.json()) as { results: PortalAccount[] }).results;
}

async function activeSandboxes(): Promise<PortalAccount[]> {
  return (await listed()).filter((entry) => entry.account_type === 'sandbox' && entry.state === 'active');
}

function keyOf(account: PortalAccount | undefined): string {
  return account?.id.split('/').at(-1) ?? 'missing';
}

async function deleteNth(index: number): Promise<number> {
  const account = (await activeSandboxes())[index];
  return (await call('DELETE', `/sandbox/accounts/${keyOf(account)}`)).status;
}

async function setFaults(faults: unknown): Promise<number> {
  return (await call('PUT', '/simulator/faults', { body: JSON.stringify(faults) })).status;
}

async function deletionLog(): Promise<Record<string, unknown>[]> {
  const response = await call('GET', '/simulator/log');
  return ((await response.json()) as { deletions: Record<string, unknown>[] }).deletions;
}

describe('the two calls of the portal', () => {
  it('lists sandboxes as the portal does, and other accounts beside them', async () => {
    await startWith(3);

    const sandboxes = await activeSandboxes();
    expect(sandboxes.map(({ name, csp_id }) => [name, csp_id])).toEqual([
      ['csp-sandbox-0001', 2009521],
      ['csp-sandbox-0002', 2009522],
      ['csp-sandbox-0003', 2009523],
    ]);
    expect(sandboxes[0]?.id).toMatch(/^identity\/accounts\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(new Date(sandboxes[0]?.created_at ?? '').getTime()).not.toBeNaN();

    const kinds = new Set((await listed()).map(({ account_type, state }) => `${account_type} ${state}`));
    expect(kinds).toContain('production active');
    expect(kinds).toContain('sandbox suspended');
  });

  it('shows the same accounts in every run, so that a table kept from before still fits', async () => {
    await startWith(2);
    const ids = (await listed()).map((account) => account.id);
    await portal.stop();

    await startWith(2);
    expect((await listed()).map((account) => account.id)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('deletes a sandbox once, and then says 404', async () => {
    await startWith(2);
    const key = keyOf((await activeSandboxes())[0]);

    expect((await call('DELETE', `/sandbox/accounts/${key}`)).status).toBe(204);
    expect((await call('DELETE', `/sandbox/accounts/${key}`)).status).toBe(404);
    expect((await activeSandboxes()).map((account) => account.csp_id)).toEqual([2009522]);
  });

  it('does not delete what is not an active sandbox', async () => {
    await startWith(0);
    const count = (await listed()).length;
    const production = (await listed()).find((account) => account.account_type === 'production');

    expect((await call('DELETE', `/sandbox/accounts/${keyOf(production)}`)).status).toBe(404);
    expect(await listed()).toHaveLength(count);
  });

  it('refuses both calls without the right token', async () => {
    await startWith(1);
    const key = keyOf((await activeSandboxes())[0]);

    expect((await call('GET', '/current_user/accounts', { token: 'another' })).status).toBe(401);
    expect((await call('DELETE', `/sandbox/accounts/${key}`, { token: 'another' })).status).toBe(401);
    expect(await activeSandboxes()).toHaveLength(1);
  });
});

describe('faults', () => {
  it('fails just as many calls as asked for', async () => {
    await startWith(5);
    await setFaults({ fail_next: 2, calls: 'delete' });

    expect([await deleteNth(0), await deleteNth(0), await deleteNth(0)]).toEqual([500, 500, 204]);
  });

  it('fails every call at an error rate of one, and none at zero', async () => {
    await startWith(1);
    await setFaults({ error_rate: 1 });
    expect((await call('GET', '/current_user/accounts')).status).toBe(500);

    await setFaults({});
    expect((await call('GET', '/current_user/accounts')).status).toBe(200);
  });

  it('cuts connections during an outage, and deletes nothing', async () => {
    await startWith(1);
    const key = keyOf((await activeSandboxes())[0]);
    await setFaults({ outage: true });
    await expect(call('DELETE', `/sandbox/accounts/${key}`)).rejects.toThrow();

    await setFaults({ outage: false });
    expect(await activeSandboxes()).toHaveLength(1);
  });

  it.each([
    ['csp_id', (account: PortalAccount) => account.csp_id],
    ['id', (account: PortalAccount) => account.id],
    ['last segment', (account: PortalAccount) => keyOf(account)],
  ])('fails to delete one account, named by its %s, and deletes others', async (_what, nameOf) => {
    await startWith(2);
    const [first] = (await activeSandboxes()) as [PortalAccount, PortalAccount];
    await setFaults({ failing_accounts: [nameOf(first)] });

    expect([await deleteNth(0), await deleteNth(0), await deleteNth(1)]).toEqual([500, 500, 204]);
  });

  it('answers later by the latency asked for', async () => {
    await startWith(1);
    await setFaults({ latency_ms: 600_000 });
    const slow = fetch(`${portal.url}/current_user/accounts`, { signal: AbortSignal.timeout(100) });

    await expect(slow).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('holds calls until other faults are set, and then answers them by those', async () => {
    await startWith(1);
    await setFaults({ hold: true, calls: 'delete' });
    let isAnswered = false;
    const held = deleteNth(0).finally(() => (isAnswered = true));
    // Another kind of call goes on, and so time passes.
    expect(await activeSandboxes()).toHaveLength(1);
    expect(isAnswered).toBe(false);

    await setFaults({ fail_next: 1 });

    expect(await held).toBe(500);
    expect(await activeSandboxes()).toHaveLength(1);
  });

  it('lists nothing, half, nonsense or something else when told to', async () => {
    await startWith(4);
    const bodies: Record<string, string> = {};
    for (const list of ['empty', 'halved', 'malformed', 'without_results', 'odd_entries']) {
      await setFaults({ list });
      bodies[list] = await (await call('GET', '/current_user/accounts')).text();
    }

    expect(JSON.parse(bodies.empty ?? '')).toEqual({ results: [] });
    expect((JSON.parse(bodies.halved ?? '') as { results: unknown[] }).results).toHaveLength(2);
    expect(() => JSON.parse(bodies.malformed ?? '') as unknown).toThrow(SyntaxError);
    expect(JSON.parse(bodies.without_results ?? '')).not.toHaveProperty('results');
    expect((JSON.parse(bodies.odd_entries ?? '') as { results: unknown[] }).results[0]).toBeNull();
  });

  it('shows the settings, counted down, and forgets what is not set again', async () => {
    await startWith(2);
    await setFaults({ fail_next: 2, latency_ms: 1, calls: 'delete' });
    await deleteNth(0);
    await deleteNth(0);
    expect(await (await call('GET', '/simulator/faults')).json()).toMatchObject({
      fail_next: 0,
      latency_ms: 1,
    });

    await setFaults({});
    expect(await (await call('GET', '/simulator/faults')).json()).toMatchObject({
      fail_next: 0,
      latency_ms: 0,
    });
  });

  it.each([
    ['an unknown setting', '{"latency": 5}', 'latency'],
    ['a rate above one', '{"error_rate": 2}', 'error_rate'],
    ['a negative number', '{"fail_next": -1}', 'fail_next'],
    ['an unknown list', '{"list": "upside down"}', 'list'],
    ['no JSON', '{"outage"', 'JSON'],
    ['a list', '[]', 'body'],
  ])('says 400 to %s, and what is wrong, and changes nothing', async (_what, body, named) => {
    await startWith(1);
    await setFaults({ fail_next: 7 });

    const response = await call('PUT', '/simulator/faults', { body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(named);
    expect(await (await call('GET', '/simulator/faults')).json()).toMatchObject({ fail_next: 7 });
  });
});

describe('the log', () => {
  it('has every DELETE with its outcome, in order', async () => {
    await startWith(3);
    const [first] = await activeSandboxes();
    await deleteNth(0);
    await call('DELETE', `/sandbox/accounts/${keyOf(first)}`);
    await setFaults({ fail_next: 1, calls: 'delete' });
    await deleteNth(0);
    await call('DELETE', '/sandbox/accounts/x', { token: 'another' });

    const entries = await deletionLog();
    expect(entries.map((entry) => entry.outcome)).toEqual(['deleted', 'not_found', 'failed', 'unauthorized']);
    expect(entries[0]).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      account_key: keyOf(first),
      csp_id: 2009521,
      name: 'csp-sandbox-0001',
      outcome: 'deleted',
    });
  });
});

describe('more accounts', () => {
  it('are created on demand, under another prefix, with new numbers', async () => {
    await startWith(1);
    const response = await call('POST', '/simulator/accounts', {
      body: '{"count": 2, "name_prefix": "workshop"}',
    });

    expect(response.status).toBe(201);
    expect((await activeSandboxes()).map((account) => account.name)).toEqual([
      'csp-sandbox-0001',
      'workshop-0002',
      'workshop-0003',
    ]);
  });

  it.each(['{}', '{"count": 0}', '{"count": "2"}', '{"count": 1, "prefix": "x"}'])(
    'are refused with 400 for %s',
    async (body) => {
      await startWith(1);
      expect((await call('POST', '/simulator/accounts', { body })).status).toBe(400);
      expect(await activeSandboxes()).toHaveLength(1);
    },
  );

  it('come by themselves up to the target, when the pool is refilled', async () => {
    portal = await startPortalSimulator({
      apiToken: TOKEN,
      sandboxCount: 3,
      refill: { targetCount: 3, intervalMs: 10, maxPerInterval: 1 },
    });
    await deleteNth(0);
    await deleteNth(0);

    await waitUntil(async () => (await activeSandboxes()).length === 3);
    expect((await activeSandboxes()).map((account) => account.csp_id)).toContain(2009525);
  });
});
