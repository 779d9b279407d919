import { startPortalSimulator, type PortalSimulator } from '../../../local/portal/portal-simulator';
import { accountKeyOf } from '../../../local/portal/portal-accounts';
import { seededRandom } from '../../fakes/seeded-random';
import type { PortalFault, Rates } from '../plan/phases';
import { openPortalDoor, type PortalDoor } from './portal-door';

let portal: PortalSimulator;
let door: PortalDoor;
let rates: Rates<PortalFault>;

beforeEach(async () => {
  rates = {};
  portal = await startPortalSimulator({ apiToken: 'token', sandboxCount: 40 });
  door = await openPortalDoor({ portalUrl: portal.url, random: seededRandom(1), rates: () => rates });
});

afterEach(async () => {
  await door.stop();
  await portal.stop();
});

async function call(method: string, path: string): Promise<Response> {
  return fetch(door.url + path, { method, headers: { authorization: 'Token token' } });
}

async function list(): Promise<number> {
  const { results } = (await (await call('GET', '/current_user/accounts')).json()) as { results: unknown[] };
  return results.length;
}

function someKey(): string {
  const [account] = portal.accounts.activeSandboxes();
  return account ? accountKeyOf(account) : '';
}

it('lets lists and deletions through', async () => {
  const before = await list();

  expect((await call('DELETE', `/sandbox/accounts/${someKey()}`)).status).toBe(204);

  expect(await list()).toBe(before - 1);
});

it('lists as it was, before what has been deleted since', async () => {
  const before = await list();
  await call('DELETE', `/sandbox/accounts/${someKey()}`);

  rates = { old_list: 1 };

  expect(await list()).toBe(before);
});

it('leaves out less than half of a list', async () => {
  const whole = await list();

  rates = { gappy_list: 1 };
  const length = await list();

  expect(length).toBeLessThan(whole);
  expect(length).toBeGreaterThan(whole / 2);
});

it('deletes, and loses the answer', async () => {
  rates = { cut_after: 1 };
  const key = someKey();

  await expect(call('DELETE', `/sandbox/accounts/${key}`)).rejects.toThrow();

  expect(portal.accounts.find(key)).toBeUndefined();
});

it('remembers whom it has denied', async () => {
  rates = { not_found: 1 };
  const key = someKey();

  expect((await call('DELETE', `/sandbox/accounts/${key}`)).status).toBe(404);

  expect(portal.accounts.find(key)).toBeDefined();
  expect([...door.deniedKeys]).toEqual([key]);
});

it('answers deletions with no page that says 200 without having deleted', async () => {
  rates = { not_json: 1 };

  expect((await call('GET', '/current_user/accounts')).headers.get('content-type')).toBe('text/html');
  expect((await call('DELETE', `/sandbox/accounts/${someKey()}`)).status).toBe(204);
});

it('accepts deletions that it does not make, and forbids others, while it lists as always', async () => {
  const key = someKey();
  rates = { accepted_only: 1 };
  expect((await call('DELETE', `/sandbox/accounts/${key}`)).ok).toBe(true);
  rates = { forbidden: 1 };
  expect((await call('DELETE', `/sandbox/accounts/${key}`)).status).toBe(403);

  expect(portal.accounts.find(key)).toBeDefined();
  expect(await list()).toBeGreaterThanOrEqual(40);
});
