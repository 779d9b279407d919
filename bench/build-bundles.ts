import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..');

/** Bundles every process of today's sources into this folder, as the container image and the rollback function have them. */
export async function buildBundles(directory: string): Promise<void> {
  const script = join(ROOT, 'scripts', 'build.mjs');
  const args = [script, '--outdir', directory];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`The build failed:\n${stderr ?? String(error)}`, { cause: error });
  }
}
