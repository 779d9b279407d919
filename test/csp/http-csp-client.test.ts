import { createServer } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import {
  CspAccountIdInvalidError,
  CspCircuitOpenError,
  CspRejectedError,
  CspResponseInvalidError,
  CspUnavailableError,
} from '../../app/csp/csp-client';
import { HttpCspClient, type HttpCspClientOptions } from '../../app/csp/http-csp-client';
import { FakeClock } from '../fakes/fake-clock';
import {
  breakOff,
  cutConnection,
  drip,
  neverReply,
  replyWith,
  startScriptedPortal,
  type PortalReply,
  type ScriptedPortal,
} from './scripted-portal';

const ACCOUNT = {
  account_type: 'sandbox',
  state: 'active',
  id: 'identity/accounts/4AB6bf0c-0000-4000-8000-000000000001',
  name: 'csp-sandbox-0001',
  csp_id: 2009521,
  created_at: '2025-03-27T16:53:47.605459Z',
  sfdc_account_id: '0015g00000abcdeAAA',
};
const OPEN_MS = 60_000;

let portal: ScriptedPortal | undefined;
let logLines: string[] = [];

function clientOf(url: string, options: Partial<HttpCspClientOptions> = {}): HttpCspClient {
  logLines = [];
  return new HttpCspClient({
    baseUrl: url,
    apiToken: 'portal-token',
    connectTimeoutMs: 2_000,
    readTimeoutMs: 2_000,
    circuitBreaker: { threshold: 5, openMs: OPEN_MS },
    retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 2 },
    logger: pino({}, { write: (line: string) => logLines.push(line) }),
    ...options,
  });
}

async function clientFor(
  replies: [PortalReply, ...PortalReply[]],
  options: Partial<HttpCspClientOptions> = {},
): Promise<{ client: HttpCspClient; portal: ScriptedPortal }> {
  portal = await startScriptedPortal(...replies);
  return { client: clientOf(portal.url, options), portal };
}

afterEach(async () => {
  jest.restoreAllMocks();
  await portal?.stop();
  portal = undefined;
});

describe('listing sandboxes', () => {
  it('asks with the token and answers with the active sandboxes', async () => {
    const { client, portal } = await clientFor([replyWith(200, { results: [ACCOUNT] })]);

    expect((await client.listSandboxes()).accounts).toEqual([
      {
        sandboxId: '2009521',
        externalId: ACCOUNT.id,
        name: 'csp-sandbox-0001',
        sfdcAccountId: '0015g00000abcdeAAA',
      },
    ]);
    expect(portal.requests).toEqual(['GET /current_user/accounts']);
    expect(portal.lastHeaders().authorization).toBe('Token portal-token');
  });

  it('keeps the path of the base URL, with or without a slash at its end', async () => {
    const { portal } = await clientFor([replyWith(200, { results: [] })]);

    await clientOf(`${portal.url}/api/v2`).listSandboxes();
    await clientOf(`${portal.url}/api/v2/`).listSandboxes();

    expect(portal.requests).toEqual(Array(2).fill('GET /api/v2/current_user/accounts'));
  });

  it('logs an entry that does not fit, and goes on with the others', async () => {
    const odd = { ...ACCOUNT, csp_id: null };
    const { client } = await clientFor([replyWith(200, { results: [odd, ACCOUNT] })]);

    const { accounts, unusable } = await client.listSandboxes();
    expect(accounts).toHaveLength(1);
    expect(unusable).toMatchObject([{ index: 0, externalId: ACCOUNT.id }]);
    expect(logLines.join('')).toContain('"misfit_count":1');
    expect(logLines.join('')).toContain('csp_id');
  });

  it.each([
    ['HTML', '<html>maintenance</html>'],
    ['JSON that breaks off', '{"results": [{"account_type"'],
    ['an object without results', { detail: 'maintenance' }],
    ['results that are no list', { results: {} }],
    ['null', null],
    ['nothing', ''],
  ])('calls %s an invalid answer, at once and without blaming the portal’s health', async (_what, body) => {
    const { client, portal } = await clientFor([replyWith(200, body)], {
      circuitBreaker: { threshold: 1, openMs: OPEN_MS },
    });

    await expect(client.listSandboxes()).rejects.toThrow(CspResponseInvalidError);
    expect(portal.requests).toHaveLength(1);
    expect(client.circuitState).toBe('closed');
  });

  it.each([301, 401, 403, 404, 204])('does not repeat a list answered with %i', async (status) => {
    const { client, portal } = await clientFor([replyWith(status)]);

    await expect(client.listSandboxes()).rejects.toMatchObject({ name: 'CspRejectedError', status });
    expect(portal.requests).toHaveLength(1);
  });
});

describe('deleting an account', () => {
  it.each([
    [200, 'accepted'],
    [201, 'accepted'],
    [202, 'accepted'],
    [204, 'accepted'],
    [404, 'not_found'],
    [410, 'not_found'],
  ] as const)('takes %i for a request that was %s, and for no proof', async (status, answer) => {
    const { client, portal } = await clientFor([replyWith(status)]);

    expect(await client.deleteAccount(ACCOUNT.id)).toBe(answer);
    // As the portal spells it.
    expect(portal.requests).toEqual(['DELETE /sandbox/accounts/4AB6bf0c-0000-4000-8000-000000000001']);
  });

  it('does not repeat a deletion that is refused', async () => {
    const { client, portal } = await clientFor([replyWith(403)]);

    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspRejectedError);
    expect(portal.requests).toHaveLength(1);
  });

  it('takes a list whose Link header names a next page for incomplete', async () => {
    const { client } = await clientFor([
      (_request, response) => {
        response.setHeader('link', '</current_user/accounts?page=2>; rel="next"');
        response.end(JSON.stringify({ results: [ACCOUNT] }));
      },
    ]);

    expect(await client.listSandboxes()).toMatchObject({ incomplete: 'a Link header names a next page' });
  });

  it.each([
    '',
    'identity/accounts/',
    'identity/accounts/..',
    'identity/accounts/a?b',
    'a b',
    'identity/accounts/%2e',
  ])('sends nothing for %j, which names no account', async (externalId) => {
    const { client, portal } = await clientFor([replyWith(204)]);

    await expect(client.deleteAccount(externalId)).rejects.toThrow(CspAccountIdInvalidError);
    expect(portal.requests).toEqual([]);
  });
});

describe('failures', () => {
  it.each([
    ['status 500', replyWith(500)],
    ['status 503', replyWith(503)],
    ['status 429', replyWith(429)],
    ['a connection that is cut', cutConnection],
    ['an answer that breaks off', breakOff],
  ])('repeats a call after %s, until it succeeds', async (_what, failure) => {
    const { client, portal } = await clientFor([failure, failure, replyWith(204)]);

    await client.deleteAccount(ACCOUNT.id);
    expect(portal.requests).toHaveLength(3);
    expect(client.circuitState).toBe('closed');
  });

  it('gives up after the last attempt, and says what the portal answered', async () => {
    const { client, portal } = await clientFor([replyWith(502)]);

    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(/status 502/);
    expect(portal.requests).toHaveLength(3);
  });

  it.each([
    ['an answer that does not come', neverReply],
    ['an answer that comes in endless drips', drip],
  ])('does not wait for ever for %s', async (_what, reply) => {
    const { client, portal } = await clientFor([reply], { readTimeoutMs: 60 });

    await expect(client.listSandboxes()).rejects.toThrow(/no complete answer within 60 ms/);
    expect(portal.requests).toHaveLength(3);
  });

  it('does not wait for ever for a connection', async () => {
    // A TCP server that never speaks TLS: the connection never stands.
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const client = clientOf(`https://127.0.0.1:${port}`, { connectTimeoutMs: 60 });

    await expect(client.listSandboxes()).rejects.toThrow(/no connection within 60 ms/);
    server.close();
  });

  it('says so when nobody listens', async () => {
    const { portal: gone } = await clientFor([replyWith(200)]);
    await gone.stop();
    portal = undefined;

    const attempt = clientOf(gone.url.replace('127.0.0.1', 'localhost')).listSandboxes();
    await expect(attempt).rejects.toThrow(CspUnavailableError);
    await expect(attempt).rejects.toThrow(/ECONNREFUSED/);
  });

  it('gives up a call when the caller does, and does not count it', async () => {
    const { client, portal } = await clientFor([neverReply], {
      circuitBreaker: { threshold: 1, openMs: OPEN_MS },
    });
    const giveUp = new AbortController();
    const call = client.deleteAccount(ACCOUNT.id, { signal: giveUp.signal });
    giveUp.abort(new Error('shutting down'));

    await expect(call).rejects.toThrow('shutting down');
    expect(portal.requests.length).toBeLessThanOrEqual(1);
    expect(client.circuitState).toBe('closed');
  });

  it('never lets the token out, into errors or the log', async () => {
    const { client } = await clientFor([replyWith(500)]);

    const error: unknown = await client.listSandboxes().catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error, logLines])).not.toContain('portal-token');
  });
});

describe('the circuit breaker', () => {
  const impatient = { retry: { maxAttempts: 1, initialDelayMs: 1, maxDelayMs: 1 } };

  async function failTimes(client: HttpCspClient, times: number): Promise<void> {
    for (let call = 0; call < times; call++) {
      await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspUnavailableError);
    }
  }

  it.each([
    ['5xx', replyWith(500)],
    ['timeouts', neverReply],
    ['broken connections', cutConnection],
  ])('opens after five %s in a row, and then sends nothing', async (_what, failure) => {
    const { client, portal } = await clientFor([failure], { ...impatient, readTimeoutMs: 30 });

    await failTimes(client, 4);
    expect(client.circuitState).toBe('closed');
    await failTimes(client, 1);
    expect(client.circuitState).toBe('open');

    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspCircuitOpenError);
    await expect(client.listSandboxes()).rejects.toThrow(CspCircuitOpenError);
    expect(portal.requests).toHaveLength(5);
  });

  it('counts every attempt, and ends the retries of a call when it opens', async () => {
    const { client, portal } = await clientFor([replyWith(500)]);

    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspUnavailableError);
    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspCircuitOpenError);
    expect(portal.requests).toHaveLength(5);
  });

  it('forgets failures when a call succeeds', async () => {
    const fail = replyWith(500);
    const { client } = await clientFor([fail, fail, fail, fail, replyWith(204), fail], impatient);

    await failTimes(client, 4);
    await client.deleteAccount(ACCOUNT.id);
    await failTimes(client, 4);
    expect(client.circuitState).toBe('closed');
  });

  it('does not count refusals', async () => {
    const { client } = await clientFor([replyWith(401)], {
      circuitBreaker: { threshold: 1, openMs: OPEN_MS },
    });

    await expect(client.listSandboxes()).rejects.toThrow(CspRejectedError);
    expect(client.circuitState).toBe('closed');
  });

  it('lets a call through when its time is over, and closes if that succeeds', async () => {
    const clock = new FakeClock();
    const { client } = await clientFor([...fiveFailures(), replyWith(204)], { ...impatient, clock });
    await failTimes(client, 5);

    await clock.advance(OPEN_MS - 1);
    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspCircuitOpenError);
    await clock.advance(1);
    await client.deleteAccount(ACCOUNT.id);

    expect(client.circuitState).toBe('closed');
    expect(logLines.join('')).toContain('The portal answers again');
  });

  it.each([-365, 365])('is open for its time when the clock is set by %i days meanwhile', async (days) => {
    const clock = new FakeClock();
    const { client } = await clientFor([...fiveFailures(), replyWith(204)], { ...impatient, clock });
    await failTimes(client, 5);

    const nowMs = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => nowMs + days * 86_400_000);
    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspCircuitOpenError);
    await clock.advance(OPEN_MS);
    await client.deleteAccount(ACCOUNT.id);

    expect(client.circuitState).toBe('closed');
  });

  it('opens again at once if that call fails', async () => {
    const clock = new FakeClock();
    const { client, portal } = await clientFor([replyWith(500)], { ...impatient, clock });
    await failTimes(client, 5);

    await clock.advance(OPEN_MS);
    await failTimes(client, 1);

    expect(client.circuitState).toBe('open');
    await expect(client.deleteAccount(ACCOUNT.id)).rejects.toThrow(CspCircuitOpenError);
    expect(portal.requests).toHaveLength(6);
  });

  function fiveFailures(): [PortalReply, ...PortalReply[]] {
    const fail = replyWith(500);
    return [fail, fail, fail, fail, fail];
  }
});
