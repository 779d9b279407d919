import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { findFreePort } from '../../local/processes/ports';
import { waitUntil } from '../local/wait-until';
import { apiEnvironment, ApiProcess, EmptyTable } from './api-process';
import { expectError } from './expect-error';
import { call } from './http-client';
import { ADMIN_TOKEN, TRACK_TOKEN } from './test-api';

// A process takes a second or two to start where two processors are all there is.
jest.setTimeout(30_000);

let table: EmptyTable;
let tablePort: number;
let api: ApiProcess;

beforeEach(async () => {
  table = new EmptyTable();
  tablePort = await table.listen();
});

afterEach(async () => {
  api.kill('SIGKILL');
  await api.ended;
  table.close();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  api = new ApiProcess(await findFreePort(), { ...apiEnvironment(tablePort), ...env });
  await api.untilLogged('listening');
}

const TRACK = { Authorization: `Bearer ${TRACK_TOKEN}`, 'X-Track-ID': 'track-1' };

it('exits with 78 at a bad configuration, and names every fault and no secret', async () => {
  api = new ApiProcess(await findFreePort(), {
    NODE_ENV: 'production',
    AWS_REGION: 'mars',
    BROKER_API_TOKEN: 'hunter2',
    BROKER_ADMIN_TOKEN: 'a secret with spaces',
    API_BASE_PATH: 'v1/',
    PORT: 'eighty',
    CORS_ALLOWED_ORIGINS: 'play.instruqt.com',
    RATE_LIMIT_BURST: '0',
    DRAIN_SECONDS: '-1',
    LOG_LEVEL: 'loud',
  });

  expect(await api.ended).toEqual({ code: 78, signal: null });
  const variables = [
    'AWS_REGION',
    'BROKER_API_TOKEN',
    'BROKER_ADMIN_TOKEN',
    'API_BASE_PATH',
    'PORT',
    'CORS_ALLOWED_ORIGINS',
    'RATE_LIMIT_BURST',
    'DRAIN_SECONDS',
    'LOG_LEVEL',
  ];
  for (const variable of variables) expect(api.stderr).toMatch(new RegExp(`^ +${variable} `, 'm'));
  expect(api.stderr).not.toMatch(/hunter2|a secret with spaces|\n +at /);
  expect(api.stdout).toBe('');
});

it('exits with 1 when its port is taken, and says so', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  api = new ApiProcess(port, apiEnvironment(tablePort));

  const end = await api.ended;
  other.close();

  expect(end).toEqual({ code: 1, signal: null });
  expect(api.stdout).toMatch(/the port (is )?taken/);
  expect(api.stdout).toContain(`"port":${port}`);
});

it('is alive only once the table has answered, and can be told to end before', async () => {
  await start({ DDB_ENDPOINT_URL: `http://127.0.0.1:${await findFreePort()}` });
  await api.untilLogged('the sandbox table does not answer yet');

  expect(await api.statusOf('/healthz')).toBe(503);
  api.kill('SIGTERM');
  expect(await api.ended).toEqual({ code: 0, signal: null });
});

it('at SIGTERM turns unhealthy, goes on serving, finishes what is in flight, and exits with 0', async () => {
  await start({ ALLOCATE_TIME_BUDGET_MS: '30000' });
  await api.untilLogged('serving');
  expect(await api.statusOf('/healthz')).toBe(200);
  const held = { keyPart: 'held-sandbox' };
  table.held = held;
  const inFlight = call(api.port, '/v1/sandboxes/held-sandbox', { headers: TRACK });
  await waitUntil(() => 'response' in held);

  api.kill('SIGTERM');
  await api.untilLogged('draining');
  expect(await api.statusOf('/healthz')).toBe(503);
  expectError(await call(api.port, '/v1/sandboxes/other', { headers: TRACK }), 404, 'SANDBOX_NOT_FOUND');
  await waitUntil(async () => !(await isListening()));
  table.release();

  expectError(await inFlight, 404, 'SANDBOX_NOT_FOUND');
  expect(await api.ended).toEqual({ code: 0, signal: null });
  expect(api.stdout).toContain('"msg":"ended"');
});

it('says in its log how it is, until it drains', async () => {
  await start({ STATUS_REPORT_SEC: '1', DRAIN_SECONDS: '3' });
  await api.untilLogged('serving');
  await waitUntil(() => api.stdout.includes('"outcome":"ready"'));
  expect(api.stdout).toContain('"action":"status","outcome":"ready"');

  api.kill('SIGTERM');
  expect(await api.ended).toEqual({ code: 0, signal: null });
  expect(api.stdout.split('"msg":"draining"')[1]).not.toContain('"action":"status"');
});

it('at a second SIGTERM exits at once', async () => {
  await start({ DRAIN_SECONDS: '100' });
  await api.untilLogged('serving');
  api.kill('SIGTERM');
  await api.untilLogged('draining');

  api.kill('SIGTERM');

  expect(await api.ended).toEqual({ code: 1, signal: null });
});

describe('when DynamoDB denies it access', () => {
  const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };

  it.each(['UnrecognizedClientException', 'AccessDeniedException', 'ResourceNotFoundException'])(
    'answers 503 to tracks and admins, and says in /readyz why (%s)',
    async (error) => {
      await start();
      await api.untilLogged('serving');
      table.error = error;

      const answers = await Promise.all([
        call(api.port, '/v1/sandboxes/any', { headers: TRACK }),
        call(api.port, '/v1/allocate', { method: 'POST', headers: TRACK }),
        call(api.port, '/v1/admin/sandboxes', { headers: ADMIN }),
        call(api.port, '/v1/admin/jobs', { headers: ADMIN }),
      ]);

      for (const answer of answers) expectError(answer, 503, 'SERVICE_UNAVAILABLE');
      await waitUntil(async () => (await api.statusOf('/readyz')) === 503);
      expect((await call(api.port, '/readyz')).text).toContain(
        error === 'ResourceNotFoundException' ? 'table_inaccessible' : 'access_denied',
      );
      expect(api.stdout).not.toContain('unexpected error');
    },
  );

  it('ends by itself, in order, with 77 and one line that says why', async () => {
    await start({ ACCESS_DENIED_EXIT_SEC: '1' });
    await api.untilLogged('serving');

    table.error = 'UnrecognizedClientException';

    expect(await api.ended).toEqual({ code: 77, signal: null });
    expect(api.stdout.split('keeps denying access to this process')).toHaveLength(2);
    expect(api.stdout).toContain('"exit_code":77');
    expect(api.stdout).toContain('"msg":"ended"');
  });

  it('ends also if it never could reach its table', async () => {
    table.error = 'AccessDeniedException';
    await start({ ACCESS_DENIED_EXIT_SEC: '1' });

    expect(await api.ended).toEqual({ code: 77, signal: null });
  });
});

it('is not brought down by clients that reset their connections, whatever they have sent', async () => {
  await start();
  await api.untilLogged('serving');
  const requests = [
    'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
    'hello\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
    `POST /v1/allocate HTTP/1.1\r\nAuthorization: Bearer ${TRACK_TOKEN}\r\nX-Track-ID: t\r\nContent-Length: 9\r\n\r\n`,
    'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ];
  for (const text of requests) {
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(text, resolve));
    socket.resetAndDestroy();
    if (text.startsWith('CONNECT')) await waitUntil(async () => api.hasEnded || (await isAnswering()));
  }

  expect(await api.statusOf('/healthz')).toBe(200);
  expect(api.hasEnded).toBe(false);
});

async function isAnswering(): Promise<boolean> {
  return api.statusOf('/healthz').then(
    (status) => status === 200,
    () => false,
  );
}

async function isListening(): Promise<boolean> {
  return api.statusOf('/healthz').then(
    () => true,
    () => false,
  );
}
