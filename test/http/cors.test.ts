import type { Answer } from './http-client';
import { startTestApi, stopTheClock, type TestApi } from './test-api';

const LISTED = 'https://play.instruqt.com';
const ALSO_LISTED = 'https://labs.example.org:8443';
const UNLISTED = 'https://evil.example.org';
const EVERY_CLIENT_HEADER =
  'Authorization,Content-Type,X-Track-ID,X-Instruqt-Sandbox-ID,X-Instruqt-Track-ID,X-Sandbox-Name-Prefix,Idempotency-Key';
const EVERY_READABLE_HEADER = 'X-Request-ID,X-RateLimit-Limit,X-RateLimit-Remaining,Retry-After';

let api: TestApi | undefined;

afterEach(async () => {
  jest.restoreAllMocks();
  await api?.stop();
});

/** Asks as a browser does before a POST to allocate; there is no token in it. */
async function preflight(origin: string, path = '/v1/allocate'): Promise<Answer> {
  if (!api) throw new Error('start the API first');
  return api.call(path, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': EVERY_CLIENT_HEADER.toLowerCase(),
    },
  });
}

/** Its items, in no order and in lower case, as browsers compare them. */
function itemsOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .sort();
}

describe('with listed origins', () => {
  beforeEach(async () => {
    api = await startTestApi({ CORS_ALLOWED_ORIGINS: `${LISTED}, ${ALSO_LISTED}` });
  });

  it.each([LISTED, ALSO_LISTED])('reflects %s', async (origin) => {
    const preflighted = await preflight(origin);
    const called = await api?.callAsTrack('/v1/allocate', { method: 'POST', headers: { Origin: origin } });

    expect(preflighted.headers['access-control-allow-origin']).toBe(origin);
    expect(called?.headers['access-control-allow-origin']).toBe(origin);
  });

  it.each([
    UNLISTED,
    'null',
    `${LISTED}.evil.example.org`,
    'http://play.instruqt.com',
    `${LISTED}:444`,
    `${LISTED}/`,
    '',
  ])('gives %j no origin to go by', async (origin) => {
    const preflighted = await preflight(origin);
    const called = await api?.callAsTrack('/v1/allocate', { method: 'POST', headers: { Origin: origin } });

    expect(preflighted.headers).not.toHaveProperty('access-control-allow-origin');
    expect(called?.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('tells caches that the answer depends on the origin, listed or not', async () => {
    expect(itemsOf((await preflight(LISTED)).headers.vary)).toContain('origin');
    expect(itemsOf((await preflight(UNLISTED)).headers.vary)).toContain('origin');
  });

  it('lets pages send every header that clients send, with the methods that there are, for an hour', async () => {
    const { status, headers, text } = await preflight(LISTED);

    expect(status).toBe(204);
    expect(text).toBe('');
    expect(itemsOf(headers['access-control-allow-headers'])).toEqual(itemsOf(EVERY_CLIENT_HEADER));
    expect(itemsOf(headers['access-control-allow-methods'])).toEqual(['get', 'post', 'put']);
    expect(headers['access-control-max-age']).toBe('3600');
  });

  it('lets pages read our headers, from failures and open calls as well', async () => {
    const headers = { Origin: LISTED };
    const answers = await Promise.all([
      api?.callAsTrack('/v1/allocate', { method: 'POST', headers }),
      api?.call('/v1/allocate', { method: 'POST', headers }),
      api?.call('/v1/nothing', { headers }),
      api?.call('/healthz', { headers }),
    ]);

    expect(answers.map((answer) => answer?.status)).toEqual([201, 401, 404, 200]);
    for (const answer of answers) {
      expect(answer?.headers['access-control-allow-origin']).toBe(LISTED);
      expect(itemsOf(answer?.headers['access-control-expose-headers'])).toEqual(
        itemsOf(EVERY_READABLE_HEADER),
      );
    }
  });

  it('never allows credentials', async () => {
    const called = await api?.callAsTrack('/v1/allocate', { method: 'POST', headers: { Origin: LISTED } });

    expect((await preflight(LISTED)).headers).not.toHaveProperty('access-control-allow-credentials');
    expect(called?.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

it('lets any page call, but without credentials, where nothing is configured', async () => {
  api = await startTestApi();

  const { status, headers } = await preflight(UNLISTED);

  expect(status).toBe(204);
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
});

describe('a preflight', () => {
  const limits = {
    RATE_LIMIT_BURST: '1',
    RATE_LIMIT_PER_SECOND: '1',
    RATE_LIMIT_PER_IP_BURST: '2',
    RATE_LIMIT_PER_IP_PER_SECOND: '1',
  };

  beforeEach(async () => {
    stopTheClock();
    api = await startTestApi(limits);
  });

  it('needs no token, and carries the request id and the security headers', async () => {
    const { status, headers } = await preflight(LISTED);

    expect(status).toBe(204);
    expect(headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['strict-transport-security']).toContain('max-age=');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it.each(['/v1/sandboxes/1', '/v1/sandboxes/1/mark-for-deletion', '/v1/admin/jobs/runner', '/healthz'])(
    'is answered for %s, too',
    async (path) => {
      expect((await preflight(LISTED, path)).status).toBe(204);
    },
  );

  it('costs neither the address nor the caller any allowance', async () => {
    for (let sent = 0; sent < 20; sent += 1) {
      const { status, headers } = await preflight(LISTED);
      expect([status, headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual([
        204,
        '2',
        '2',
      ]);
    }

    expect((await api?.callAsTrack('/v1/allocate', { method: 'POST' }))?.status).toBe(201);
  });

  it('is answered even when the address has nothing left', async () => {
    while ((await api?.call('/v1/nothing'))?.status !== 429);

    expect((await preflight(LISTED)).status).toBe(204);
  });
});
