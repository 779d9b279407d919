/**
 * Bundles each process into one file under dist/, with source maps, for the container image and for the local
 * system alike: what is tested is what is shipped.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entryPoints = { api: 'app/index.ts', worker: 'worker/index.ts' };

await build({
  absWorkingDir: root,
  entryPoints,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
