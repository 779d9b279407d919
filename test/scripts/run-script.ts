import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A folder for programs that stand in for real ones, and for what they note. */
export class ScriptFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'script-'));

  /** Puts a shell script on the PATH of the scripts that run here. */
  addProgram(name: string, shellScript: string): void {
    const path = join(this.path, 'bin', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${shellScript}\n`);
    chmodSync(path, 0o755);
  }

  /** Runs one of the repository's scripts, with nothing in its environment but `env` and a PATH. */
  run(
    script: string,
    args: string[] = [],
    env: Record<string, string> = {},
  ): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [join(ROOT, 'scripts', script), ...args], {
      cwd: this.path,
      env: { PATH: `${join(this.path, 'bin')}:/usr/bin:/bin`, ...env },
      encoding: 'utf8',
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
