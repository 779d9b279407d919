import { execFile } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..');
const execute = promisify(execFile);

/**
 * Bundles every process into this folder, as the container image and the rollback function have them.
 *
 * @param sources the tree to bundle, with its dependencies; today's by default.
 */
export async function buildBundles(directory: string, sources = ROOT): Promise<void> {
  const script = join(sources, 'scripts', 'build.mjs');
  const args = [script, '--outdir', directory];
  try {
    await execute(process.execPath, args, { cwd: sources });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`The build failed:\n${stderr ?? String(error)}`, { cause: error });
  }
}

/**
 * Bundles another revision's processes into this folder, by that revision's own build script and with the dependencies
 * that are installed now. Its sources are removed again; the working tree is not touched.
 *
 * @param revision anything that git takes for a commit.
 * @returns the commit, abbreviated.
 * @throws Error when git does not know the revision, or its sources cannot be built.
 */
export async function buildRevision(revision: string, directory: string): Promise<string> {
  const sources = `${directory}-sources`;
  const archive = `${directory}.tar`;
  try {
    const commit = await git(
      'rev-parse',
      '--verify',
      '--short=12',
      '--end-of-options',
      `${revision}^{commit}`,
    );
    await mkdir(sources, { recursive: true });
    await git('archive', '--format=tar', `--output=${archive}`, commit);
    await execute('tar', ['-xf', archive, '-C', sources]);
    await symlink(join(ROOT, 'node_modules'), join(sources, 'node_modules'));
    await buildBundles(directory, sources);
    return commit;
  } finally {
    await rm(archive, { force: true });
    await rm(sources, { recursive: true, force: true });
  }
}

async function git(...args: string[]): Promise<string> {
  try {
    return (await execute('git', args, { cwd: ROOT })).stdout.trim();
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`git ${args[0] ?? ''} failed: ${stderr ?? String(error)}`, { cause: error });
  }
}
