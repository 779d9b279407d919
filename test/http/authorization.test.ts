import { expectError } from './expect-error';
import { callRaw, type Answer } from './http-client';
import { ADMIN_TOKEN, SECOND_TRACK_TOKEN, startTestApi, TRACK_TOKEN, type TestApi } from './test-api';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(async () => {
  await api.stop();
});

/** Allocates with this Authorization header, or with none. */
async function allocateWith(authorization?: string): Promise<Answer> {
  return api.call('/v1/allocate', {
    method: 'POST',
    headers: {
      'X-Instruqt-Sandbox-ID': 'student-1',
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
  });
}

it.each([
  ['the token', `Bearer ${TRACK_TOKEN}`],
  ['the second token, during a rotation', `Bearer ${SECOND_TRACK_TOKEN}`],
  ['the scheme in lower case', `bearer ${TRACK_TOKEN}`],
  ['the scheme in capitals', `BEARER ${TRACK_TOKEN}`],
  ['two spaces before the token', `Bearer  ${TRACK_TOKEN}`],
  ['spaces around all of it, which HTTP does not count', `  Bearer ${TRACK_TOKEN}  `],
])('lets through %s', async (_what, authorization) => {
  expect((await allocateWith(authorization)).status).toBe(201);
});

it.each([
  ['no header at all', undefined],
  ['an empty header', ''],
  ['a scheme without a token', 'Bearer'],
  ['a scheme and spaces', 'Bearer   '],
  ['a token without a scheme', TRACK_TOKEN],
  ['a scheme glued to the token', `Bearer${TRACK_TOKEN}`],
  ['a scheme and a colon', `Bearer: ${TRACK_TOKEN}`],
  ['a scheme, a tab and the token', `Bearer\t${TRACK_TOKEN}`],
  ['another scheme', `Token ${TRACK_TOKEN}`],
  ['the token as a Basic password', `Basic ${Buffer.from(`user:${TRACK_TOKEN}`).toString('base64')}`],
  ['the token as Basic credentials', `Basic ${TRACK_TOKEN}`],
  ['a wrong token', 'Bearer some-other-token'],
  ['a wrong token of the same length', `Bearer ${'x'.repeat(TRACK_TOKEN.length)}`],
  ['the beginning of the token', `Bearer ${TRACK_TOKEN.slice(0, -1)}`],
  ['the token and a letter', `Bearer ${TRACK_TOKEN}x`],
  ['the token and an equals sign', `Bearer ${TRACK_TOKEN}=`],
  ['the token and a word', `Bearer ${TRACK_TOKEN} more`],
  ['the token and a comma', `Bearer ${TRACK_TOKEN},`],
  ['the token in capitals', `Bearer ${TRACK_TOKEN.toUpperCase()}`],
  ['the token in quotes', `Bearer "${TRACK_TOKEN}"`],
  ['both tokens, as they are configured', `Bearer ${TRACK_TOKEN},${SECOND_TRACK_TOKEN}`],
  ['two credentials in one header', `Bearer ${TRACK_TOKEN}, Bearer ${TRACK_TOKEN}`],
  ['a token of 8 kB', `Bearer ${'x'.repeat(8_192)}`],
  ['8 kB of spaces', `Bearer ${' '.repeat(8_192)}${TRACK_TOKEN}!`],
  ['8 kB of equals signs', `Bearer x${'='.repeat(8_192)}!`],
  ['the name of a property that every object has', 'Bearer constructor'],
])('refuses %s with 401', async (_what, authorization) => {
  expectError(await allocateWith(authorization), 401, 'UNAUTHORIZED');
});

it('never asks the service for what it refuses', async () => {
  const before = api.service.asked.length;
  await allocateWith('Bearer wrong');
  await allocateWith(`Bearer ${ADMIN_TOKEN}`);

  expect(api.service.asked).toHaveLength(before);
});

it.each(['access_token', 'token', 'Authorization', 'authorization'])(
  'does not take the token from the query, as %s',
  async (parameter) => {
    const headers = { 'X-Instruqt-Sandbox-ID': 'student-1' };
    for (const value of [TRACK_TOKEN, encodeURIComponent(`Bearer ${TRACK_TOKEN}`)]) {
      const path = `/v1/allocate?${parameter}=${value}`;
      expectError(await api.call(path, { method: 'POST', headers }), 401, 'UNAUTHORIZED');
    }
  },
);

it('does not take the token from the body, a cookie or the user info', async () => {
  const headers = {
    'X-Instruqt-Sandbox-ID': 'student-1',
    'Content-Type': 'application/x-www-form-urlencoded',
    Cookie: `access_token=${TRACK_TOKEN}`,
  };
  const body = `access_token=${TRACK_TOKEN}`;

  expectError(await api.call('/v1/allocate', { method: 'POST', headers, body }), 401, 'UNAUTHORIZED');
});

it('goes by the first of two Authorization headers', async () => {
  const answerTo = async (first: string, second: string): Promise<Answer> =>
    callRaw(
      api.port,
      'POST /v1/allocate HTTP/1.1\r\nHost: broker\r\nConnection: close\r\nX-Track-ID: t\r\n' +
        `Authorization: Bearer ${first}\r\nAuthorization: Bearer ${second}\r\n\r\n`,
    );

  expect((await answerTo(TRACK_TOKEN, 'wrong')).status).toBe(201);
  expectError(await answerTo('wrong', TRACK_TOKEN), 401, 'UNAUTHORIZED');
});

it('lets an admin token through to admin calls, and no track token, second one included', async () => {
  const answerTo = async (token: string): Promise<Answer> =>
    api.call('/v1/admin/no-such-call', { headers: { Authorization: `Bearer ${token}` } });

  expectError(await answerTo(ADMIN_TOKEN), 404, 'ROUTE_NOT_FOUND');
  expectError(await answerTo(TRACK_TOKEN), 403, 'FORBIDDEN');
  expectError(await answerTo(SECOND_TRACK_TOKEN), 403, 'FORBIDDEN');
  expectError(await answerTo('wrong'), 401, 'UNAUTHORIZED');
});

it('says which token a call takes, and nothing about the one that was sent', async () => {
  const { message } = expectError(await allocateWith(`Bearer ${ADMIN_TOKEN}`), 403, 'FORBIDDEN');

  expect(message).toContain('track token');
  expect(message).not.toContain(ADMIN_TOKEN);
});
