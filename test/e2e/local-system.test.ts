import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalSystem, type LocalSystem, type LocalSystemOptions } from '../../local/local-system';
import { ProcessStartError } from '../../local/processes/managed-process';
import { findFreePort, PortTakenError } from '../../local/processes/ports';
import { isAlive, waitUntil } from '../local/wait-until';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(30_000);

const FAKE_API = join(__dirname, 'support/fake-api.mjs');

let system: LocalSystem | undefined;

async function start(options: LocalSystemOptions = {}): Promise<LocalSystem> {
  system = await startLocalSystem({ apiEntry: FAKE_API, sandboxCount: 5, apiTaskCount: 2, ...options });
  return system;
}

afterEach(async () => {
  await system?.stop();
  system = undefined;
});

/** The processes that we have started and that still run. */
function childPids(): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/);
    const isOurs =
      parent === String(process.pid) && /watchdog-process|dynoxide|portal|fake-api/.test(args.join(' '));
    return isOurs ? [Number(pid)] : [];
  });
}

function pidsOf({ apis, engine, portal }: LocalSystem): number[] {
  return [...apis.map((api) => api.process), engine, portal].map((process) => process?.pid ?? 0);
}

async function environmentOf(url: string): Promise<Record<string, string>> {
  return (await (await fetch(`${url}/environment`)).json()) as Record<string, string>;
}

it('fills the pool with the active sandboxes of the portal', async () => {
  const { store, csp } = await start();

  expect((await store.countByStatus()).available).toBe(5);
  const [account] = (await csp.listSandboxes()).accounts;
  expect(await store.getSandbox(account?.sandboxId ?? '')).toMatchObject({ ...account, status: 'available' });
});

it('gives each API process what it needs, and lets the caller have the last word', async () => {
  process.env.AWS_PROFILE = 'not-for-children';
  const { apis, ...rest } = await start({
    apiEnvironment: { RATE_LIMIT_BURST: '7', LOG_LEVEL: 'debug' },
    processDynamodbEndpoint: (endpoint) => `${endpoint}/proxied`,
    tableNames: { table: 'Pool2', statusIndex: 'Index1', trackIndex: 'Index2', nameIndex: 'Index3' },
  });

  for (const { url } of apis) {
    expect(await environmentOf(url)).toMatchObject({
      BROKER_API_TOKEN: rest.brokerApiToken,
      BROKER_ADMIN_TOKEN: rest.brokerAdminToken,
      DDB_ENDPOINT_URL: `${rest.dynamodbEndpoint}/proxied`,
      DDB_TABLE_NAME: 'Pool2',
      DDB_GSI1_NAME: 'Index1',
      DDB_GSI2_NAME: 'Index2',
      DDB_GSI3_NAME: 'Index3',
      AWS_ACCESS_KEY_ID: 'local',
      RATE_LIMIT_BURST: '7',
      LOG_LEVEL: 'debug',
      PORT: new URL(url).port,
    });
    expect(await environmentOf(url)).not.toHaveProperty('AWS_PROFILE');
  }
});

it('leaves nothing behind when it is stopped, however often', async () => {
  const running = await start();
  const pids = pidsOf(running);
  expect(pids.every(isAlive)).toBe(true);
  expect(childPids()).toEqual(expect.arrayContaining(pids));

  await Promise.all([running.stop(), running.stop()]);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(childPids()).toEqual([]);
  expect(running.apis[0]?.process.stdout).toContain('ended in order');
});

it('lets one API process be killed and started again on its port, while the others go on', async () => {
  const { apis } = await start();
  const [first, second] = apis;
  await first?.process.kill();
  await expect(fetch(`${first?.url ?? ''}/healthz`)).rejects.toThrow();
  expect((await fetch(`${second?.url ?? ''}/healthz`)).status).toBe(200);

  await first?.process.restart();
  expect((await fetch(`${first?.url ?? ''}/healthz`)).status).toBe(200);
});

it('starts API processes again that die, when asked to', async () => {
  const events: string[] = [];
  const { apis } = await start({ respawn: { onEvent: (event) => events.push(event), firstDelayMs: 1 } });
  const pid = apis[1]?.process.pid ?? 0;
  process.kill(pid, 'SIGKILL');

  await waitUntil(() => events.length === 2);
  expect(events[0]).toContain('api-2 ended unexpectedly, by SIGKILL');
  expect((await fetch(`${apis[1]?.url ?? ''}/healthz`)).status).toBe(200);
  expect(apis[1]?.process.pid).not.toBe(pid);
});

it('uses the ports asked for', async () => {
  const port = await findFreePort();
  const { apis } = await start({ firstApiPort: port, apiTaskCount: 1 });
  expect(apis.map((api) => api.url)).toEqual([`http://127.0.0.1:${port}`]);
});

it('starts nothing when one of the ports is taken', async () => {
  const server = createServer();
  server.listen((await findFreePort()) + 1);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  await expect(start({ firstApiPort: port - 1 })).rejects.toMatchObject(new PortTakenError(port));
  expect(childPids()).toEqual([]);
  server.close();
});

it('stops all that it has started when an API process does not start, and says why', async () => {
  const failing = start({ apiEnvironment: { FAKE_API_EXIT_CODE: '78' } });

  await expect(failing).rejects.toThrow(ProcessStartError);
  await expect(failing).rejects.toThrow(/exit code 78.*\nfake API: this configuration is wrong/);
  expect(childPids()).toEqual([]);
});

it('says what to do when the API is not built', async () => {
  await expect(start({ apiEntry: 'missing.js' })).rejects.toThrow(/npm run build/);
  expect(childPids()).toEqual([]);
});

it('stops all that it has started when starting is given up', async () => {
  const ending = new AbortController();
  const starting = start({
    signal: ending.signal,
    processDynamodbEndpoint: (endpoint) => {
      ending.abort(new Error('changed my mind'));
      return endpoint;
    },
  });

  await expect(starting).rejects.toThrow('changed my mind');
  expect(childPids()).toEqual([]);
});

it('keeps a log of each process, when asked to', async () => {
  const logDirectory = mkdtempSync(join(tmpdir(), 'local-system-'));
  await (await start({ logDirectory })).stop();
  expect(readdirSync(logDirectory).sort()).toEqual(['api-1.log', 'api-2.log', 'csp.log', 'engine.log']);
  rmSync(logDirectory, { recursive: true });
});
