import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The bundles as the container image has them: without source maps, which take a process that reads them 30 MB and
 * half a second. Resolves with the folder, inside of that of the bundles.
 */
export async function imageBundles(bundleDirectory: string): Promise<string> {
  const directory = join(bundleDirectory, 'image');
  await mkdir(directory, { recursive: true });
  for (const name of ['api.js', 'worker.js'])
    await copyFile(join(bundleDirectory, name), join(directory, name));
  return directory;
}
