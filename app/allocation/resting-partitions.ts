import { LRUCache } from 'lru-cache';
import { shardOf } from '../store/table';
import type { Clock } from './clock';

/** How long a candidate rests after a fault of its key; twice as long after each further one. */
const CANDIDATE_REST_MS = { first: 250, longest: 1_000 };
/** How long a shard is searched after all others: a throttled partition recovers within about a second. */
const SHARD_REST_MS = 1_000;
const REMEMBERED_CANDIDATES = 10_000;

interface Rest {
  durationMs: number;
  untilMs: number;
}

/**
 * Remembers for a moment which sandboxes and which shards of the index did not take requests, so that the healthy ones
 * are tried first. A resting candidate is not offered; a resting shard is only the last to be searched.
 */
export class RestingPartitions {
  readonly #candidates = new LRUCache<string, Rest>({ max: REMEMBERED_CANDIDATES });
  readonly #shardsUntilMs = new Map<number, number>();
  /** While nothing rests, no check costs more than a comparison. */
  #anyCandidateUntilMs = 0;
  #anyShardUntilMs = 0;

  constructor(private readonly clock: Clock) {}

  restCandidate(sandboxId: string): void {
    const { first, longest } = CANDIDATE_REST_MS;
    const before = this.#candidates.get(sandboxId);
    const durationMs = before ? Math.min(longest, 2 * before.durationMs) : first;
    const untilMs = this.clock.monotonicMs() + durationMs;
    this.#candidates.set(sandboxId, { durationMs, untilMs });
    this.#anyCandidateUntilMs = Math.max(this.#anyCandidateUntilMs, untilMs);
  }

  restShardOf(sandboxId: string): void {
    this.restShard(shardOf(sandboxId));
  }

  restShard(shard: number): void {
    const untilMs = this.clock.monotonicMs() + SHARD_REST_MS;
    this.#shardsUntilMs.set(shard, untilMs);
    this.#anyShardUntilMs = Math.max(this.#anyShardUntilMs, untilMs);
  }

  get isAnyCandidateResting(): boolean {
    return this.clock.monotonicMs() < this.#anyCandidateUntilMs;
  }

  isCandidateResting(sandboxId: string): boolean {
    if (!this.isAnyCandidateResting) return false;
    return this.clock.monotonicMs() < (this.#candidates.get(sandboxId)?.untilMs ?? 0);
  }

  isShardResting(shard: number): boolean {
    return this.clock.monotonicMs() < (this.#shardsUntilMs.get(shard) ?? 0);
  }

  isShardOfCandidateResting(sandboxId: string): boolean {
    const isAny = this.clock.monotonicMs() < this.#anyShardUntilMs;
    return isAny && this.isShardResting(shardOf(sandboxId));
  }

  /** The key works: a later fault of it is a first one. */
  forgive(sandboxId: string): void {
    if (this.#candidates.size > 0) this.#candidates.delete(sandboxId);
  }
}
