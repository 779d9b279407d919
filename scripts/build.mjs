/**
 * Bundles each process into one file under dist/, with source maps, for the container image and for the local
 * system alike: what is tested is what is shipped. `node scripts/build.mjs api worker` bundles only those, and
 * `--outdir FOLDER` puts them elsewhere: the stacks so make the code of the rollback function.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const allEntryPoints = {
  api: 'app/index.ts',
  worker: 'worker/index.ts',
  'health-check': 'app/health-check.ts',
  rollback: 'alarms/rollback/handler.ts',
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { outdir: { type: 'string', default: 'dist' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(allEntryPoints);
const unknown = names.filter((name) => !Object.hasOwn(allEntryPoints, name));
if (unknown.length > 0) throw new Error(`No such bundle: ${unknown.join(', ')}`);
const entryPoints = Object.fromEntries(names.map((name) => [name, allEntryPoints[name]]));

await build({
  absWorkingDir: root,
  entryPoints,
  outdir: options.outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
