import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

interface Ended {
  exitCode: number | null;
  out: string;
  err: string;
}

/** An environment without a way to credentials: no file, no variable, no metadata service. */
const BARE = {
  PATH: process.env.PATH,
  HOME: '/no/such/home',
  AWS_CONFIG_FILE: '/no/such/file',
  AWS_SHARED_CREDENTIALS_FILE: '/no/such/file',
  AWS_EC2_METADATA_DISABLED: 'true',
};

function start(args: string[], env: Record<string, string | undefined> = BARE): ReturnType<typeof spawn> {
  return spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function endOf(child: ReturnType<typeof spawn>): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, out, err };
}

it.each([
  ['no command', [], 'Usage:'],
  ['an unknown command', ['nix'], 'unknown command'],
  ['a missing reason', ['freeze'], "required option '--reason <text>'"],
  ['an unknown environment', ['status', '--env', 'nix'], '"nix", but must be dev or prod'],
])('ends with 2 for %s, and says why on standard error', async (_what, args, message) => {
  const { exitCode, out, err } = await endOf(start(args));

  expect(exitCode).toBe(2);
  expect(err).toContain(message);
  expect(out).toBe('');
});

it('ends with 0 for --help', async () => {
  const { exitCode, out } = await endOf(start(['--help']));

  expect(exitCode).toBe(0);
  expect(out).toContain('rollback');
});

it('ends with 1 and one clear message without credentials, as JSON if asked to', async () => {
  const text = await endOf(start(['status']));
  const json = await endOf(start(['status', '--json']));

  expect(text.exitCode).toBe(1);
  expect(text.err.trim()).toMatch(/^error: No AWS credentials were found: sign in .*$/);
  expect(text.out).toBe('');
  expect(JSON.parse(json.out)).toEqual({ error: expect.stringContaining('No AWS credentials') as string });
});

it('refuses to act without a terminal and without --yes', async () => {
  const { exitCode, err } = await endOf(
    start(['freeze', '--reason', 'x'], { ...BARE, DDB_ENDPOINT_URL: 'http://127.0.0.1:1' }),
  );

  expect(exitCode).toBe(2);
  expect(err).toContain('say --yes to act');
});

describe('with a table that never answers', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('ends in order, with 130, on Ctrl-C', async () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = once(server, 'request');
    const child = start(['status', '--endpoint-dynamodb', endpoint]);
    const ended = endOf(child);
    await asked;
    child.kill('SIGINT');

    const { exitCode, err } = await ended;

    expect(exitCode).toBe(130);
    expect(err).toContain('Interrupted.');
  });
});
