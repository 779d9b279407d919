import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const SCRIPT = join(__dirname, '../../scripts/ensure-dependencies.mjs');

/** Notes how it was called; then does what a real `npm ci` leaves behind, or fails as told. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >> "$NPM_CALLS"
if [ -n "$NPM_FAILS" ]; then echo "npm error: no such registry" >&2; exit 7; fi
mkdir -p node_modules && : > node_modules/.package-lock.json
`;

const NOON_SECONDS = Date.UTC(2025, 0, 1, 12) / 1000;
const HOUR_SECONDS = 3600;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ensure-dependencies-'));
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(SCRIPT, join(folder, 'scripts/ensure-dependencies.mjs'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npm'), FAKE_NPM);
  chmodSync(join(folder, 'bin/npm'), 0o755);
  lockFileWrittenAt(NOON_SECONDS);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function lockFileWrittenAt(timeSeconds: number): void {
  const path = join(folder, 'package-lock.json');
  writeFileSync(path, '{}');
  utimesSync(path, timeSeconds, timeSeconds);
}

function installFinishedAt(timeSeconds: number): void {
  const path = join(folder, 'node_modules/.package-lock.json');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(path, '{}');
  utimesSync(path, timeSeconds, timeSeconds);
}

function runScript(settings: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(folder, 'scripts/ensure-dependencies.mjs')], {
    // It must find its own package, whatever folder it is started from.
    cwd: tmpdir(),
    env: {
      PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
      NPM_CALLS: join(folder, 'npm-calls'),
      ...settings,
    },
    encoding: 'utf8',
  });
}

function npmCalls(): string[] {
  const path = join(folder, 'npm-calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

describe('ensure-dependencies', () => {
  it('installs the locked versions when node_modules is missing, and says so', () => {
    const { status, stderr } = runScript();

    expect(status).toBe(0);
    expect(stderr).toContain('Installing dependencies (npm ci)');
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev/)]);
    expect(existsSync(join(folder, 'node_modules/.package-lock.json'))).toBe(true);
  });

  it('installs again when the lock file is newer than the last install', () => {
    installFinishedAt(NOON_SECONDS - HOUR_SECONDS);

    expect(runScript().status).toBe(0);

    expect(npmCalls()).toHaveLength(1);
  });

  it('installs again when the last install was cut off', () => {
    mkdirSync(join(folder, 'node_modules/express'), { recursive: true });

    expect(runScript().status).toBe(0);

    expect(npmCalls()).toHaveLength(1);
  });

  it('does nothing and says nothing when the install is newer than the lock file', () => {
    installFinishedAt(NOON_SECONDS + HOUR_SECONDS);

    expect(runScript()).toMatchObject({ status: 0, stdout: '', stderr: '' });

    expect(npmCalls()).toEqual([]);
  });

  it('installs once: the next call finds everything in place', () => {
    runScript();
    runScript();

    expect(npmCalls()).toHaveLength(1);
  });

  it('installs the development dependencies also when NODE_ENV is production', () => {
    runScript({ NODE_ENV: 'production' });

    expect(npmCalls()).toEqual([expect.stringContaining('--include=dev')]);
  });

  it("exits 1 when npm fails, after npm's own words and with a hint", () => {
    const { status, stderr } = runScript({ NPM_FAILS: 'yes' });

    expect(status).toBe(1);
    expect(stderr).toContain('npm error: no such registry');
    expect(stderr).toContain(
      'npm ci failed: the lines above say why. Is the npm registry reachable from here?',
    );
  });

  it('exits 1 and says what is missing when there is no npm', () => {
    const { status, stderr } = runScript({ PATH: join(folder, 'nowhere') });

    expect(status).toBe(1);
    expect(stderr).toMatch(/npm could not be started .*on the PATH\?/);
  });
});
