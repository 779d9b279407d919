import { Agent } from 'node:http';
import { expectError } from './expect-error';
import type { Answer } from './http-client';
import { ADMIN_TOKEN, startTestApi, stopTheClock, TRACK_TOKEN, type TestApi } from './test-api';

const SLOW_REFILL = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_PER_IP_PER_SECOND: '1' };

let api: TestApi;

beforeEach(() => {
  stopTheClock();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await api.stop();
});

/** Allocates as these, from this address as the load balancer saw it. */
async function allocate(
  headers: Record<string, string>,
  { from = '203.0.113.1', token = TRACK_TOKEN, agent }: { from?: string; token?: string; agent?: Agent } = {},
): Promise<Answer> {
  return api.call('/v1/allocate', {
    method: 'POST',
    agent,
    headers: { Authorization: `Bearer ${token}`, 'X-Forwarded-For': from, ...headers },
  });
}

const asStudent = (id: string): Record<string, string> => ({ 'X-Instruqt-Sandbox-ID': id });

function remainingOf(answer: Answer): string | undefined {
  return answer.headers['x-ratelimit-remaining'] as string | undefined;
}

describe('the limit per caller', () => {
  beforeEach(async () => {
    api = await startTestApi({ ...SLOW_REFILL, RATE_LIMIT_BURST: '3' });
  });

  it('lets a burst through, counting down, and then answers 429 with Retry-After', async () => {
    const answers = [];
    for (let sent = 0; sent < 4; sent += 1) answers.push(await allocate(asStudent('a')));

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
    expect(answers.map(remainingOf)).toEqual(['2', '1', '0', '0']);
    expect(answers.map(({ headers }) => headers['x-ratelimit-limit'])).toEqual(['3', '3', '3', '3']);
    expect(answers.map(({ headers }) => headers['retry-after'])).toEqual([
      undefined,
      undefined,
      undefined,
      '1',
    ]);
    expect(api.service.asked).toHaveLength(3);
  });

  it('counts the calls of one caller together, from whatever address', async () => {
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers: { 'X-Forwarded-For': '203.0.113.1' } });
    await api.callAsTrack('/v1/sandboxes/1', { headers: { 'X-Forwarded-For': '203.0.113.2' } });
    await api.callAsTrack('/v1/sandboxes/1/mark-for-deletion', { method: 'POST' });

    expectError(await api.callAsTrack('/v1/sandboxes/1'), 429, 'RATE_LIMIT_EXCEEDED');
  });

  it('knows a caller by X-Instruqt-Sandbox-ID before X-Track-ID', async () => {
    for (const id of ['a', 'b', 'c', 'd']) {
      expect((await allocate({ ...asStudent(id), 'X-Track-ID': 'one-track' })).status).toBe(201);
    }
    for (const track of ['t1', 't2']) await allocate({ ...asStudent('a'), 'X-Track-ID': track });

    const answer = await allocate({ ...asStudent('a'), 'X-Track-ID': 't3' });

    expectError(answer, 429, 'RATE_LIMIT_EXCEEDED');
  });

  it('knows a caller by X-Track-ID when the other header is missing or empty', async () => {
    await allocate({ 'X-Track-ID': 'one-track' }, { from: '203.0.113.1' });
    await allocate({ 'X-Track-ID': 'one-track' }, { from: '203.0.113.2' });
    await allocate({ 'X-Track-ID': 'one-track', 'X-Instruqt-Sandbox-ID': ' ' }, { from: '203.0.113.3' });

    expect((await allocate({ 'X-Track-ID': 'one-track' })).status).toBe(429);
    expect((await allocate({ 'X-Track-ID': 'other-track' })).status).toBe(201);
  });

  it('knows a caller without either by the address', async () => {
    for (let sent = 0; sent < 3; sent += 1) {
      expectError(await allocate({}), 400, 'VALIDATION_ERROR');
    }

    expectError(await allocate({}), 429, 'RATE_LIMIT_EXCEEDED');
    expectError(await allocate({}, { from: '203.0.113.2' }), 400, 'VALIDATION_ERROR');
    expect((await allocate(asStudent('a'))).status).toBe(201);
  });

  it('does not take a caller for an address of the same name', async () => {
    while ((await allocate({})).status !== 429);

    expect((await allocate(asStudent('203.0.113.1'))).status).toBe(201);
    expect((await allocate(asStudent('ip:203.0.113.1'))).status).toBe(201);
  });

  it.each([
    ['no token', ''],
    ['a wrong token', 'Bearer wrong'],
    ['a Basic token', `Basic ${TRACK_TOKEN}`],
    ['an admin token, which may not allocate', `Bearer ${ADMIN_TOKEN}`],
  ])('cannot be used up for a victim with %s', async (_what, authorization) => {
    for (let sent = 0; sent < 10; sent += 1) {
      const answer = await allocate({ ...asStudent('victim'), Authorization: authorization });
      expect([401, 403]).toContain(answer.status);
    }

    const answer = await allocate(asStudent('victim'));

    expect([answer.status, remainingOf(answer)]).toEqual([201, '2']);
  });

  it('holds for admin calls as well', async () => {
    const ask = async (): Promise<Answer> =>
      api.call('/v1/admin/stats', { method: 'PUT', headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    for (let sent = 0; sent < 3; sent += 1) expectError(await ask(), 405, 'METHOD_NOT_ALLOWED');

    expectError(await ask(), 429, 'RATE_LIMIT_EXCEEDED');
  });
});

describe('the limit per address', () => {
  beforeEach(async () => {
    api = await startTestApi({ ...SLOW_REFILL, RATE_LIMIT_PER_IP_BURST: '5' });
  });

  it('is not got around by another caller each time', async () => {
    const answers = [];
    for (let sent = 0; sent < 6; sent += 1) answers.push(await allocate(asStudent(`student-${sent}`)));

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429]);
    expect(answers[5]?.headers['x-ratelimit-limit']).toBe('5');
  });

  it('is not got around by another token each time: guesses cost', async () => {
    for (let sent = 0; sent < 5; sent += 1) {
      expectError(await allocate(asStudent('a'), { token: `guess-${sent}` }), 401, 'UNAUTHORIZED');
    }

    expectError(await allocate(asStudent('a'), { token: 'guess-5' }), 429, 'RATE_LIMIT_EXCEEDED');
    expectError(await allocate(asStudent('a')), 429, 'RATE_LIMIT_EXCEEDED');
  });

  it('is not got around by addresses that the sender made up: the load balancer appends the true one', async () => {
    for (let sent = 0; sent < 5; sent += 1) {
      await allocate(asStudent(`student-${sent}`), { from: `198.51.100.${sent}, 203.0.113.1` });
    }

    const answer = await allocate(asStudent('student-5'), { from: '198.51.100.99, 203.0.113.1' });

    expectError(answer, 429, 'RATE_LIMIT_EXCEEDED');
    expect((await allocate(asStudent('student-6'), { from: '203.0.113.2' })).status).toBe(201);
  });

  it('is not got around within one IPv6 network', async () => {
    for (let sent = 0; sent < 5; sent += 1) {
      await allocate(asStudent(`student-${sent}`), { from: `2001:db8:1:2::${sent}` });
    }

    expect((await allocate(asStudent('a'), { from: '2001:db8:1:2:ffff::1' })).status).toBe(429);
    expect((await allocate(asStudent('a'), { from: '2001:db8:1:3::1' })).status).toBe(201);
  });

  it('counts an IPv4 address and the same one in IPv6 together', async () => {
    for (let sent = 0; sent < 5; sent += 1) await allocate(asStudent('a'), { from: '::ffff:203.0.113.1' });

    expect((await allocate(asStudent('a'), { from: '203.0.113.1' })).status).toBe(429);
  });

  it('counts paths that do not exist, and malformed ones', async () => {
    for (let sent = 0; sent < 5; sent += 1) await api.call('/v1/nothing');

    expectError(await api.call('/v1/nothing'), 429, 'RATE_LIMIT_EXCEEDED');
    expectError(await api.call('/v1/sandboxes/%E0%A4%A'), 429, 'RATE_LIMIT_EXCEEDED');
  });

  it.each(['/healthz', '/readyz', '/metrics'])('leaves %s alone', async (path) => {
    for (let sent = 0; sent < 20; sent += 1) {
      const answer = await api.call(path);
      expect([answer.status, remainingOf(answer)]).toEqual([200, '5']);
    }
    while ((await api.call('/v1/nothing')).status !== 429);

    expect((await api.call(path)).status).toBe(200);
  });
});

it('lets a class of hundreds through from one address, as configured by default', async () => {
  api = await startTestApi();
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });

  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, index) => allocate(asStudent(`student-${index}`), { agent })),
  );
  agent.destroy();

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
});
