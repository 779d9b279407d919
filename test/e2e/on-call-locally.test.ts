import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { baseEnvironment } from '../../local/processes/base-environment';
import { waitUntil } from '../local/wait-until';
import { Admin } from './support/admin-client';
import { closeConnections } from './support/broker-client';
import { loggedRuns } from './support/job-runs';

/*
 * The on-call command line on a local system: the same commands as in AWS, but for what is not there.
 */

jest.setTimeout(120_000);

let system: LocalSystem;

beforeAll(async () => {
  system = await startLocalSystem({
    sandboxCount: 5,
    apiTaskCount: 1,
    workerCount: 1,
    environment: { AUTO_EXPIRY_INTERVAL_SEC: '1' },
  });
});

afterAll(async () => {
  closeConnections();
  await system.stop();
});

/** Runs `npm run broker`'s program against the system's table. */
async function broker(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const options = { cwd: join(__dirname, '../..'), env: baseEnvironment() };
  const program = ['--import', 'tsx', 'cli/main.ts', ...args, '--endpoint-dynamodb', system.dynamodbEndpoint];
  return new Promise((resolve) => {
    execFile(process.execPath, program, options, (error, out, err) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

function runsBy(service: string): number {
  return loggedRuns(system).filter((run) => run.service === service).length;
}

it('shows who runs the jobs and what is in the pool, and says what a local system lacks', async () => {
  await waitUntil(() => runsBy('worker') > 0);

  const { exitCode, out } = await broker('status');

  expect(exitCode).toBe(0);
  expect(out).toContain('not there (local system)');
  expect(out).toContain('5 available');
});

it('hands the jobs to the API and back', async () => {
  expect(await broker('rollback', 'worker', '--yes', '--reason', 'rehearsal')).toMatchObject({ exitCode: 0 });
  await waitUntil(() => runsBy('api') > 0);

  expect(await broker('resume', 'worker', '--yes')).toMatchObject({ exitCode: 0 });
  const before = runsBy('worker');
  await waitUntil(() => runsBy('worker') > before);
});

it('freezes the jobs and unfreezes them, as admins see, and remembers both', async () => {
  const admin = new Admin(system);
  expect(await broker('freeze', '--yes', '--reason', 'portal maintenance')).toMatchObject({ exitCode: 0 });
  expect(JSON.stringify((await admin.get('/jobs')).body)).toContain('portal maintenance');

  expect(await broker('unfreeze', '--yes')).toMatchObject({ exitCode: 0 });

  const { out } = await broker('history', '--json');
  expect(out).toMatch(/unfreeze[^]*freeze[^]*resume_worker[^]*rollback_worker/);
});

it('refuses to freeze when nobody is there to ask', async () => {
  const { exitCode, err } = await broker('freeze', '--reason', 'portal maintenance');

  expect(exitCode).toBe(2);
  expect(err).toContain('--yes');
});
