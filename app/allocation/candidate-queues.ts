import { LRUCache } from 'lru-cache';
import { CandidateQueue, READY_LIFETIME_MS, type Waiter } from './candidate-queue';
import type { Clock } from './clock';

/** Names that are searched for at a time. Callers who ask for yet another one are told to try again. */
const MAX_PREFIXES_AWAITED = 50;
/** Prefixes that have found something are remembered: they go before those that have not. */
const REMEMBERED_PREFIXES = 1_000;

/** The queues of one process, one a name prefix, and which of them somebody waits in. */
export class CandidateQueues {
  readonly #queues = new Map<string | undefined, CandidateQueue>();
  readonly #awaited = new Set<CandidateQueue>();
  readonly #provedPrefixes = new LRUCache<string, true>({ max: REMEMBERED_PREFIXES });
  #sweepAtMs = 0;

  constructor(private readonly clock: Clock) {}

  get(namePrefix: string | undefined): CandidateQueue | undefined {
    return this.#queues.get(namePrefix);
  }

  /** The queue for a prefix; `undefined` when the prefix is new and as many are waited for as may be. */
  obtain(namePrefix: string | undefined): CandidateQueue | undefined {
    this.#sweep();
    const known = this.#queues.get(namePrefix);
    if (known) return known;
    if (!this.isProved(namePrefix) && this.#awaited.size >= MAX_PREFIXES_AWAITED) return undefined;
    const queue = new CandidateQueue(namePrefix);
    this.#queues.set(namePrefix, queue);
    return queue;
  }

  /** Whether a search for this prefix has found something before; always true without one. */
  isProved(namePrefix: string | undefined): boolean {
    return namePrefix === undefined || this.#provedPrefixes.has(namePrefix);
  }

  prove(namePrefix: string | undefined): void {
    if (namePrefix !== undefined) this.#provedPrefixes.set(namePrefix, true);
  }

  add(queue: CandidateQueue, waiter: Waiter, isFirst: boolean): void {
    if (isFirst) queue.waiters.unshift(waiter);
    else queue.waiters.push(waiter);
    this.#awaited.add(queue);
  }

  removeFirst(queue: CandidateQueue): Waiter | undefined {
    const waiter = queue.waiters.shift();
    if (queue.waiters.length === 0) this.#awaited.delete(queue);
    return waiter;
  }

  removeAll(queue: CandidateQueue): Waiter[] {
    this.#awaited.delete(queue);
    return queue.waiters.splice(0);
  }

  /** Takes out one who does not wait any longer. */
  remove(queue: CandidateQueue, waiter: Waiter): void {
    queue.waiters = queue.waiters.filter((other) => other !== waiter);
    if (queue.waiters.length > 0) return;
    this.#awaited.delete(queue);
    // What it has seen so far may be old by the time the next caller comes: that one looks for itself.
    queue.search = undefined;
  }

  /** The queue, of those that will do, in which somebody has waited for longest. */
  longestAwaited(willDo: (queue: CandidateQueue) => boolean): CandidateQueue | undefined {
    let longest: CandidateQueue | undefined;
    for (const queue of this.#awaited) {
      if (ticketOf(queue) < ticketOf(longest) && willDo(queue)) longest = queue;
    }
    return longest;
  }

  /** Forgets, once a second, the prefixes that nobody asks for any more. */
  #sweep(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + READY_LIFETIME_MS;
    for (const [namePrefix, queue] of this.#queues) {
      if (queue.isIdle(nowMs)) this.#queues.delete(namePrefix);
    }
  }
}

function ticketOf(queue: CandidateQueue | undefined): number {
  return queue?.waiters[0]?.ticket ?? Number.POSITIVE_INFINITY;
}
