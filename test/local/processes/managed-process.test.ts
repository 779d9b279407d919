import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ManagedProcess,
  ProcessStartError,
  type ManagedProcessOptions,
} from '../../../local/processes/managed-process';
import { Watchdog } from '../../../local/processes/watchdog';
import { isAlive, waitUntil } from '../wait-until';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(30_000);

const READY_SCRIPT = `
  process.on('SIGTERM', () => { console.log('in order'); process.exit(0); });
  console.error('a warning');
  console.log('ready');
  setInterval(() => {}, 1000);`;

let watchdog: Watchdog;
let child: ManagedProcess;
let directory: string;

beforeEach(() => {
  watchdog = new Watchdog();
  directory = mkdtempSync(join(tmpdir(), 'managed-process-'));
});

afterEach(async () => {
  await child.stop();
  await watchdog.stop();
  rmSync(directory, { recursive: true });
});

/** A process that is ready once it has printed so. */
function create(script: string, options: Partial<ManagedProcessOptions> = {}): ManagedProcess {
  child = new ManagedProcess({
    role: 'child',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    isReady: () => Promise.resolve(child.stdout.includes('ready')),
    watchdog,
    ...options,
  });
  return child;
}

it('is ready when it says so, and ends in order when it is stopped', async () => {
  await create(READY_SCRIPT).start();
  const pid = child.pid ?? 0;
  expect(isAlive(pid)).toBe(true);

  await child.stop();
  expect(isAlive(pid)).toBe(false);
  expect(child.pid).toBeUndefined();
  expect(child.stdout).toBe('ready\nin order\n');
  expect(child.stderr).toBe('a warning\n');
});

it('is killed when it does not end in order in time', async () => {
  const deaf = READY_SCRIPT.replace('process.exit(0)', '0');
  await create(deaf, { stopTimeoutMs: 50 }).start();
  const pid = child.pid ?? 0;

  await child.stop();
  expect(isAlive(pid)).toBe(false);
});

it('says with which code and last words it ended before it was ready', async () => {
  const start = create(`console.error('PORT must be a number'); process.exit(78);`).start();

  await expect(start).rejects.toThrow(ProcessStartError);
  await expect(start).rejects.toThrow(
    /child ended with exit code 78 before it was ready.*\nPORT must be a number/,
  );
});

it('is ended when it never gets ready', async () => {
  const start = create(`setInterval(() => {}, 1000)`, { readyTimeoutMs: 50 }).start();

  await expect(start).rejects.toThrow(/not ready after 50 ms/);
  expect(child.isRunning).toBe(false);
});

it('says so when there is no such program', async () => {
  await expect(create('', { command: join(directory, 'missing') }).start()).rejects.toThrow(
    /child cannot be run.*ENOENT/,
  );
});

it('tells of an end that nobody asked for, and of no other', async () => {
  const exits: unknown[] = [];
  await create(READY_SCRIPT).start();
  child.onUnexpectedExit((exit) => exits.push(exit));
  const killed = child.pid ?? 0;
  process.kill(killed, 'SIGKILL');
  await waitUntil(() => exits.length > 0);
  expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);

  await child.start();
  expect(child.pid).not.toBe(killed);
  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  await child.restart();
  await child.stop();
  expect(exits).toHaveLength(1);
});

it('writes its output to a file, and goes on there when it is started again', async () => {
  const logFile = join(directory, 'child.log');
  await create(READY_SCRIPT, { logFile }).start();
  await child.restart();
  await waitUntil(() => child.stdout === 'ready\nin order\nready\n');
  await child.stop();

  const lines = readFileSync(logFile, 'utf8').split('\n').sort();
  expect(lines).toEqual(['', 'a warning', 'a warning', 'in order', 'in order', 'ready', 'ready']);
});
