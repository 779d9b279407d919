import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { Admin } from './support/admin-client';
import { call, closeConnections, tally, Track } from './support/broker-client';

/*
 * The admin calls over HTTP. No worker runs: nothing happens that the test does not ask for.
 */

jest.setTimeout(60_000);

let system: LocalSystem;
let admin: Admin;
let track: Track;

beforeAll(async () => {
  system = await startLocalSystem({ sandboxCount: 30 });
  admin = new Admin(system);
  track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
});

afterAll(async () => {
  closeConnections();
  await system.stop();
});

describe('the list of sandboxes', () => {
  it.each([
    '?limit=0',
    '?limit=501',
    '?limit=ten',
    '?limit=1&limit=2',
    '?status=gone',
    '?status=deleted',
    '?status=',
    '?caller=',
    '?cursor=garbage',
    '?cursor=',
  ])('refuses %s with 400, and names the parameter', async (query) => {
    const answer = await admin.get(`/sandboxes${query}`);

    expect(tally([answer])).toEqual({ '400 VALIDATION_ERROR': 1 });
    const [parameter = ''] = query.slice(1).split('=');
    expect(answer.body.error).toMatchObject({ details: { parameter } });
  });

  it('refuses a cursor that was made for another filter', async () => {
    const { body } = await admin.get('/sandboxes?status=available&limit=1');

    const answer = await admin.get(`/sandboxes?status=stale&limit=1&cursor=${String(body.cursor)}`);

    expect(tally([answer])).toEqual({ '400 VALIDATION_ERROR': 1 });
  });

  it('finds by caller what that caller holds and has given back', async () => {
    const first = await track.allocate('a caller/with #signs', { key: 'one' });
    await track.markForDeletion('a caller/with #signs', first.body.sandbox_id);
    const second = await track.allocate('a caller/with #signs', { key: 'two' });

    const query = `&caller=${encodeURIComponent('a caller/with #signs')}`;
    const all = await admin.listAll(query, 1);
    const allocated = await admin.listAll(`${query}&status=allocated`, 1);

    expect(new Set(all.map(({ sandbox_id: id }) => id))).toEqual(
      new Set([first.body.sandbox_id, second.body.sandbox_id]),
    );
    expect(allocated).toEqual([expect.objectContaining({ sandbox_id: second.body.sandbox_id })]);
  });
});

describe('one sandbox', () => {
  it('is shown whoever has it, and not at all once it is nobody’s', async () => {
    const { body } = await track.allocate('looked-at');
    const answers = [
      await admin.get(`/sandboxes/${String(body.sandbox_id)}`),
      await admin.get('/sandboxes/unknown'),
      await admin.get(`/sandboxes/${'9'.repeat(300)}`),
    ];

    expect(answers[0]?.body).toMatchObject({ name: body.name, allocated_to_track: 'looked-at' });
    expect(tally(answers)).toEqual({ '200': 1, '404 SANDBOX_NOT_FOUND': 2 });
  });

  it('is found by the beginning of its name, in the case of its letters', async () => {
    const found = await admin.listAll('&name_prefix=csp-sandbox-00', 4);
    const other = await admin.listAll('&name_prefix=CSP-sandbox-00', 4);

    expect(found).toHaveLength(30);
    expect(other).toEqual([]);
    expect(tally([await admin.get('/sandboxes?name_prefix=')])).toEqual({ '400 VALIDATION_ERROR': 1 });
  });
});

describe('what on-call people look at', () => {
  it('is an empty history, and alarms that there are none of here', async () => {
    expect((await admin.get('/rollbacks')).body).toEqual({
      rollbacks: [],
      count: 0,
      cursor: null,
      worker_stop: null,
    });
    expect((await admin.get('/alarms')).body).toMatchObject({ available: false, alarms: [] });
  });

  it.each(['?limit=0', '?limit=101', '?cursor=garbage', '?cursor='])('refuses %s', async (query) => {
    expect(tally([await admin.get(`/rollbacks${query}`)])).toEqual({ '400 VALIDATION_ERROR': 1 });
  });
});

describe('retry-deletion', () => {
  it('is refused for a sandbox that has not failed, and for one that is not there', async () => {
    const { body } = await track.allocate('holder');

    const answers = [
      await admin.post(`/sandboxes/${String(body.sandbox_id)}/retry-deletion`),
      await admin.post('/sandboxes/unknown/retry-deletion'),
    ];

    expect(tally(answers)).toEqual({ '409 DELETION_NOT_FAILED': 1, '404 SANDBOX_NOT_FOUND': 1 });
  });
});

describe('who runs the jobs', () => {
  it('is the worker, until somebody says otherwise and why', async () => {
    const before = await admin.get('/jobs');
    const change = await admin.setRunner('none');
    const after = await admin.get('/jobs');

    expect(before.body.runner).toEqual({ runner: 'worker', since: null, changed_by: null, reason: null });
    expect(change.status).toBe(200);
    expect(after.body.runner).toEqual(change.body);
    expect(after.body.runner).toMatchObject({ runner: 'none', reason: 'a test', changed_by: 'admin API' });
  });

  it.each([
    '{"runner":"cron","reason":"x"}',
    '{"runner":"api"}',
    '{"runner":"api","reason":" "}',
    '[]',
    '{',
    '',
  ])('is not changed by %j', async (body) => {
    const before = await admin.get('/jobs');
    const url = `${system.apis[0]?.url ?? ''}/v1/admin/jobs/runner`;
    const answer = await call('PUT', url, { Authorization: `Bearer ${system.brokerAdminToken}` }, body);

    expect(answer.status).toBe(400);
    expect((await admin.get('/jobs')).body.runner).toEqual(before.body.runner);
  });
});

it('tells of a job that an admin ran, and when it is due again', async () => {
  const { body } = await admin.post('/sync');
  const { body: overview } = await admin.get('/jobs');

  expect(body).toMatchObject({ status: 'completed', listed: 30, duration_ms: expect.any(Number) as number });
  const jobs = overview.jobs as Record<string, unknown>[];
  expect(jobs.map(({ name }) => name)).toEqual(['sync', 'cleanup', 'auto-expiry', 'auto-delete-stale']);
  expect(jobs[0]).toMatchObject({
    interval_seconds: 600,
    last_run: { outcome: 'success', counts: { listed: 30 } },
    lease: null,
  });
  expect(jobs[1]).toMatchObject({ last_run: null, next_due_at: null });
});

it('refuses a grace period that is none', async () => {
  const answers = await Promise.all(
    ['-1', 'x', '1.5', ''].map((hours) => admin.post(`/auto-delete-stale?grace_period_hours=${hours}`)),
  );

  expect(tally(answers)).toEqual({ '400 VALIDATION_ERROR': 4 });
});

it('lets no track see or do any of it', async () => {
  const paths: [string, string][] = [
    ['GET', '/stats'],
    ['GET', '/sandboxes'],
    ['GET', '/jobs'],
    ['GET', '/rollbacks'],
    ['GET', '/alarms'],
    ['GET', '/sandboxes/1'],
    ['POST', '/sync'],
    ['POST', '/cleanup'],
    ['POST', '/bulk-delete?status=stale'],
    ['PUT', '/jobs/runner'],
    ['GET', '/no-such-call'],
  ];
  const answers = await Promise.all(
    paths.map(([method, path]) =>
      call(method, `${system.apis[0]?.url ?? ''}/v1/admin${path}`, {
        Authorization: `Bearer ${system.brokerApiToken}`,
      }),
    ),
  );

  expect(tally(answers)).toEqual({ '403 FORBIDDEN': paths.length });
  expect(tally([await admin.get('/no-such-call')])).toEqual({ '404 ROUTE_NOT_FOUND': 1 });
});
