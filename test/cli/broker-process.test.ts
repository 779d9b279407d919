import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AwsStub, json, jsonError, STUB_CREDENTIALS } from '../alarms/rollback/aws-stub';

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

it('ends with 141 when nobody reads its output any more', async () => {
  const child = start(['--help']);
  child.stdout?.destroy();
  const [exitCode] = (await once(child, 'close')) as [number | null];

  expect(exitCode).toBe(141);
});

it('refuses to act without a terminal and without --yes', async () => {
  const { exitCode, err } = await endOf(
    start(['freeze', '--reason', 'x'], { ...BARE, DDB_ENDPOINT_URL: 'http://127.0.0.1:1' }),
  );

  expect(exitCode).toBe(2);
  expect(err).toContain('say --yes to act');
});

describe('with nobody at the other end of a pipe', () => {
  let aws: AwsStub;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    aws = await AwsStub.start(({ action }) => {
      if (action === 'DescribeAlarms') return json({ MetricAlarms: [{ AlarmName: 'a', StateValue: 'OK' }] });
      if (action === 'GetItem' || action === 'PutItem') return json({});
      return jsonError('AccessDeniedException', 'no');
    });
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = STUB_CREDENTIALS;
    env = { ...BARE, AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  });

  afterAll(() => aws.stop());

  it('ends a watch with 141, not as if all were well', async () => {
    const child = start(['watch', '--minutes', '1'], env);
    child.stdout?.destroy();
    const [exitCode] = (await once(child, 'close')) as [number | null];

    expect(exitCode).toBe(141);
  });

  it('does all that was asked for when only its remarks are read by nobody', async () => {
    const child = start(['freeze', '--reason', 'x', '--yes'], env);
    child.stderr?.destroy();

    const { exitCode, out } = await endOf(child);

    expect(out).toContain('done in');
    expect(exitCode).toBe(0);
  });
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

  it('does not say that rollback api may be repeated, when that is interrupted', async () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = once(server, 'request');
    const child = start(['rollback', 'api', '--yes'], {
      ...BARE,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    });
    const ended = endOf(child);
    await asked;
    child.kill('SIGINT');

    const { exitCode, err } = await ended;

    expect(exitCode).toBe(130);
    expect(err).toContain('look at status before you give the command again');
    expect(err).not.toContain('safe');
  });
});
