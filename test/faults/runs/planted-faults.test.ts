import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant } from '../bundles/bundle-variant';
import { PLANTED_FAULTS } from '../bundles/planted-faults';
import { TIME_LAPSE } from '../bundles/time-lapse';
import { runFaults } from '../fault-run';

/*
 * Brokers that are broken on purpose: a fault run must find each of them out, within a few seeds. Minutes in all, so
 * Jest is told of this file only when asked for (jest.config.mjs): FAULT_PLANTS=1 npm run test:faults
 */

const SECONDS = 25;
const SEEDS = [1, 2, 3, 4];

jest.setTimeout(SEEDS.length * (SECONDS * 1_000 + 180_000));

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fault-plants-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('a fault run finds out that', () => {
  it.each(PLANTED_FAULTS)('$name', async ({ name, changes }) => {
    const outdir = join(directory, name.replaceAll(' ', '-'));
    const bundles = await buildVariant([...TIME_LAPSE, ...changes], outdir);
    let found: string[] = [];
    for (const seed of SEEDS) {
      const report = await runFaults({ seed, seconds: SECONDS, bundles, untilFirst: true });
      await rm(report.directory, { recursive: true, force: true });
      found = report.violations;
      if (found.length > 0) break;
    }
    process.stdout.write(`${name}: ${found.join('; ')}\n`);
    expect(found).not.toEqual([]);
  });
});
