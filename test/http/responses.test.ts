import {
  allocatedSandbox,
  availableSandbox,
  deletionUnconfirmedSandbox,
  pendingDeletionSandbox,
} from '../fakes/sandbox-samples';
import { jsonOf } from './http-client';
import { startTestApi, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.stop();
});

const ALLOCATION = {
  caller: 'student-1',
  idempotencyKey: 'lab-7',
  trackName: 'intro-to-labs',
  allocatedAt: 1_750_000_600,
  expiresAt: 1_750_015_000,
};

const ALLOCATED = allocatedSandbox({
  sandboxId: '2009521',
  name: 'lab-account-1',
  externalId: 'identity/accounts/uuid-1',
  sfdcAccountId: '0015b00001',
  allocation: ALLOCATION,
});

const ALLOCATE_BODY = {
  sandbox_id: '2009521',
  name: 'lab-account-1',
  external_id: 'identity/accounts/uuid-1',
  allocated_at: 1_750_000_600,
  expires_at: 1_750_015_000,
  sfdc_account_id: '0015b00001',
};

describe('allocate', () => {
  it.each([
    ['a new sandbox with 201', true, 201],
    ['the one held already with 200', false, 200],
  ])('answers %s, with exactly these fields', async (_what, isNew, status) => {
    api.service.onAllocate = () => Promise.resolve({ sandbox: ALLOCATED, isNew });

    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST' });

    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(jsonOf(answer)).toEqual(ALLOCATE_BODY);
  });

  it('says null where there is no sfdc_account_id', async () => {
    const sandbox = { ...ALLOCATED, sfdcAccountId: undefined };
    api.service.onAllocate = () => Promise.resolve({ sandbox, isNew: true });

    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST' });

    expect(jsonOf(answer)).toEqual({ ...ALLOCATE_BODY, sfdc_account_id: null });
  });

  it('hands every header of ours to the service', async () => {
    await api.callAsTrack('/v1/allocate', {
      method: 'POST',
      headers: {
        'X-Instruqt-Track-ID': 'intro-to-labs',
        'X-Sandbox-Name-Prefix': 'team-',
        'Idempotency-Key': 'lab-7',
      },
    });

    expect(api.service.asked).toEqual([
      { caller: 'student-1', idempotencyKey: 'lab-7', trackName: 'intro-to-labs', namePrefix: 'team-' },
    ]);
  });
});

describe('get and mark', () => {
  const BODY = {
    ...ALLOCATE_BODY,
    status: 'allocated',
    track_name: 'intro-to-labs',
    deletion_requested_at: null,
  };

  it('show a sandbox to its holder, and who that is to nobody', async () => {
    api.service.onGet = () => Promise.resolve(ALLOCATED);

    const answer = await api.callAsTrack('/v1/sandboxes/2009521');

    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(jsonOf(answer)).toEqual(BODY);
    expect(answer.text).not.toContain('student-1');
    expect(answer.text).not.toContain('lab-7');
  });

  it('show one given back, each time it is given back', async () => {
    const { sandboxId, name, externalId, sfdcAccountId } = ALLOCATED;
    const pending = pendingDeletionSandbox({
      ...{ sandboxId, name, externalId, sfdcAccountId },
      allocation: ALLOCATION,
      deletionRequestedAt: 1_750_001_000,
    });
    api.service.onMark = () => Promise.resolve(pending);

    for (const time of ['first', 'second']) {
      const answer = await api.callAsTrack('/v1/sandboxes/2009521/mark-for-deletion', { method: 'POST' });
      expect([time, answer.status, jsonOf(answer)]).toEqual([
        time,
        200,
        { ...BODY, status: 'pending_deletion', deletion_requested_at: 1_750_001_000 },
      ]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('say null for what a sandbox in nobody’s hands does not have', async () => {
    api.service.onGet = () => Promise.resolve(availableSandbox({ sandboxId: '1', sfdcAccountId: undefined }));

    expect(jsonOf(await api.callAsTrack('/v1/sandboxes/1'))).toMatchObject({
      status: 'available',
      track_name: null,
      allocated_at: null,
      expires_at: null,
      deletion_requested_at: null,
      sfdc_account_id: null,
    });
  });
});

describe('every answer', () => {
  it.each([
    ['a success', 'POST', '/v1/allocate', 201],
    ['a probe', 'GET', '/healthz', 200],
    ['a scrape', 'GET', '/metrics', 200],
    ['a preflight', 'OPTIONS', '/v1/allocate', 204],
    ['an unknown path', 'GET', '/nothing', 404],
    ['a wrong method', 'PUT', '/v1/allocate', 405],
    ['a malformed path', 'GET', '/v1/sandboxes/%zz', 400],
  ])(
    '%s carries the request id, the allowance and the security headers',
    async (_what, method, path, status) => {
      const answer = await api.callAsTrack(path, { method });

      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        'x-request-id': expect.stringMatching(/^[\w-]{36}$/) as string,
        'x-ratelimit-limit': expect.stringMatching(/^\d+$/) as string,
        'x-ratelimit-remaining': expect.stringMatching(/^\d+$/) as string,
        'content-security-policy': expect.stringContaining("default-src 'self'") as string,
        'strict-transport-security': expect.stringMatching(/^max-age=\d+/) as string,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
      });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
      expect(answer.headers).not.toHaveProperty('etag');
      expect(answer.headers).not.toHaveProperty('set-cookie');
    },
  );

  it('shows the caller’s allowance once the caller is known, and the address’s before', async () => {
    expect((await api.callAsTrack('/v1/allocate', { method: 'POST' })).headers['x-ratelimit-limit']).toBe(
      '200',
    );
    expect((await api.call('/v1/allocate', { method: 'POST' })).headers['x-ratelimit-limit']).toBe('2000');
    expect((await api.call('/healthz')).headers['x-ratelimit-limit']).toBe('2000');
  });

  it('is never "not modified": a sandbox is asked for anew each time', async () => {
    const headers = { 'If-None-Match': 'W/"1"', 'If-Modified-Since': new Date(4e12).toUTCString() };

    expect((await api.callAsTrack('/v1/sandboxes/1', { headers })).status).toBe(200);
  });
});

describe('a sandbox whose deletion is unconfirmed', () => {
  it.each([
    ['GET', '/v1/sandboxes/2009521'],
    ['POST', '/v1/sandboxes/2009521/mark-for-deletion'],
  ])('is pending deletion to its last owner (%s)', async (method, path) => {
    const sandbox = deletionUnconfirmedSandbox({ sandboxId: '2009521', allocation: ALLOCATION });
    api.service.onGet = () => Promise.resolve(sandbox);
    api.service.onMark = () => Promise.resolve(sandbox);

    const answer = await api.callAsTrack(path, { method });

    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({
      status: 'pending_deletion',
      deletion_requested_at: sandbox.deletionRequestedAt,
    });
    expect(jsonOf(answer)).not.toHaveProperty('deletion_sent_at');
  });
});
