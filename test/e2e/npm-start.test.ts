import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { LocalEnvironment } from '../../local/environment-file';
import { isAlive, waitUntil } from '../local/wait-until';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(30_000);

/*
 * `npm start` as a user sees it, from outside. Only the API is a stand-in, so that nothing has to be built.
 */

const MAIN = join(__dirname, '../../local/main.ts');
const FAKE_API = join(__dirname, 'support/fake-api.mjs');
const TSX = pathToFileURL(require.resolve('tsx')).href;

let directory: string;
let child: ChildProcessByStdio<null, Readable, Readable>;
let output: string;
let ended: Promise<unknown[]>;

function start(args: string[] = [], env: Record<string, string> = {}): void {
  const all = [
    '--import',
    TSX,
    MAIN,
    '--api-entry',
    FAKE_API,
    '--directory',
    directory,
    '--port',
    '0',
    '--worker-port',
    '0',
    ...args,
  ];
  watchOutput(
    spawn(process.execPath, all, {
      env: { ...process.env, DDB_ENDPOINT_URL: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

function watchOutput(started: typeof child): void {
  child = started;
  output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  ended = once(child, 'close');
}

const environmentPath = (): string => join(directory, 'environment.json');

async function startAndWait(args: string[] = []): Promise<LocalEnvironment> {
  start(args);
  await waitUntil(() => output.includes('Pool: ') || child.exitCode !== null);
  return readEnvironment();
}

function readEnvironment(): LocalEnvironment {
  return JSON.parse(readFileSync(environmentPath(), 'utf8')) as LocalEnvironment;
}

function pidsOf({ pids }: LocalEnvironment): number[] {
  return [...pids.api, pids.engine, pids.csp].map((pid) => pid ?? 0);
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'npm-start-'));
});

afterEach(async () => {
  // Nothing outlives it, even so.
  child.kill('SIGKILL');
  await ended;
  rmSync(directory, { recursive: true });
});

it('tells where everything is, on the screen and in a file, and how to try it', async () => {
  const environment = await startAndWait(['--sandboxes', '7', '--tasks', '3']);

  expect(environment).toEqual({
    api_urls: Array(3).fill(expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)) as string[],
    worker_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
    broker_api_token: expect.stringMatching(/^\w{48}$/) as string,
    broker_admin_token: expect.stringMatching(/^\w{48}$/) as string,
    dynamodb_endpoint: expect.stringMatching(/^http:/) as string,
    table: 'SandboxPool',
    csp_url: expect.stringMatching(/^http:/) as string,
    csp_api_token: expect.stringMatching(/^\w{48}$/) as string,
    pids: {
      api: Array(3).fill(expect.any(Number)) as number[],
      worker: expect.any(Number) as number,
      engine: expect.any(Number) as number,
      csp: expect.any(Number) as number,
    },
  });
  for (const told of [
    ...environment.api_urls,
    environment.broker_api_token,
    environment.broker_admin_token,
  ]) {
    expect(output).toContain(told);
  }
  expect(output.match(/^ *curl .*$/gm)).toHaveLength(3);
  expect(output).toContain('Pool: 7 available · 0 allocated');

  const response = await fetch(`${environment.csp_url}/current_user/accounts`, {
    headers: { authorization: `Token ${environment.csp_api_token}` },
  });
  expect(response.status).toBe(200);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'stops everything at %s, even at two of them',
  async (signal) => {
    const pids = pidsOf(await startAndWait());
    child.kill(signal);
    child.kill(signal);

    expect(await ended).toEqual([0, null]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(output).toContain('Everything is stopped.');
    expect(existsSync(environmentPath())).toBe(false);
  },
);

it('leaves nothing behind when it is stopped while it starts', async () => {
  start();
  await waitUntil(() => existsSync(join(directory, 'engine.log')));
  child.kill('SIGINT');

  expect(await ended).toEqual([0, null]);
  expect(existsSync(environmentPath())).toBe(false);
});

it('leaves nothing running when it is killed without warning', async () => {
  const pids = pidsOf(await startAndWait());
  child.kill('SIGKILL');

  await ended;
  await waitUntil(() => !pids.some(isAlive));
  expect(pids.filter(isAlive)).toEqual([]);
});

it('ends in order when npm is gone, however npm ended', async () => {
  const command = [
    process.execPath,
    '--import',
    TSX,
    MAIN,
    '--api-entry',
    FAKE_API,
    '--directory',
    directory,
  ];
  // The shell that npm runs scripts in; it passes no signal on.
  watchOutput(
    spawn('sh', ['-c', '"$@" --port 0 --worker-port 0; true', 'sh', ...command], {
      env: { ...process.env, DDB_ENDPOINT_URL: '', npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  await waitUntil(() => output.includes('Pool: ') || child.exitCode !== null);
  const pids = pidsOf(readEnvironment());
  child.kill('SIGKILL');

  await waitUntil(() => output.includes('Everything is stopped.'));
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(environmentPath())).toBe(false);
});

it('says that an API process has died, and starts it again', async () => {
  const before = await startAndWait();
  process.kill(before.pids.api[1] ?? 0, 'SIGKILL');

  await waitUntil(() => output.includes('api-2 runs again'));
  expect(output).toContain('api-2 ended unexpectedly, by SIGKILL');
  const after = readEnvironment();
  expect(after.pids.api[0]).toBe(before.pids.api[0]);
  expect(isAlive(after.pids.api[1] ?? 0)).toBe(true);
  expect((await fetch(`${after.api_urls[1] ?? ''}/healthz`)).status).toBe(200);
});

it('says so and ends with 1 when the engine dies, for then the table is lost', async () => {
  const environment = await startAndWait();
  process.kill(environment.pids.engine ?? 0, 'SIGKILL');

  expect(await ended).toEqual([1, null]);
  expect(output).toContain('The engine process ended (SIGKILL)');
  expect(pidsOf(environment).filter(isAlive)).toEqual([]);
});

it('says which port is taken and what to do, and ends with 1', async () => {
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  start(['--port', String(port)]);

  expect(await ended).toEqual([1, null]);
  expect(output).toMatch(new RegExp(`Port ${port} is taken.*npm start -- --port`));
  expect(readdirSync(directory)).toEqual([]);
  server.close();
});

it('says that no engine answers, and ends with 1', async () => {
  start([], { DDB_ENDPOINT_URL: 'http://127.0.0.1:1' });

  expect(await ended).toEqual([1, null]);
  expect(output).toContain('No DynamoDB engine answers at DDB_ENDPOINT_URL=http://127.0.0.1:1');
  expect(existsSync(environmentPath())).toBe(false);
});

it('shows why the API does not start, and ends with 1', async () => {
  start([], { FAKE_API_EXIT_CODE: '78' });

  expect(await ended).toEqual([1, null]);
  expect(output).toContain('fake API: this configuration is wrong');
});

it.each([
  [['--tasks', '0'], 'from 1 to 20'],
  [['--sandboxes', 'many'], 'whole number'],
  [['--port', '65535'], 'no 2 ports from 65535 on'],
  [['--speed', '9'], "unknown option '--speed'"],
  [['now'], 'too many arguments'],
])('refuses the options %j, and ends with 1', async (args, message) => {
  start(args);

  expect(await ended).toEqual([1, null]);
  expect(output).toContain(message);
});
