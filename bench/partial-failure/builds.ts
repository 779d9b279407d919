import type { BenchContext } from '../scenario';

/** A build that is measured. */
export interface Build {
  /** In the names of figures: the sources as they are, or the revision that they are compared with. */
  key: 'current' | 'compared';
  /** For people. */
  label: string;
  bundleDirectory: string;
}

export const SHARED_MACHINE_NOTE =
  'The builds take turns, one round each, and the one that goes first changes from round to round: what slows down a ' +
  'machine that is shared with other work slows down both.';

/** The builds to measure: the current one, and the one to compare it with if there is one. */
export function buildsOf({ bundleDirectory, compared }: BenchContext): Build[] {
  const current: Build = { key: 'current', label: 'current build', bundleDirectory };
  if (compared === undefined) return [current];
  return [current, { key: 'compared', label: compared.revision, bundleDirectory: compared.bundleDirectory }];
}

/**
 * Measures rounds of all builds in turn. Each build's rounds are in order.
 *
 * @param measure is given the number of the round, from 1 on: the same one for each build.
 */
export async function inTurns<T>(
  builds: readonly Build[],
  roundCount: number,
  measure: (build: Build, round: number) => Promise<T>,
): Promise<Map<Build, T[]>> {
  const rounds = new Map<Build, T[]>(builds.map((build) => [build, []]));
  for (let round = 1; round <= roundCount; round += 1) {
    for (const build of round % 2 === 1 ? builds : [...builds].reverse()) {
      rounds.get(build)?.push(await measure(build, round));
    }
  }
  return rounds;
}

/** Median, and the smallest and the largest of several rounds if they differ: `3 (0–12)`. */
export function spread(values: readonly number[], format: (value: number) => string): string {
  const sorted = [...values].sort((a, b) => a - b).map(format);
  const [first = '–'] = sorted;
  const last = sorted.at(-1) ?? first;
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? first;
  return first === last ? first : `${middle} (${first}–${last})`;
}
