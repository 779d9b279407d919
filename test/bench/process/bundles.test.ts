import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSizes } from '../../../bench/process/bundle-sizes';
import { imageBundles } from '../../../bench/process/image-bundles';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundles-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('tells sizes as they are and compressed', async () => {
  await writeFile(join(directory, 'api.js'), 'x'.repeat(100_000));

  const [size] = await bundleSizes(directory, ['api.js']);

  expect(size).toMatchObject({ name: 'api.js', bytes: 100_000 });
  expect(size?.gzipBytes).toBeGreaterThan(20);
  expect(size?.gzipBytes).toBeLessThan(1_000);
});

it('leaves the source maps behind, as the image does', async () => {
  for (const name of ['api.js', 'api.js.map', 'worker.js', 'worker.js.map']) {
    await writeFile(join(directory, name), name);
  }

  const image = await imageBundles(directory);

  expect((await readdir(image)).sort()).toEqual(['api.js', 'worker.js']);
  expect(await readFile(join(image, 'worker.js'), 'utf8')).toBe('worker.js');
});
