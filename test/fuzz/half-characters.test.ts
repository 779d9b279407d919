import { expectError } from '../http/expect-error';
import { call, jsonOf } from '../http/http-client';
import { startFuzzApi, type FuzzApi } from './fuzz-api';
import { forgedCursor, type Listing } from './known-world';

/*
 * Half of a character outside the basic plane: JSON can say it, DynamoDB refuses the whole call for it. Found by the fuzz.
 */

let api: FuzzApi;
let headers: Record<string, string>;

beforeEach(async () => {
  api = await startFuzzApi(1);
  headers = { Authorization: `Bearer ${api.world.adminToken}` };
});

afterEach(async () => {
  await api.stop();
});

it.each([
  ['half a character', '"\\ud800"'],
  ['half a character after others', '"portal\\udc00"'],
  ['a character that terminals act on', '"portal\\u001b[2J"'],
  ['a null byte', '"\\u0000"'],
])('%s in the reason for a change of runner is refused before the table sees it', async (_what, reason) => {
  const callsBefore = api.tableCalls();

  const answer = await call(api.port, '/v1/admin/jobs/runner', {
    method: 'PUT',
    headers,
    body: `{"runner":"worker","reason":${reason}}`,
  });

  expect([answer.status, jsonOf(answer).error]).toEqual([
    400,
    expect.objectContaining({ message: 'reason must have no control characters.' }),
  ]);
  expect(api.tableCalls()).toBe(callsBefore);
});

it('a reason in any language is taken', async () => {
  const answer = await call(api.port, '/v1/admin/jobs/runner', {
    method: 'PUT',
    headers,
    body: JSON.stringify({ runner: 'worker', reason: 'Wartung für die Größe 維持 💥' }),
  });

  expect(answer.status).toBe(200);
});

it('half a character in a cursor is refused before the table sees it', async () => {
  const [listing] = api.world.listings as [Listing];
  const callsBefore = api.tableCalls();

  for (const row of [
    ['\ud800', 0],
    ['1', '\udc00'],
  ]) {
    const path = `/v1/admin/sandboxes?${listing.filter}&cursor=${forgedCursor(listing, 0, row)}`;
    expectError(await call(api.port, path, { headers }), 400, 'VALIDATION_ERROR');
  }

  expect(api.tableCalls()).toBe(callsBefore);
});

it.each(['[]', '[{"runner":"api"}]'])('a body of %s is told that it must be an object', async (body) => {
  const answer = await call(api.port, '/v1/admin/jobs/runner', { method: 'PUT', headers, body });

  expect([answer.status, jsonOf(answer).error]).toEqual([
    400,
    expect.objectContaining({ message: 'the body must be a JSON object.' }),
  ]);
});
