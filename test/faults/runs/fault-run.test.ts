import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVariant, type BundleVariant } from '../bundles/bundle-variant';
import { TIME_LAPSE } from '../bundles/time-lapse';
import { runFaults } from '../fault-run';
import { faultSettings } from '../fault-settings';

/*
 * Whole systems under faults of engine, portal, network and processes, as a seed deals them:
 *
 *   npm run test:faults                                          three fixed seeds, 25 s of faults each
 *   FAULT_SEED=random npm run test:faults                        three new ones
 *   FAULT_SEED=7 FAULT_SECONDS=3600 npm run test:faults          this seed, for an hour
 *   FAULT_SEED=7,8,9 npm run test:faults                         these
 *
 * A seed decides the weather, what happens to which process when, and what every person does next. When a call meets
 * which of them is up to real time, so the same seed makes a run much like the last one, not the same to the millisecond.
 */

const { seeds, seconds } = faultSettings(process.env);
/** Starting, coming to rest and draining, on a machine with a lot to do. */
const AROUND_MS = 300_000;

jest.setTimeout(seconds * 1_000 + AROUND_MS);

let directory: string;
let bundles: BundleVariant;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fault-bundles-'));
  bundles = await buildVariant(TIME_LAPSE, directory);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

it.each(seeds)('nothing is lost, doubled or taken away, and nobody crashes: seed %i', async (seed) => {
  // At the start already: should the run hang, it is known which one.
  process.stdout.write(`FAULT_SEED=${seed} FAULT_SECONDS=${seconds} npm run test:faults\n`);

  const { violations, counts, directory: logs } = await runFaults({ seed, seconds, bundles });

  process.stdout.write(`${JSON.stringify(counts, undefined, 1)}\n`);
  if (violations.length > 0) process.stdout.write(`Logs and table are in ${logs}\n`);
  expect(violations).toEqual([]);
  // A run in which nothing happened proves nothing.
  expect(counts.students?.['allocate 201']).toBeGreaterThan(seconds / 2);
  expect(counts.jobs?.runs).toBeGreaterThan(seconds / 4);
  expect(counts.engine?.calls).toBeGreaterThan(10 * seconds);
});
