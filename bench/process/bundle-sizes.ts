import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface BundleSize {
  name: string;
  bytes: number;
  gzipBytes: number;
}

/** Sizes of the bundles in a folder, as they are and compressed (gzip, level 6). */
export async function bundleSizes(directory: string, names: readonly string[]): Promise<BundleSize[]> {
  return Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(directory, name));
      const compressed = await promisify(gzip)(content);
      return { name, bytes: content.length, gzipBytes: compressed.length };
    }),
  );
}
