/**
 * Bundles each process into one file under dist/, with source maps, for the container image and for the local
 * system alike: what is tested is what is shipped. `node scripts/build.mjs api worker` bundles only those, and
 * `--outdir FOLDER` puts them elsewhere: the stacks so make the code of the rollback function.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
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

/** Script and style of the console, as the API's bundle holds them (app/console/console-assets.ts). */
async function consoleAssets() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['app/console/browser/console.ts', 'app/console/browser/console.css'],
    outdir: 'console',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    logLevel: 'warning',
  });
  const text = (ending) => JSON.stringify(outputFiles.find(({ path }) => path.endsWith(ending)).text);
  return { CONSOLE_SCRIPT: text('.js'), CONSOLE_STYLE: text('.css') };
}

const swaggerUiFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The page about the API, compressed: app/openapi/docs-page.ts. */
function swaggerUi() {
  const compressed = (file) =>
    brotliCompressSync(readFileSync(join(swaggerUiFolder, file)), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9 },
    }).toString('base64');
  return { script: compressed('swagger-ui-bundle.js'), style: compressed('swagger-ui.css') };
}

await build({
  absWorkingDir: root,
  define: names.includes('api')
    ? { ...(await consoleAssets()), SWAGGER_UI: JSON.stringify(swaggerUi()) }
    : {},
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

// Swagger UI's notices, beside those that esbuild finds.
if (names.includes('api')) {
  const notices = ['NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'].map((file) =>
    readFileSync(join(swaggerUiFolder, file), 'utf8'),
  );
  appendFileSync(
    join(resolve(root, options.outdir), 'api.js.LEGAL.txt'),
    `\n\nBundled license information:\n\nswagger-ui-dist (Apache-2.0):\n${notices.join('\n')}`,
  );
}
