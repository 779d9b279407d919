/**
 * Installs the locked dependencies when they are missing or older than the lock file, so that `npm start`
 * and `npm test` work on a fresh clone. Uses nothing but Node.js itself.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const modifiedAt = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
  console.error(`Node.js ${MINIMUM_NODE.join('.')} or newer is needed; this is ${process.version}.`);
  process.exit(1);
}

// npm writes this file last, so an install that was cut off counts as missing.
const installedAt = modifiedAt('node_modules/.package-lock.json');
if (installedAt < modifiedAt('package-lock.json')) {
  console.error('Installing dependencies (npm ci): once, and again when the lock file changes.');
  // NODE_ENV=production in the shell would leave out the development dependencies, tsx and jest among them.
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['ci', ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.error) {
    console.error(`npm could not be started (${npm.error.message}): is it installed, and on the PATH?`);
    process.exit(1);
  }
  if (npm.status !== 0) {
    console.error('npm ci failed: the lines above say why. Is the npm registry reachable from here?');
    process.exit(1);
  }
}
