import { BrokerApiError, BrokerClient, unwrap } from '../../clients/typescript';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';

/*
 * The TypeScript client against the real thing.
 */

jest.setTimeout(60_000);

let system: LocalSystem;
let client: BrokerClient;
let admin: BrokerClient;

function clientWith(token: string, urls = system.apis.map(({ url }) => url)): BrokerClient {
  let next = 0;
  return new BrokerClient({
    baseUrl: `${urls[0] ?? ''}/v1`,
    token,
    retry: { baseDelayMs: 5, deadlineMs: 20_000 },
    surroundings: {
      // As a load balancer would: each attempt goes to another process.
      fetch: (request) => {
        const { pathname, search } = new URL(request.url);
        next += 1;
        return fetch(new Request(`${urls[next % urls.length] ?? ''}${pathname}${search}`, request));
      },
    },
  });
}

beforeAll(async () => {
  system = await startLocalSystem({ sandboxCount: 5, apiTaskCount: 2 });
  client = clientWith(system.brokerApiToken);
  admin = clientWith(system.brokerAdminToken);
});

afterAll(async () => {
  await system.stop();
});

it('allocates, gets the same sandbox again, looks at it and gives it back', async () => {
  const caller = 'student of the client';
  const first = await client.allocate({ caller, idempotencyKey: 'lab-7', trackName: 'intro' });
  const again = await client.allocate({ caller, idempotencyKey: 'lab-7' });
  const other = await client.allocate({ caller, idempotencyKey: 'lab-8' });

  expect([first.isNew, again.isNew, other.isNew]).toEqual([true, false, true]);
  expect(again.sandbox).toEqual(first.sandbox);
  expect(other.sandbox.sandbox_id).not.toBe(first.sandbox.sandbox_id);

  const { sandbox_id: id } = first.sandbox;
  expect(await client.getSandbox(caller, id)).toMatchObject({ status: 'allocated', track_name: 'intro' });
  for (const time of ['first', 'second']) {
    const marked = await client.markForDeletion(caller, id);
    expect([time, marked.status]).toEqual([time, 'pending_deletion']);
  }
});

it('throws errors with their code, status and request id', async () => {
  const { sandbox } = await client.allocate({ caller: 'owner' });

  const refused = client.getSandbox('somebody else', sandbox.sandbox_id);
  await expect(refused).rejects.toBeInstanceOf(BrokerApiError);
  await expect(refused).rejects.toMatchObject({
    code: 'NOT_SANDBOX_OWNER',
    status: 403,
    requestId: expect.stringMatching(/^[\w-]+$/) as string,
  });
  await expect(client.getSandbox('owner', 'no such')).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  await expect(clientWith('wrong').allocate({ caller: 'owner' })).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
});

it('waits as Retry-After says, as long as there is time, and then says that the pool is empty', async () => {
  const allocating = client.allocate({ caller: 'too late', namePrefix: 'no sandbox is called so' });

  await expect(allocating).rejects.toMatchObject({ code: 'NO_SANDBOXES_AVAILABLE', retryAfterSeconds: 30 });
});

it('gets its answer although one of the processes is not there', async () => {
  const urls = ['http://127.0.0.1:9', system.apis[0]?.url ?? ''];
  const half = clientWith(system.brokerApiToken, urls);

  const answers = [await half.allocate({ caller: 'owner' }), await half.allocate({ caller: 'owner' })];

  expect(answers.map(({ isNew }) => isNew)).toEqual([false, false]);
});

it('makes every other call typed, admins’ among them', async () => {
  const stats = unwrap(await admin.api.GET('/admin/stats'));
  const page = unwrap(
    await admin.api.GET('/admin/sandboxes', { params: { query: { status: 'allocated', limit: 1 } } }),
  );
  const control = unwrap(
    await admin.api.PUT('/admin/jobs/runner', { body: { runner: 'none', reason: 'a test of the client' } }),
  );

  expect(stats.total).toBe(5);
  expect(page.count).toBe(1);
  expect(page.sandboxes[0]?.status).toBe('allocated');
  expect(control).toMatchObject({ runner: 'none', reason: 'a test of the client' });
  const { error } = await admin.api.POST('/allocate');
  expect(error?.error.code).toBe('FORBIDDEN');
});
