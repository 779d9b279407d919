import type { AvailableSegment } from '../store/sandbox-store';
import { QUEUE_POSITION_LIMIT, SHARD_COUNT } from '../store/table';
import type { Random } from './clock';

/** Beyond every readable place, on either side. */
const MAX_POSITION = Number.MAX_SAFE_INTEGER;

/**
 * One full turn of the index: segments that together hold every available sandbox (with this name prefix) exactly
 * once, in an order that differs from turn to turn, so that callers who search at the same moment meet different
 * sandboxes.
 *
 * Without a prefix it starts at a random point of each shard, and comes back for what lay before those points. It leaves
 * out no row for a place in the queue that we would not have given it. Names
 * are no ring with a random point, so a prefix search takes each shard from either end.
 */
export function searchTurn(namePrefix: string | undefined, random: Random): AvailableSegment[] {
  const firstShard = Math.floor(random() * SHARD_COUNT);
  const shards = Array.from({ length: SHARD_COUNT }, (_, offset) => (firstShard + offset) % SHARD_COUNT);
  if (namePrefix !== undefined) {
    return shards.map((shard) => ({ by: 'name', shard, prefix: namePrefix, descending: random() < 0.5 }));
  }
  const starts = shards.map((shard) => ({ shard, start: Math.floor(random() * QUEUE_POSITION_LIMIT) }));
  const fromStart = starts.map(({ shard, start }) => queueStretch(shard, start, MAX_POSITION));
  const beforeStart = starts.map(({ shard, start }) => queueStretch(shard, -MAX_POSITION, start - 1));
  return [...fromStart, ...beforeStart];
}

function queueStretch(shard: number, from: number, to: number): AvailableSegment {
  return { by: 'queuePosition', shard, from, to };
}

/** The same items in a random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
