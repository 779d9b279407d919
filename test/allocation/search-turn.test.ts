import fc from 'fast-check';
import { searchTurn, shuffled } from '../../app/allocation/search-turn';
import type { AvailableSegment } from '../../app/store/sandbox-store';
import { QUEUE_POSITION_LIMIT, SHARD_COUNT } from '../../app/store/table';
import { seededRandom } from '../fakes/seeded-random';

const ALL_SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

/** The stretches of one shard's queue, in the order of their places. */
function stretchesOf(shard: number, segments: AvailableSegment[]): { from: number; to: number }[] {
  return segments
    .flatMap((segment) => (segment.by === 'queuePosition' && segment.shard === shard ? [segment] : []))
    .sort((a, b) => a.from - b.from);
}

describe('searchTurn', () => {
  /** Any run of random numbers, its extremes included. */
  const anyRandom = fc.oneof(
    fc.integer().map(seededRandom),
    fc.constantFrom(0, 1 - Number.EPSILON, 1 / QUEUE_POSITION_LIMIT).map((value) => () => value),
  );

  it('covers every place of every shard exactly once', () => {
    fc.assert(
      fc.property(anyRandom, (random) => {
        const segments = searchTurn(undefined, random);

        for (const shard of ALL_SHARDS) {
          const stretches = stretchesOf(shard, segments);
          expect(stretches[0]?.from).toBe(Number.MIN_SAFE_INTEGER);
          expect(stretches.at(-1)?.to).toBe(Number.MAX_SAFE_INTEGER);
          stretches.forEach(({ from, to }, index) => {
            expect(from).toBeLessThanOrEqual(to);
            expect(stretches[index + 1]?.from ?? to + 1).toBe(to + 1);
          });
        }
      }),
    );
  });

  it('looks for a prefix once in every shard', () => {
    fc.assert(
      fc.property(anyRandom, fc.string(), (random, prefix) => {
        const segments = searchTurn(prefix, random);

        expect(segments.map(({ shard }) => shard).sort()).toEqual(ALL_SHARDS);
        expect(segments.every((segment) => segment.by === 'name' && segment.prefix === prefix)).toBe(true);
      }),
    );
  });

  it('begins anywhere: at every shard, and at many places of it', () => {
    const random = seededRandom(1);
    const firsts = Array.from({ length: 200 }, () => searchTurn(undefined, random)[0]);

    expect(new Set(firsts.map((first) => first?.shard)).size).toBe(SHARD_COUNT);
    expect(new Set(firsts.map((first) => first?.by === 'queuePosition' && first.from)).size).toBe(200);
  });

  it('takes names from either end, beginning at every shard', () => {
    const random = seededRandom(1);
    const firsts = Array.from({ length: 200 }, () => searchTurn('lab', random)[0]);

    expect(new Set(firsts.map((first) => first?.shard)).size).toBe(SHARD_COUNT);
    expect(new Set(firsts.map((first) => first?.by === 'name' && first.descending))).toEqual(
      new Set([true, false]),
    );
  });

  it('looks into every shard once before it comes back to any', () => {
    const shards = searchTurn(undefined, seededRandom(7)).map(({ shard }) => shard);

    expect(new Set(shards.slice(0, SHARD_COUNT)).size).toBe(SHARD_COUNT);
  });
});

describe('shuffled', () => {
  it('holds the same items, and leaves those given in place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const given = Object.freeze([...items]);
        const byValue = (a: number, b: number): number => a - b;

        expect(shuffled(given, seededRandom(seed)).sort(byValue)).toEqual([...items].sort(byValue));
        expect(given).toEqual(items);
      }),
    );
  });

  it('puts every item at every place about equally often', () => {
    const random = seededRandom(3);
    const rounds = 6_000;
    const counts = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }

    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - rounds / 6)).toBeLessThan(rounds / 60);
  });
});
