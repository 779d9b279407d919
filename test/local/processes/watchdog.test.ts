import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Watchdog } from '../../../local/processes/watchdog';
import { isAlive, waitUntil } from '../wait-until';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(30_000);

const IDLE = ['-e', 'setInterval(() => {}, 1000)'];
const children: ChildProcess[] = [];

function startIdle(): ChildProcess {
  const child = spawn(process.execPath, IDLE);
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

it('kills what it watches, and nothing else, when it is stopped', async () => {
  const watchdog = new Watchdog();
  const [watched, forgotten] = [startIdle(), startIdle()];
  watchdog.watch(watched.pid ?? 0);
  watchdog.watch(forgotten.pid ?? 0);
  watchdog.forget(forgotten.pid ?? 0);
  const ended = once(watched, 'exit');

  await watchdog.stop();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(isAlive(forgotten.pid ?? 0)).toBe(true);
});

it('kills what it watches when the process that it serves is killed', async () => {
  const parent = spawn(process.execPath, [
    '--import',
    'tsx',
    '-e',
    `const { spawn } = require('node:child_process');
     const { Watchdog } = require(${JSON.stringify(join(__dirname, '../../../local/processes/watchdog.ts'))});
     const child = spawn(process.execPath, ${JSON.stringify(IDLE)}, { detached: true, stdio: 'ignore' });
     new Watchdog().watch(child.pid);
     console.log(child.pid);`,
  ]);
  children.push(parent);
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);

  parent.kill('SIGKILL');
  await waitUntil(() => !isAlive(pid));
  expect(isAlive(pid)).toBe(false);
});
