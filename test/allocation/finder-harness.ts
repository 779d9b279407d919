import { CandidateFinder, type CandidateFinderOptions } from '../../app/allocation/candidate-finder';
import type { TakeResult } from '../../app/allocation/candidate-queue';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { FakeClock } from '../fakes/fake-clock';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { FaultyStore, type NextFault } from '../fakes/faulty-store';
import type { FaultOfKey } from '../fakes/keyed-faults';
import { availableSandbox, idsOfShard } from '../fakes/sandbox-samples';
import { seededRandom } from '../fakes/seeded-random';

export interface FinderHarness {
  clock: FakeClock;
  table: FakeSandboxStore;
  finder: CandidateFinder;
  /** How many pages of the index have been read so far. */
  pagesRead: () => number;
  /** Takes with no end to its patience. */
  take: (namePrefix?: string, options?: { isRetry?: boolean; signal?: AbortSignal }) => Promise<TakeResult>;
  /** Takes, and insists on a candidate. */
  takeOne: (namePrefix?: string) => Promise<AvailableSandbox>;
}

/** A finder on a fake table that holds these sandboxes, and a clock to move. */
export function newFinderHarness(
  sandboxes: AvailableSandbox[],
  {
    indexLagMs = 0,
    seed = 1,
    nextFault,
    faultOf,
    // As many as a test takes, without settling them.
    maxOffered = 1_000,
    ...options
  }: CandidateFinderOptions & {
    indexLagMs?: number;
    seed?: number;
    nextFault?: NextFault;
    faultOf?: FaultOfKey;
  } = {},
): FinderHarness {
  const clock = new FakeClock();
  const table = new FakeSandboxStore({ clock, indexLagMs: () => indexLagMs });
  table.seed({ sandboxes });
  const store = new FaultyStore(table, { nextFault, keyed: faultOf && { faultOf, clock } });
  const finder = new CandidateFinder(store, clock, seededRandom(seed), { maxOffered, ...options });
  const take: FinderHarness['take'] = (namePrefix, { isRetry, signal } = {}) =>
    finder.take(namePrefix, signal ?? new AbortController().signal, isRetry);
  return {
    clock,
    table,
    finder,
    pagesRead: () => store.callCounts.findAvailable,
    take,
    takeOne: async (namePrefix) => {
      const result = await take(namePrefix);
      if (typeof result === 'string') throw new Error(`Expected a candidate, got ${result}`);
      return result;
    },
  };
}

/** Sandboxes that stand together in the index of names: one page holds them, or one behind the other. */
export function labsOfOneShard(count: number): AvailableSandbox[] {
  return idsOfShard(0, count).map((sandboxId) => availableSandbox({ sandboxId, name: `lab-${sandboxId}` }));
}
