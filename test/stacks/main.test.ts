import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MAIN = join(__dirname, '../../main.ts');
const TYPESCRIPT_LOADER = pathToFileURL(require.resolve('tsx')).href;

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Runs main.ts as cdktf does, in the given folder, with nothing of this shell's settings. */
function synthesizeIn(folder: string, settings: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ['--import', TYPESCRIPT_LOADER, MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings },
    encoding: 'utf8',
  });
}

/** Every file below the folder with its bytes, by its path. */
function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'base64')]));
}

describe('main.ts', () => {
  it('writes the same bytes in two different folders', () => {
    const [first, second] = [newFolder(), newFolder()];

    expect(synthesizeIn(first)).toMatchObject({ status: 0, stderr: '' });
    expect(synthesizeIn(second)).toMatchObject({ status: 0, stderr: '' });

    expect(Object.keys(filesOf(first))).toContain('/cdktf.out/stacks/sandbox-broker-dev-data/cdk.tf.json');
    expect(filesOf(first)).toEqual(filesOf(second));
  });

  it('synthesizes the environment that SANDBOX_BROKER_ENV names', () => {
    const folder = newFolder();

    expect(synthesizeIn(folder, { SANDBOX_BROKER_ENV: 'prod' }).status).toBe(0);

    expect(readdirSync(join(folder, 'cdktf.out/stacks'))).toEqual(['sandbox-broker-prod-data']);
  });

  it('refuses an unknown environment with one clear line, and writes nothing', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, { SANDBOX_BROKER_ENV: 'staging' });

    expect(status).toBe(1);
    expect(stderr).toBe('SANDBOX_BROKER_ENV is "staging", but must be dev or prod.\n');
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });
});
