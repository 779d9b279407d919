import { LRUCache } from 'lru-cache';
import type { Clock } from '../allocation/clock';
import type { RateLimit } from '../config';

/** Whether a request may pass, and what its sender has left. */
export interface RateLimitVerdict {
  isAllowed: boolean;
  limit: number;
  remaining: number;
  /** Whole seconds until the next request would pass; 0 when one would now. */
  retryAfterSeconds: number;
}

/** Buckets kept at once. The one not used for longest is forgotten first, and starts full when it comes back. */
const MAX_BUCKETS = 50_000;

interface Bucket {
  tokens: number;
  updatedAtMs: number;
}

/**
 * Token buckets by key: each holds `burst` tokens and refills at `perSecond`. In this process's memory only: with N
 * processes a sender may get N times as much through.
 */
export class TokenBuckets {
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS });

  constructor(
    private readonly limit: RateLimit,
    private readonly clock: Clock,
  ) {}

  /** Takes a token for one request. A refused request costs nothing. */
  take(key: string): RateLimitVerdict {
    const bucket = this.#refilled(key);
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    this.#buckets.set(key, bucket);
    return this.#verdict(bucket, isAllowed);
  }

  /** What {@link take} would find, without taking. */
  peek(key: string): RateLimitVerdict {
    const bucket = this.#refilled(key);
    return this.#verdict(bucket, bucket.tokens >= 1);
  }

  #refilled(key: string): Bucket {
    const nowMs = this.clock.monotonicMs();
    const bucket = this.#buckets.get(key);
    if (!bucket) return { tokens: this.limit.burst, updatedAtMs: nowMs };
    const elapsedSeconds = Math.max(0, nowMs - bucket.updatedAtMs) / 1000;
    const tokens = Math.min(this.limit.burst, bucket.tokens + elapsedSeconds * this.limit.perSecond);
    return { tokens, updatedAtMs: nowMs };
  }

  #verdict(bucket: Bucket, isAllowed: boolean): RateLimitVerdict {
    const missing = Math.max(0, 1 - bucket.tokens);
    return {
      isAllowed,
      limit: this.limit.burst,
      remaining: Math.floor(bucket.tokens),
      retryAfterSeconds: Math.ceil(missing / this.limit.perSecond),
    };
  }
}
