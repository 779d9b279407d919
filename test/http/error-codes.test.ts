import {
  AllocationContendedError,
  AllocationExpiredError,
  NoSandboxesAvailableError,
  NotSandboxOwnerError,
  SandboxNotFoundError,
  ServiceUnavailableError,
} from '../../app/errors';
import { CorruptItemError } from '../../app/store/items';
import { UnreadableRecordError } from '../../app/store/job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { expectError } from './expect-error';
import { ADMIN_TOKEN, startTestApi, stopTheClock, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await api.stop();
});

const GET_PATH = '/v1/sandboxes/2009521';
const MARK_PATH = `${GET_PATH}/mark-for-deletion`;

it.each([
  ['a row', new CorruptItemError({ PK: { S: 'SBX#7' } }, 'odd')],
  ['a record of the jobs', new UnreadableRecordError('JOB#sync/LAST', 'odd')],
])(
  '%s that cannot be read answers 503 to be tried again, without telling what is in it',
  async (_what, error) => {
    api.service.onGet = () => Promise.reject(error);

    const answer = await api.callAsTrack(GET_PATH);

    expect(expectError(answer, 503, 'SERVICE_UNAVAILABLE').message).not.toContain('odd');
  },
);

describe('the codes of the allocation rules', () => {
  it.each([
    ['NO_SANDBOXES_AVAILABLE', 409, '30', new NoSandboxesAvailableError(undefined)],
    ['ALLOCATION_CONTENDED', 503, '1', new AllocationContendedError()],
    ['SERVICE_UNAVAILABLE', 503, '2', new ServiceUnavailableError()],
  ])('allocate answers %s with %d and Retry-After %s', async (code, status, retryAfter, error) => {
    api.service.onAllocate = () => Promise.reject(error);

    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST' });

    expectError(answer, status, code);
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  it('says that it was the name prefix that found nothing', async () => {
    api.service.onAllocate = ({ namePrefix }) => Promise.reject(new NoSandboxesAvailableError(namePrefix));

    const answer = await api.callAsTrack('/v1/allocate', {
      method: 'POST',
      headers: { 'X-Sandbox-Name-Prefix': 'team-' },
    });

    expect(expectError(answer, 409, 'NO_SANDBOXES_AVAILABLE').message).toContain('X-Sandbox-Name-Prefix');
  });

  it.each([
    ['SANDBOX_NOT_FOUND', 404, undefined, new SandboxNotFoundError()],
    ['NOT_SANDBOX_OWNER', 403, undefined, new NotSandboxOwnerError()],
    ['SERVICE_UNAVAILABLE', 503, '2', new ServiceUnavailableError()],
  ])('get and mark answer %s with %d', async (code, status, retryAfter, error) => {
    api.service.onGet = () => Promise.reject(error);
    api.service.onMark = () => Promise.reject(error);

    const got = await api.callAsTrack(GET_PATH);
    const marked = await api.callAsTrack(MARK_PATH, { method: 'POST' });

    expectError(got, status, code);
    expectError(marked, status, code);
    expect(got.headers['retry-after']).toBe(retryAfter);
    expect(marked.headers['retry-after']).toBe(retryAfter);
  });

  it('mark answers ALLOCATION_EXPIRED with 403 once the time is over', async () => {
    api.service.onMark = () => Promise.reject(new AllocationExpiredError());

    expectError(await api.callAsTrack(MARK_PATH, { method: 'POST' }), 403, 'ALLOCATION_EXPIRED');
  });
});

it('says that the table does not answer, wherever that is noticed, and why only in the log', async () => {
  const cause = new Error('socket hang up');
  api.service.onGet = () => Promise.reject(new StoreUnavailableError('getSandbox', { cause }));

  const answer = await api.callAsTrack(GET_PATH);

  expectError(answer, 503, 'SERVICE_UNAVAILABLE');
  expect(answer.text).not.toContain('socket hang up');
  expect(JSON.stringify(api.logLines)).toContain('socket hang up');
});

describe('the codes of access', () => {
  it.each([
    ['POST', '/v1/allocate'],
    ['GET', GET_PATH],
    ['POST', MARK_PATH],
    ['GET', '/v1/admin/stats'],
  ])('%s %s without a token is 401 UNAUTHORIZED and names the scheme', async (method, path) => {
    const answer = await api.call(path, { method });

    expectError(answer, 401, 'UNAUTHORIZED');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="sandbox-broker"');
    expect(api.service.asked).toEqual([]);
  });

  it('an admin token on a call of tracks is 403 FORBIDDEN', async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    expectError(await api.callAsTrack('/v1/allocate', { method: 'POST', headers }), 403, 'FORBIDDEN');
    expectError(await api.callAsTrack(GET_PATH, { headers }), 403, 'FORBIDDEN');
    expectError(await api.callAsTrack(MARK_PATH, { method: 'POST', headers }), 403, 'FORBIDDEN');
    expect(api.service.asked).toEqual([]);
  });

  it('a track token on an admin call is 403 FORBIDDEN, also where there is no such call', async () => {
    expectError(await api.callAsTrack('/v1/admin/stats'), 403, 'FORBIDDEN');
    expectError(await api.callAsTrack('/v1/admin/nothing'), 403, 'FORBIDDEN');
  });
});

describe('the codes of requests that make no sense', () => {
  it.each([
    ['POST', '/v1/allocate'],
    ['GET', GET_PATH],
    ['POST', MARK_PATH],
  ])('%s %s without a caller is 400 VALIDATION_ERROR and names the header', async (method, path) => {
    const answer = await api.callAsTrack(path, { method, headers: { 'X-Instruqt-Sandbox-ID': '' } });

    const { details } = expectError(answer, 400, 'VALIDATION_ERROR');
    expect(details).toEqual({ header: 'X-Instruqt-Sandbox-ID' });
  });

  it('a path that does not exist is 404 ROUTE_NOT_FOUND', async () => {
    expectError(await api.callAsTrack('/v1/allocat'), 404, 'ROUTE_NOT_FOUND');
  });

  it('a wrong method is 405 METHOD_NOT_ALLOWED and says which are right', async () => {
    const answer = await api.callAsTrack('/v1/allocate');

    expectError(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.allow).toBe('POST');
  });

  it('too large a body is 413 PAYLOAD_TOO_LARGE', async () => {
    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST', body: 'x'.repeat(20_000) });

    expectError(answer, 413, 'PAYLOAD_TOO_LARGE');
  });

  it('a path that cannot be decoded is 400 BAD_REQUEST', async () => {
    expectError(await api.callAsTrack('/v1/sandboxes/%E0%A4%A'), 400, 'BAD_REQUEST');
  });

  it('more requests than allowed are 429 RATE_LIMIT_EXCEEDED and say how long to wait', async () => {
    await api.stop();
    stopTheClock();
    api = await startTestApi({ RATE_LIMIT_BURST: '1', RATE_LIMIT_PER_SECOND: '1' });
    await api.callAsTrack(GET_PATH);

    const answer = await api.callAsTrack(GET_PATH);

    expectError(answer, 429, 'RATE_LIMIT_EXCEEDED');
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('faults of ours', () => {
  const secret = 'connect ECONNREFUSED 10.0.3.7:443';

  it.each([
    ['an Error', new Error(secret)],
    [
      'an error that claims to be the caller’s but has no 4xx',
      Object.assign(new Error(secret), { status: 200 }),
    ],
    ['an error with a status of 500', Object.assign(new Error(secret), { status: 500 })],
    ['a string', secret],
    ['an object', { message: secret, code: 'ECONNREFUSED' }],
  ])('%s from inside is 500 INTERNAL_ERROR: in the log, never in the answer', async (_what, thrown) => {
    api.service.onAllocate = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
      throw thrown;
    };

    const answer = await api.callAsTrack('/v1/allocate', { method: 'POST' });

    const { request_id: requestId } = expectError(answer, 500, 'INTERNAL_ERROR');
    expect(answer.text).not.toContain('ECONNREFUSED');
    const logged = api.logLines.find((line) => line.msg === 'unexpected error');
    expect(logged).toMatchObject({ level: 50, request_id: requestId });
    expect(JSON.stringify(logged)).toContain('ECONNREFUSED');
  });

  it('a fault in one request leaves the next one alone', async () => {
    const { onAllocate } = api.service;
    api.service.onAllocate = () => Promise.reject(new TypeError('undefined is not a function'));
    await api.callAsTrack('/v1/allocate', { method: 'POST' });
    api.service.onAllocate = onAllocate;

    expect((await api.callAsTrack('/v1/allocate', { method: 'POST' })).status).toBe(201);
  });
});
