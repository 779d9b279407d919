import { gzipSync } from 'node:zlib';
import { expectError } from './expect-error';
import { callRaw } from './http-client';
import { startTestApi, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.stop();
});

describe('paths', () => {
  it.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/allocate',
    '/v2/allocate',
    '/V1/allocate',
    '/v1/Allocate',
    '/v1/allocate/more',
    '//v1/allocate',
    '/v1//allocate',
    '/v1/sandboxes',
    '/v1/sandboxes/',
    '/v1/sandboxes//mark-for-deletion',
    '/v1/sandboxes/1/mark',
    '/Healthz',
    '/healthz/deep',
    '/v1/healthz',
    '/v1/../healthz',
    '/__proto__',
    '/v1/sandboxes/1/constructor',
    '/*',
  ])('%s does not exist', async (path) => {
    for (const method of ['GET', 'POST']) {
      expectError(await api.callAsTrack(path, { method }), 404, 'ROUTE_NOT_FOUND');
    }
    expect(api.service.asked).toEqual([]);
  });

  it.each([
    '/%',
    '/v1/sandboxes/%',
    '/v1/sandboxes/%zz',
    '/v1/sandboxes/%C0%AE',
    '/v1/sandboxes/%ff/mark-for-deletion',
  ])('%s is a clean 4xx and reaches nobody', async (path) => {
    const { status } = await api.callAsTrack(path, { method: 'POST' });

    expect([400, 404, 405]).toContain(status);
    expect(api.service.asked).toEqual([]);
  });

  it('a sandbox id is decoded once, whatever is in it', async () => {
    const ids = [
      '2009521',
      'a b',
      'a/b',
      '../x',
      'a?b',
      'a#b',
      '100%',
      '%2F',
      'µ学🙂',
      'a\nb',
      '\0',
      '__proto__',
    ];
    for (const id of ids) await api.callAsTrack(`/v1/sandboxes/${encodeURIComponent(id)}`);

    expect(api.service.asked).toEqual(ids.map((sandboxId) => ({ sandboxId, caller: 'student-1' })));
  });

  it('a sandbox id of 256 characters is asked for; none is longer', async () => {
    expect((await api.callAsTrack(`/v1/sandboxes/${'x'.repeat(256)}`)).status).toBe(200);
    for (const length of [257, 8_000]) {
      const path = `/v1/sandboxes/${'x'.repeat(length)}`;
      expectError(await api.callAsTrack(path), 404, 'SANDBOX_NOT_FOUND');
      expectError(
        await api.callAsTrack(`${path}/mark-for-deletion`, { method: 'POST' }),
        404,
        'SANDBOX_NOT_FOUND',
      );
    }
    expect(api.service.asked).toHaveLength(1);
  });

  it('a query changes nothing', async () => {
    const answer = await api.callAsTrack('/v1/allocate?caller=other&a[b]=c&a=%zz&__proto__[x]=1', {
      method: 'POST',
    });

    expect(answer.status).toBe(201);
    expect(api.service.asked).toEqual([expect.objectContaining({ caller: 'student-1' })]);
  });

  it('another base path moves every call of tracks, and no probe', async () => {
    await api.stop();
    api = await startTestApi({ API_BASE_PATH: '/broker/v7' });

    expect((await api.callAsTrack('/broker/v7/allocate', { method: 'POST' })).status).toBe(201);
    expectError(await api.callAsTrack('/v1/allocate', { method: 'POST' }), 404, 'ROUTE_NOT_FOUND');
    expect((await api.call('/healthz')).status).toBe(200);
  });
});

describe('methods', () => {
  it.each([
    ['/v1/allocate', 'POST', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND']],
    ['/v1/sandboxes/1', 'GET, HEAD', ['POST', 'PUT', 'PATCH', 'DELETE']],
    ['/v1/sandboxes/1/mark-for-deletion', 'POST', ['GET', 'PUT', 'DELETE']],
    ['/healthz', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
    ['/readyz', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
    ['/metrics', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
  ])('%s takes %s only, and says so', async (path, allowed, methods) => {
    for (const method of methods) {
      const answer = await api.callAsTrack(path, { method });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allowed]);
    }
    expectError(await api.callAsTrack(path, { method: methods[1] }), 405, 'METHOD_NOT_ALLOWED');
    expect(api.service.asked).toEqual([]);
  });

  it('a method override in a header or the query counts for nothing', async () => {
    const headers = { 'X-HTTP-Method-Override': 'POST' };

    expectError(await api.callAsTrack('/v1/allocate?_method=POST', { headers }), 405, 'METHOD_NOT_ALLOWED');
  });

  it('HEAD answers as GET would, without the body', async () => {
    for (const path of ['/v1/sandboxes/1', '/healthz', '/readyz']) {
      const got = await api.callAsTrack(path);
      const answer = await api.callAsTrack(path, { method: 'HEAD' });
      expect([answer.status, answer.text]).toEqual([200, '']);
      expect(answer.headers['content-length']).toBe(got.headers['content-length']);
    }
    expect((await api.call('/v1/sandboxes/1', { method: 'HEAD' })).status).toBe(401);
  });
});

describe('bodies', () => {
  it.each([
    ['JSON', 'application/json', '{"track_id": "x"}'],
    ['malformed JSON', 'application/json', '{"track_id":'],
    ['a form', 'application/x-www-form-urlencoded', 'a=b&c[d]=e'],
    ['a malformed form', 'multipart/form-data', 'no boundary'],
    ['text of a type that does not exist', 'no/such-type; charset=klingon', 'abc'],
    ['bytes', '', Buffer.from([0, 255, 13, 10])],
    ['almost too much', 'text/plain', 'x'.repeat(16 * 1_024)],
  ])('%s is read and ignored', async (_what, type, body) => {
    for (const path of ['/v1/allocate', '/v1/sandboxes/1/mark-for-deletion']) {
      const answer = await api.callAsTrack(path, { method: 'POST', headers: { 'Content-Type': type }, body });
      expect([200, 201]).toContain(answer.status);
    }
  });

  it.each(['/v1/allocate', '/v1/sandboxes/1/mark-for-deletion'])(
    '%s refuses more than 16 kB',
    async (path) => {
      const body = 'x'.repeat(16 * 1_024 + 1);
      const withLength = await api.callAsTrack(path, { method: 'POST', body });
      const chunked = await api.callAsTrack(path, {
        method: 'POST',
        headers: { 'Transfer-Encoding': 'chunked' },
        body,
      });

      expectError(withLength, 413, 'PAYLOAD_TOO_LARGE');
      expectError(chunked, 413, 'PAYLOAD_TOO_LARGE');
      expect(api.service.asked).toEqual([]);
    },
  );

  it('does not unpack a body that is small only while packed', async () => {
    const answer = await api.callAsTrack('/v1/allocate', {
      method: 'POST',
      headers: { 'Content-Encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(10_000_000)),
    });

    expectError(answer, 413, 'PAYLOAD_TOO_LARGE');
    expect(api.service.asked).toEqual([]);
  });

  it.each(['no-such-encoding', 'gzip'])(
    'cannot read a body that says %s and is not: a clean 4xx',
    async (encoding) => {
      const headers = { 'Content-Encoding': encoding };
      const answer = await api.callAsTrack('/v1/allocate', { method: 'POST', headers, body: 'abc' });

      expectError(answer, encoding === 'gzip' ? 400 : 415, 'BAD_REQUEST');
    },
  );

  it('is not read where the token is wrong, and the next request on the connection is answered', async () => {
    const head = 'POST /v1/allocate HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde';
    const answer = await callRaw(
      api.port,
      `${head}GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );

    expect(answer.status).toBe(401);
    expect(answer.text).toContain('HTTP/1.1 200 OK');
  });
});

describe('X-Request-ID', () => {
  it.each(['abc', 'A-b_c.1', 'x'.repeat(128), '00000000-0000-0000-0000-000000000000'])(
    'keeps %s',
    async (requestId) => {
      const answer = await api.callAsTrack('/v1/nothing', { headers: { 'X-Request-ID': requestId } });

      expect(expectError(answer, 404, 'ROUTE_NOT_FOUND').request_id).toBe(requestId);
    },
  );

  it.each([
    '',
    ' ',
    'a b',
    'x'.repeat(129),
    'x'.repeat(10_000),
    'a"b',
    '{"level":60}',
    'a\u00e9',
    '<script>',
    '${jndi:ldap://x}',
    'a,b',
  ])('replaces %j', async (requestId) => {
    const answer = await api.callAsTrack('/v1/nothing', { headers: { 'X-Request-ID': requestId } });

    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('replaces two of them by one', async () => {
    const answer = await api.callAsTrack('/v1/nothing', { headers: { 'X-Request-ID': ['one', 'two'] } });

    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is another one each time when none came in', async () => {
    const first = await api.call('/healthz');
    const second = await api.call('/healthz');

    expect(first.headers['x-request-id']).not.toBe(second.headers['x-request-id']);
  });
});
