import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = join(__dirname, '..', '..', '..');

/** A piece of source, by its exact text, and what stands in its place. */
export interface SourceChange {
  /** From the root of the repository. */
  file: string;
  find: string;
  replace: string;
}

/** The bundles of both processes. */
export interface BundleVariant {
  apiEntry: string;
  workerEntry: string;
}

/**
 * Bundles API and worker as `scripts/build.mjs` does, with some pieces of source replaced. Rejects when a piece is not
 * there, or more than once: then the source has moved on, and the change must follow it.
 */
export async function buildVariant(changes: readonly SourceChange[], outdir: string): Promise<BundleVariant> {
  const open = new Set(changes);
  await build({
    absWorkingDir: ROOT,
    entryPoints: { api: 'app/index.ts', worker: 'worker/index.ts' },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: true,
    minifySyntax: true,
    logLevel: 'silent',
    plugins: [replacing(changes, (change) => open.delete(change))],
  });
  const [forgotten] = open;
  if (forgotten)
    throw new Error(`${forgotten.file} is no part of the bundles: the change to it was not made`);
  return { apiEntry: join(outdir, 'api.js'), workerEntry: join(outdir, 'worker.js') };
}

function replacing(changes: readonly SourceChange[], onChange: (change: SourceChange) => void): Plugin {
  return {
    name: 'replace-source',
    setup(builder) {
      builder.onLoad({ filter: /\/(app|worker)\/.*\.ts$/ }, async ({ path }) => {
        const own = changes.filter(({ file }) => file === relative(ROOT, path));
        if (own.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const change of own) {
          contents = replaceOnce(contents, change);
          onChange(change);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** Throws unless the piece is there exactly once. */
export function replaceOnce(source: string, { file, find, replace }: SourceChange): string {
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`${file} has this ${count} times instead of once: ${find}`);
  // A function, so that no $ in the text means anything.
  return source.replace(find, () => replace);
}
