import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../../local/engine/engine';
import { LOCAL_AWS_ENVIRONMENT } from '../../../local/engine/local-credentials';
import { ManagedProcess } from '../../../local/processes/managed-process';
import { findFreePort } from '../../../local/processes/ports';
import { Watchdog } from '../../../local/processes/watchdog';
import { buildImage, filesOf, type BuiltImage } from './built-image';

jest.setTimeout(120_000);

/** A megabyte more is a dependency more: look at it before you raise this. */
const MAX_BUNDLE_BYTES = 5_000_000;
/** How long a container may take to be healthy; ECS gives it longer. */
const READY_TIMEOUT_MS = 30_000;

/** Only root may start a process as somebody else. */
const isRoot = process.getuid?.() === 0;

let image: BuiltImage;

beforeAll(() => {
  image = buildImage();
  if (!isRoot)
    console.warn('Not root: the image runs as this user, not as its own; only the file modes protect it.');
});

afterAll(() => {
  image.remove();
});

/** Runs Node.js in the image to its end, with nothing in the environment but what the image sets. */
function runInImage(args: string[]): SpawnSyncReturns<string> {
  return spawnSync(image.node, args, {
    cwd: image.workingFolder,
    env: image.environment,
    ...(isRoot ? image.user : {}),
    encoding: 'utf8',
    timeout: 20_000,
  });
}

it('holds the two bundles, the health check, their licences and Node.js, and nothing else', () => {
  expect(filesOf(image)).toEqual([
    'app/dist/api.js',
    'app/dist/api.js.LEGAL.txt',
    'app/dist/health-check.js',
    'app/dist/worker.js',
    'app/dist/worker.js.LEGAL.txt',
    'usr/local/bin/node',
  ]);
});

it('has bundles of a few megabytes, which start soon on a quarter of a processor', () => {
  for (const name of ['api.js', 'worker.js']) {
    const { size } = statSync(join(image.root, 'app/dist', name));
    process.stdout.write(`${name}: ${(size / 1e6).toFixed(1)} MB\n`);
    expect(size).toBeLessThan(MAX_BUNDLE_BYTES);
  }
});

it('has no bundle that needs a module beside it, native ones included', () => {
  const script = `
    const text = require('node:fs').readFileSync(process.argv[1], 'utf8');
    const names = [...text.matchAll(/\\brequire\\("([^"]+)"\\)/g)].map((match) => match[1]);
    const missing = names.filter((name) => !require('node:module').isBuiltin(name));
    console.log([...new Set(missing)].join());`;
  // The AWS SDK tries this one for signatures over several regions, goes on without it, and has no use for it here.
  const fine = ['', '@aws-sdk/signature-v4-crt'];

  for (const name of ['api.js', 'worker.js', 'health-check.js']) {
    const { stdout, status } = runInImage(['-e', script, `dist/${name}`]);
    expect(status).toBe(0);
    expect(fine).toContain(stdout.trim());
  }
});

it('can change none of its files, and add none', () => {
  const script = `
    const { appendFileSync, writeFileSync } = require('node:fs');
    const attempts = [
      () => appendFileSync('dist/api.js', ' '),
      () => writeFileSync('dist/new.js', ''),
      () => writeFileSync('new.js', ''),
    ];
    for (const attempt of attempts) {
      try { attempt(); console.log('written'); } catch (error) { console.log(error.code); }
    }`;

  expect(runInImage(['-e', script]).stdout).toBe('EACCES\nEACCES\nEACCES\n');
});

it.each([
  ['dist/api.js', ['BROKER_API_TOKEN', 'BROKER_ADMIN_TOKEN', 'CSP_BASE_URL', 'CSP_API_TOKEN', 'AWS_REGION']],
  ['dist/worker.js', ['CSP_BASE_URL', 'CSP_API_TOKEN', 'AWS_REGION']],
])('%s without an environment says what is missing, and exits with 78', (path, missing) => {
  const { status, stderr } = runInImage([path]);

  expect(stderr.match(/^ {2}([A-Z_]+)(?= is required)/gm)?.map((line) => line.trim())).toEqual(missing);
  expect(status).toBe(78);
});

describe('with a table', () => {
  let engine: Engine;
  let watchdog: Watchdog;
  let service: ManagedProcess | undefined;

  beforeAll(async () => {
    watchdog = new Watchdog();
    engine = await startEngine({ watchdog });
  });

  afterEach(async () => {
    await service?.stop();
  });

  afterAll(async () => {
    await engine.stop();
    await watchdog.stop();
  });

  it.each([
    { service: 'api', command: () => image.command, portVariable: 'PORT' },
    { service: 'worker', command: () => ['node', 'dist/worker.js'], portVariable: 'WORKER_PORT' },
  ])(
    'the $service becomes healthy, says so to the health check, and exits with 0 on SIGTERM',
    async (each) => {
      const port = String(await findFreePort());
      const url = `http://127.0.0.1:${port}/healthz`;
      const checkHealth = (): SpawnSyncReturns<string> => runInImage(['dist/health-check.js', url]);
      const [, ...args] = each.command();
      service = new ManagedProcess({
        role: each.service,
        command: image.node,
        args,
        cwd: image.workingFolder,
        user: isRoot ? image.user : undefined,
        env: { ...image.environment, ...serviceEnvironment(engine.endpoint), [each.portVariable]: port },
        isReady: () => Promise.resolve(checkHealth().status === 0),
        readyTimeoutMs: READY_TIMEOUT_MS,
        watchdog,
      });
      expect(checkHealth().status).toBe(1);

      await service.start();

      expect((await fetch(url)).status).toBe(200);
      await service.stop();
      expect(service.lastExit).toEqual({ code: 0, signal: null });
      expect(checkHealth().stderr).toMatch(/^unhealthy: .*ECONNREFUSED/);
    },
  );
});

function serviceEnvironment(endpoint: string): Record<string, string> {
  return {
    ...LOCAL_AWS_ENVIRONMENT,
    DDB_ENDPOINT_URL: endpoint,
    BROKER_API_TOKEN: 'a'.repeat(8) + '-track-1234',
    BROKER_ADMIN_TOKEN: 'b'.repeat(8) + '-admin-1234',
    CSP_BASE_URL: 'http://127.0.0.1:9',
    CSP_API_TOKEN: 'portal-1234',
    DRAIN_SECONDS: '0',
  };
}
