import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunRecord } from '../../bench/report/run-record';

/*
 * The benchmark runs from end to end. What its figures are depends on the machine; that they are there does not.
 */

jest.setTimeout(180_000);

const ROOT = join(__dirname, '..', '..');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-broker-bench-test-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('npm run bench', () => {
  it('measures a scenario, and writes down what came out', async () => {
    const options = ['--quick', '--only', 'replay', '--bundles', join(ROOT, 'dist'), '--output', directory];
    const args = ['--import', 'tsx', join('bench', 'main.ts'), ...options];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });

    expect(stdout).toContain('replays/s');
    expect((await readdir(directory)).sort()).toEqual(['latest.json', 'latest.md', 'latest.svg']);
    const run = JSON.parse(await readFile(join(directory, 'latest.json'), 'utf8')) as RunRecord;
    expect(run.options).toEqual({ quick: true, only: ['replay'] });
    expect(run.scenarios.map(({ name }) => name)).toEqual(['replay']);
    const values = run.scenarios[0]?.values ?? {};
    expect(values.replay_wrong_count).toBe(0);
    expect(values.replay_per_second).toBeGreaterThan(0);
    expect(values.replay_p99_ms).toBeGreaterThanOrEqual(values.replay_p50_ms ?? Infinity);
  });
});
