import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('the types of the TypeScript client are those of the document', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/generate-client.mjs', '--check'],
    { cwd: ROOT, encoding: 'utf8', timeout: 120_000 },
  );

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}, 120_000);
