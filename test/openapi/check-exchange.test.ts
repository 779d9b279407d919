import { ALLOCATION_EXAMPLE } from '../../app/routes/contract/sandbox-operations';
import { call } from '../http/http-client';
import { startTestApi, type TestApi } from '../http/test-api';
import { checkExchange, type Exchange } from './check-exchange';

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': 'r-1',
  'x-ratelimit-limit': '200',
  'x-ratelimit-remaining': '199',
};

const FITTING: Exchange = {
  method: 'POST',
  target: '/v1/allocate',
  requestHeaders: { Authorization: 'Bearer t', 'X-Instruqt-Sandbox-ID': 'student-1' },
  status: 201,
  headers: HEADERS,
  text: JSON.stringify(ALLOCATION_EXAMPLE),
};

function errorText(code: string, fields: object = {}): string {
  const error = { code, message: 'A message.', request_id: 'r-1', ...fields };
  return JSON.stringify({ error, detail: error });
}

const EMPTY = {
  ...FITTING,
  status: 409,
  headers: { ...HEADERS, 'retry-after': '30' },
  text: errorText('NO_SANDBOXES_AVAILABLE', { retry_after: 30 }),
};

const LISTING: Exchange = {
  ...FITTING,
  method: 'GET',
  target: '/v1/admin/sandboxes?status=stale&limit=500',
  status: 200,
  text: JSON.stringify({ sandboxes: [], count: 0, cursor: null, unreadable: [], unread_shards: 0 }),
};

const FREEZING: Exchange = {
  ...FITTING,
  method: 'PUT',
  target: '/v1/admin/jobs/runner',
  requestBody: '{"runner":"none","reason":"a test"}',
  status: 200,
  text: JSON.stringify({ runner: 'none', since: 1, changed_by: 'a', reason: 'a test' }),
};

describe('what fits', () => {
  it.each<[string, Exchange]>([
    ['an allocation', FITTING],
    ['an error', EMPTY],
    ['a list', LISTING],
    ['a change with a body', FREEZING],
    ['HEAD', { ...LISTING, method: 'HEAD', text: '' }],
    [
      'a path that does not exist',
      { ...FITTING, target: '/v1/no', status: 404, text: errorText('ROUTE_NOT_FOUND') },
    ],
    [
      'a method that does not',
      { ...FITTING, method: 'GET', status: 405, text: errorText('METHOD_NOT_ALLOWED') },
    ],
    [
      'a probe',
      { ...FITTING, method: 'GET', target: '/healthz', status: 503, text: '{"status":"draining"}' },
    ],
    ['a page for people', { ...FITTING, method: 'GET', target: '/v1/docs', status: 200, text: '<html>' }],
  ])('%s passes', (_what, exchange) => {
    expect(() => {
      checkExchange(exchange);
    }).not.toThrow();
  });
});

describe('what does not fit', () => {
  it.each<[string, Partial<Exchange>, RegExp]>([
    [
      'a field that is not documented',
      { text: JSON.stringify({ ...ALLOCATION_EXAMPLE, owner: 'x' }) },
      /owner/,
    ],
    ['a field that is missing', { text: JSON.stringify({ ...ALLOCATION_EXAMPLE, name: undefined }) }, /name/],
    [
      'a field of another type',
      { text: JSON.stringify({ ...ALLOCATION_EXAMPLE, expires_at: '1' }) },
      /expires_at/,
    ],
    ['no JSON', { text: 'sandbox' }, /whole/],
    ['another content type', { headers: { ...HEADERS, 'content-type': 'text/html' } }, /text\/html/],
    ['a status that is not documented', { status: 202 }, /no 202/],
    [
      'a header that is missing',
      { headers: { ...HEADERS, 'x-request-id': undefined } },
      /X-Request-ID is missing/,
    ],
    [
      'a header that is no number',
      { headers: { ...HEADERS, 'x-ratelimit-limit': 'many' } },
      /X-RateLimit-Limit/,
    ],
    ['a header that is not documented', { headers: { ...HEADERS, 'retry-after': '1' } }, /retry-after/],
    ['a request without a caller', { requestHeaders: { authorization: 'Bearer t' } }, /without a caller/],
    ['a request without a token', { requestHeaders: { 'x-track-id': 'a' } }, /without a token/],
    [
      'a request with too long a header',
      { requestHeaders: { ...FITTING.requestHeaders, 'idempotency-key': 'x'.repeat(257) } },
      /Idempotency-Key/,
    ],
  ])('%s is found', (_what, change, fault) => {
    expect(() => {
      checkExchange({ ...FITTING, ...change });
    }).toThrow(fault);
  });

  it.each<[string, Partial<Exchange>, RegExp]>([
    [
      'a code that this call does not answer',
      { text: errorText('JOB_RUNNING', { retry_after: 30 }) },
      /JOB_RUNNING|code/,
    ],
    ['a code that there is not', { text: errorText('OOPS') }, /code/],
    [
      'no retry_after where there always is one',
      { text: errorText('NO_SANDBOXES_AVAILABLE') },
      /retry_after/,
    ],
    ['no Retry-After either', { headers: HEADERS }, /Retry-After is missing/],
    ['insides', { text: errorText('NO_SANDBOXES_AVAILABLE', { retry_after: 1, stack: 'at' }) }, /stack/],
    [
      'a detail that differs',
      { text: EMPTY.text.replace('"detail":{"code":"NO', '"detail":{"code":"SO') },
      /detail/,
    ],
  ])('an error with %s is found', (_what, change, fault) => {
    expect(() => {
      checkExchange({ ...EMPTY, ...change });
    }).toThrow(fault);
  });

  it.each<[string, Exchange, RegExp]>([
    ['a parameter out of bounds', { ...LISTING, target: '/v1/admin/sandboxes?limit=501' }, /limit/],
    ['a parameter that is no number', { ...LISTING, target: '/v1/admin/sandboxes?limit=ten' }, /limit/],
    ['a status that there is not', { ...LISTING, target: '/v1/admin/sandboxes?status=gone' }, /status/],
    [
      'a body that does not fit',
      { ...FREEZING, requestBody: '{"runner":"nobody","reason":"x"}' },
      /body was accepted/,
    ],
    ['no body', { ...FREEZING, requestBody: undefined }, /body was accepted/],
  ])('a request that was accepted with %s is found', (_what, exchange, fault) => {
    expect(() => {
      checkExchange(exchange);
    }).toThrow(fault);
  });

  it.each<[string, Partial<Exchange>]>([
    ['a call that nobody documented', { target: '/v1/secret' }],
    [
      'an error without our shape where there is no call',
      { target: '/no', status: 404, text: 'Cannot GET /no' },
    ],
    [
      'a fault of ours where there is no call',
      { target: '/no', status: 500, text: errorText('INTERNAL_ERROR') },
    ],
    ['HEAD with a body', { ...LISTING, method: 'HEAD' }],
  ])('%s is found', (_what, change) => {
    expect(() => {
      checkExchange({ ...FITTING, ...change });
    }).toThrow('not as the OpenAPI document says');
  });
});

describe('the client of the HTTP tests', () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await startTestApi();
  });

  afterEach(async () => {
    await api.stop();
  });

  it('fails a test whose API answers with what is not documented, though the test does not look', async () => {
    api.service.onAllocate = ({ caller }) =>
      api.service.onGet('1', caller).then((sandbox) => ({
        sandbox: { ...sandbox, name: 7 as unknown as string } as never,
        isNew: true,
      }));

    await expect(api.callAsTrack('/v1/allocate', { method: 'POST' })).rejects.toThrow('/name must be string');
    await expect(call(api.port, '/v1/allocate', { method: 'POST' })).resolves.toMatchObject({ status: 401 });
  });
});
