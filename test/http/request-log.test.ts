import { request } from 'node:http';
import { NoSandboxesAvailableError } from '../../app/errors';
import { waitUntil } from '../local/wait-until';
import { callRaw } from './http-client';
import {
  ADMIN_TOKEN,
  SECOND_TRACK_TOKEN,
  startTestApi,
  TRACK_TOKEN,
  type LogLine,
  type TestApi,
} from './test-api';

const INFO = 30;
const DEBUG = 20;
const ERROR = 50;

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.stop();
});

/** The lines of requests, once there are this many: each is written when its answer has left. */
async function requestLines(count: number): Promise<LogLine[]> {
  const lines = (): LogLine[] => api.logLines.filter(({ msg }) => msg === 'request');
  await waitUntil(() => lines().length >= count);
  expect(lines()).toHaveLength(count);
  return lines();
}

it('has one line for an allocation, with all that a search needs', async () => {
  const answer = await api.callAsTrack('/v1/allocate', {
    method: 'POST',
    headers: { 'X-Instruqt-Track-ID': 'intro-to-labs', 'X-Request-ID': 'request-1' },
  });
  expect(answer.status).toBe(201);

  const [line] = await requestLines(1);

  expect(line).toMatchObject({
    level: INFO,
    request_id: 'request-1',
    action: 'allocate',
    outcome: 'allocated',
    status: 201,
    latency_ms: expect.any(Number) as number,
    caller: 'student-1',
    track_name: 'intro-to-labs',
    sandbox_id: '2009521',
    method: 'POST',
    endpoint: '/v1/allocate',
  });
  expect(line?.latency_ms).toBeGreaterThan(0);
});

it('tells a repeated allocation from a new one', async () => {
  const { onAllocate } = api.service;
  api.service.onAllocate = async (asked) => ({ ...(await onAllocate(asked)), isNew: false });
  await api.callAsTrack('/v1/allocate', { method: 'POST' });

  expect(await requestLines(1)).toEqual([
    expect.objectContaining({ outcome: 'idempotent_hit', status: 200 }),
  ]);
});

it('names the action, the sandbox and the caller of every call of tracks', async () => {
  await api.callAsTrack('/v1/sandboxes/17');
  await api.callAsTrack('/v1/sandboxes/17/mark-for-deletion', { method: 'POST' });

  const known = { outcome: 'success', status: 200, caller: 'student-1', sandbox_id: '17' };
  expect(await requestLines(2)).toEqual([
    expect.objectContaining({ ...known, action: 'get_sandbox' }),
    expect.objectContaining({ ...known, action: 'mark_for_deletion' }),
  ]);
});

it('names the lab of every call that says it', async () => {
  const headers = { 'X-Instruqt-Track-ID': 'intro-to-labs' };
  await api.callAsTrack('/v1/allocate', { method: 'POST', headers });
  await api.callAsTrack('/v1/sandboxes/17', { headers });
  await api.callAsTrack('/v1/sandboxes/17/mark-for-deletion', { method: 'POST', headers });

  const lines = await requestLines(3);

  expect(lines.map(({ track_name: trackName }) => trackName)).toEqual(Array(3).fill('intro-to-labs'));
});

it('says how a call failed, as an error only when it is our fault', async () => {
  api.service.onAllocate = () => Promise.reject(new NoSandboxesAvailableError(undefined));
  await api.callAsTrack('/v1/allocate', { method: 'POST' });
  await api.call('/v1/allocate', { method: 'POST' });
  await api.call('/nothing/at/all');
  api.service.onAllocate = () => Promise.reject(new Error('a bug'));
  await api.callAsTrack('/v1/allocate', { method: 'POST' });

  const lines = await requestLines(4);

  expect(lines).toEqual([
    expect.objectContaining({
      level: INFO,
      outcome: 'no_sandboxes_available',
      status: 409,
      caller: 'student-1',
    }),
    expect.objectContaining({ level: INFO, outcome: 'unauthorized', status: 401, action: 'allocate' }),
    expect.objectContaining({ level: INFO, outcome: 'route_not_found', status: 404, endpoint: 'unmatched' }),
    expect.objectContaining({ level: ERROR, outcome: 'internal_error', status: 500, caller: 'student-1' }),
  ]);
});

it('does not believe a caller without a token', async () => {
  await api.call('/v1/allocate', { method: 'POST', headers: { 'X-Instruqt-Sandbox-ID': 'somebody' } });

  expect((await requestLines(1))[0]).not.toHaveProperty('caller');
});

it('names the caller who was told to slow down', async () => {
  await api.stop();
  api = await startTestApi({ RATE_LIMIT_BURST: '1', RATE_LIMIT_PER_SECOND: '1' });
  await api.callAsTrack('/v1/allocate', { method: 'POST' });
  await api.callAsTrack('/v1/allocate', { method: 'POST' });

  expect((await requestLines(2))[1]).toMatchObject({
    outcome: 'rate_limit_exceeded',
    status: 429,
    caller: 'student-1',
  });
});

it.each(['/healthz', '/readyz', '/metrics'])('mentions %s at debug level only', async (path) => {
  await api.call(path);

  expect(await requestLines(1)).toEqual([
    expect.objectContaining({ level: DEBUG, action: 'probe', endpoint: path }),
  ]);
});

it('logs a client that hangs up as 499', async () => {
  let isAsked = false;
  api.service.onAllocate = () => {
    isAsked = true;
    return new Promise(() => undefined);
  };
  const headers = { Authorization: `Bearer ${TRACK_TOKEN}`, 'X-Track-ID': 'track-1' };
  const sent = request({ host: '127.0.0.1', port: api.port, path: '/v1/allocate', method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.end();
  await waitUntil(() => isAsked);
  sent.destroy();

  expect(await requestLines(1)).toEqual([
    expect.objectContaining({ status: 499, outcome: 'error', caller: 'track-1', action: 'allocate' }),
  ]);
  expect((await api.call('/metrics')).text).toContain('endpoint="/v1/allocate",status="499"');
});

it('logs a client that hangs up in its body as 499, too', async () => {
  const headers = { Authorization: `Bearer ${TRACK_TOKEN}`, 'Content-Length': '10', 'X-Track-ID': 'track-1' };
  const sent = request({ host: '127.0.0.1', port: api.port, path: '/v1/allocate', method: 'POST', headers });
  sent.on('error', () => undefined);
  await new Promise((resolve) => sent.write('abc', resolve));
  sent.destroy();

  expect(await requestLines(1)).toEqual([expect.objectContaining({ status: 499 })]);
  expect(api.service.asked).toEqual([]);
});

it('stays one line of JSON whatever is sent', async () => {
  const forged = encodeURIComponent('1","level":60,"msg":"forged\n{"level":60,"msg":"forged"}\u2028\x1b[2J');
  await api.callAsTrack(`/v1/sandboxes/${forged}`, {
    headers: { 'X-Instruqt-Sandbox-ID': '"},{"level":60,"a":"' },
  });

  const [line] = await requestLines(1);

  expect(line).toMatchObject({ level: INFO, msg: 'request', caller: '"},{"level":60,"a":"' });
  expect(api.logLines).toHaveLength(1);
});

it('never has a token in it, in whatever form it was sent', async () => {
  const basic = Buffer.from(`user:${TRACK_TOKEN}`).toString('base64');
  const tokens = [TRACK_TOKEN, SECOND_TRACK_TOKEN, ADMIN_TOKEN, 'a-guess-at-a-token'];
  const forms = tokens.flatMap((token) => [
    `Bearer ${token}`,
    `bearer  ${token}`,
    token,
    `Bearer ${token} more`,
    `Bearer ${token},${token}`,
    `Basic ${token}`,
    `Token ${token}`,
  ]);
  api.service.onGet = () => Promise.reject(new Error('a bug'));
  for (const authorization of [...forms, `Basic ${basic}`]) {
    const headers = {
      Authorization: authorization,
      'Proxy-Authorization': authorization,
      Cookie: authorization,
    };
    await api.callAsTrack('/v1/allocate', { method: 'POST', headers });
    await api.callAsTrack(`/v1/sandboxes/1?access_token=${TRACK_TOKEN}`, { headers });
    await api.callAsTrack(`/v1/admin/x?token=${encodeURIComponent(authorization)}`, { headers });
    await api.callAsTrack(`/nothing/${encodeURIComponent(authorization)}`, { headers });
  }
  await callRaw(api.port, `GET / HTTP/1.1\r\nAuthorization: Bearer ${TRACK_TOKEN}\x01\r\n\r\n`);
  await requestLines((forms.length + 1) * 4);

  const log = JSON.stringify(api.logLines);

  for (const secret of [...tokens, basic]) expect(log).not.toContain(secret);
});
