import { LRUCache } from 'lru-cache';
import type { SandboxStore } from '../store/sandbox-store';
import type { Clock, Random } from './clock';
import type { AvailableSandbox } from './sandbox';
import { searchTurn, shuffled } from './search-turn';

/**
 * What became of a candidate.
 * - `taken`: its row has moved on from the version shown, and is not to be had. It is never offered again.
 * - `returned`: nobody has taken it. The next caller may have it.
 * - `uncertain`: not known. It is not offered again unless a later search finds it.
 */
export type Settlement = 'taken' | 'returned' | 'uncertain';

/** `empty`: there is nothing to give. `timeout`: the signal fired before that was known. */
export type TakeResult = AvailableSandbox | 'empty' | 'timeout';

/** How long found candidates are kept for later callers: long enough for a class, too short to go off. */
const READY_LIFETIME_MS = 1_000;
/** The pause between the two turns of the index that "empty" takes: for an index that lags a little. */
const SECOND_LOOK_DELAY_MS = 250;
/** How long callers are told "empty" before anyone looks again. */
const EMPTY_VERDICT_LIFETIME_MS = 1_000;
/** How often to look whether the candidates that others hold have been decided on. */
const HELD_RECHECK_MS = 10;
const PAGE_SIZE = { min: 25, max: 100 };
/** A lagging index goes on listing what was taken; this many of those are remembered, about 2 MB. */
const REMEMBERED_TAKEN = 20_000;

interface Waiter {
  resolve: (result: TakeResult) => void;
  reject: (error: Error) => void;
}

/** All who wait for the same kind of sandbox, and what has been found for them. */
interface Queue {
  namePrefix: string | undefined;
  waiters: Waiter[];
  ready: AvailableSandbox[];
  readyUntilMs: number;
  emptyUntilMs: number;
  /** The search under way for those who wait. One that goes on after they have all left is nobody's. */
  search?: symbol;
}

/**
 * Finds available sandboxes for this process's callers, and never offers one to two of them at a time. One search a
 * name prefix serves all who wait; what it finds beyond that is kept for a moment. What it offers are hints from an
 * index: only the transaction that takes a candidate knows whether it is still there.
 */
export class CandidateFinder {
  readonly #queues = new Map<string | undefined, Queue>();
  readonly #inFlight = new Map<string, { candidate: AvailableSandbox; queue: Queue }>();
  /** Revisions that are not to be had, and for whom: for nobody, or not for those who ask for a prefix. */
  readonly #spent = new LRUCache<string, true>({ max: REMEMBERED_TAKEN });
  #sweepAtMs = 0;

  constructor(
    private readonly store: Pick<SandboxStore, 'findAvailable'>,
    private readonly clock: Clock,
    private readonly random: Random,
    /** Begins the names of the sandboxes that are ours to give (`POOL_NAME_PREFIX`). Empty: all of them. */
    private readonly poolNamePrefix = '',
  ) {}

  /**
   * The next candidate for one caller, whose name begins with the prefix. `empty` means: two full turns of the index,
   * a quarter of a second apart, found nothing that could be had, and no request of this process still holds a
   * matching candidate. Every candidate must be handed back to {@link settle}.
   *
   * @param isRetry puts a caller who just lost a race in front of those who have not tried yet.
   * @throws what the store throws.
   */
  async take(namePrefix: string | undefined, signal: AbortSignal, isRetry = false): Promise<TakeResult> {
    if (signal.aborted) return 'timeout';
    if (!this.#isWithinPool(namePrefix)) return 'empty';
    const queue = this.#queueFor(namePrefix);
    if (this.clock.monotonicMs() < queue.emptyUntilMs) return 'empty';
    const candidate = this.#nextReady(queue);
    if (candidate) return this.#offer(queue, candidate);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.waiters = queue.waiters.filter((other) => other !== waiter);
        // What it has seen so far may be old by the time the next caller comes: that one looks for itself.
        if (queue.waiters.length === 0) queue.search = undefined;
        resolve('timeout');
      };
      const waiter: Waiter = {
        resolve: (result) => {
          signal.removeEventListener('abort', leave);
          resolve(result);
        },
        reject: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      if (isRetry) queue.waiters.unshift(waiter);
      else queue.waiters.push(waiter);
      void this.#search(queue);
    });
  }

  /** Tells what became of a candidate that {@link take} offered, and what its row looks like now, if that is known. */
  settle(candidate: AvailableSandbox, settlement: Settlement, current = candidate): void {
    const queue = this.#inFlight.get(candidate.sandboxId)?.queue;
    this.#inFlight.delete(candidate.sandboxId);
    if (settlement === 'taken') this.#spent.set(revisionKey(candidate), true);
    if (settlement !== 'returned' || !queue) return;
    const waiting = [...this.#queues.values()].find(
      (other) => other.waiters.length > 0 && this.#isFor(current, other.namePrefix),
    );
    // Its name may have changed: then it is no longer for those who asked for the old one, however long an index shows it.
    const isMisfit = !this.#isFor(current, queue.namePrefix);
    if (isMisfit) this.#spent.set(revisionKey(candidate, queue.namePrefix), true);
    if (waiting) this.#keep(waiting, current);
    else if (!isMisfit) this.#keep(queue, current);
  }

  /** Searches for as long as somebody waits. One search at a time a queue. */
  async #search(queue: Queue): Promise<void> {
    if (queue.search) return;
    const search = Symbol('search');
    queue.search = search;
    try {
      let emptyTurns = 0;
      while (queue.search === search && queue.waiters.length > 0) {
        const turn = await this.#turn(queue, search);
        if (turn === 'nothing') emptyTurns += 1;
        else emptyTurns = 0;
        if (emptyTurns === 2) this.#declareEmpty(queue);
        else if (turn === 'nothing') await this.clock.sleep(SECOND_LOOK_DELAY_MS);
        else if (turn === 'held') await this.#untilDecided(queue, search);
      }
    } catch (error) {
      if (queue.search !== search) return;
      const reason = error instanceof Error ? error : new Error('The search failed', { cause: error });
      for (const waiter of queue.waiters.splice(0)) waiter.reject(reason);
    } finally {
      if (queue.search === search) queue.search = undefined;
    }
  }

  /**
   * One turn of the index, broken off as soon as nobody waits for it. `held`: nothing was found but what other requests of
   * this process hold, which may come back.
   */
  async #turn(queue: Queue, search: symbol): Promise<'found' | 'held' | 'nothing'> {
    let isAnyHeld = this.#isAnyHeld(queue);
    let hasFound = false;
    for (const segment of searchTurn(queue.namePrefix, this.random)) {
      let cursor: string | undefined;
      do {
        const limit = Math.min(Math.max(queue.waiters.length, PAGE_SIZE.min), PAGE_SIZE.max);
        const page = await this.store.findAvailable(segment, { limit, cursor });
        cursor = page.cursor;
        for (const candidate of shuffled(page.items, this.random)) {
          // Not every engine tells upper from lower case as DynamoDB does.
          if (!this.#isFor(candidate, queue.namePrefix) || this.#isSpent(candidate, queue)) continue;
          if (this.#inFlight.has(candidate.sandboxId)) {
            isAnyHeld = true;
            continue;
          }
          hasFound = true;
          queue.ready.push(candidate);
        }
        queue.readyUntilMs = this.clock.monotonicMs() + READY_LIFETIME_MS;
        this.#serve(queue);
        if (queue.search !== search || queue.waiters.length === 0) return 'found';
      } while (cursor !== undefined);
    }
    if (hasFound) return 'found';
    return isAnyHeld || this.#isAnyHeld(queue) ? 'held' : 'nothing';
  }

  #declareEmpty(queue: Queue): void {
    queue.emptyUntilMs = this.clock.monotonicMs() + EMPTY_VERDICT_LIFETIME_MS;
    for (const waiter of queue.waiters.splice(0)) waiter.resolve('empty');
  }

  /** Waits until no request holds a candidate that would do, or for as long as a second look would wait. */
  async #untilDecided(queue: Queue, search: symbol): Promise<void> {
    const untilMs = this.clock.monotonicMs() + SECOND_LOOK_DELAY_MS;
    const isWaitedFor = (): boolean => queue.search === search && queue.waiters.length > 0;
    while (isWaitedFor() && this.#isAnyHeld(queue) && this.clock.monotonicMs() < untilMs) {
      await this.clock.sleep(HELD_RECHECK_MS);
    }
  }

  /** Keeps what is known to be there at this moment, whatever an index shows. */
  #keep(queue: Queue, candidate: AvailableSandbox): void {
    if (this.clock.monotonicMs() >= queue.readyUntilMs) queue.ready = [];
    queue.ready.push(candidate);
    queue.readyUntilMs = Math.max(queue.readyUntilMs, this.clock.monotonicMs() + READY_LIFETIME_MS);
    this.#serve(queue);
  }

  #serve(queue: Queue): void {
    while (queue.waiters.length > 0) {
      const candidate = this.#nextReady(queue);
      if (!candidate) return;
      queue.waiters.shift()?.resolve(this.#offer(queue, candidate));
    }
  }

  #offer(queue: Queue, candidate: AvailableSandbox): AvailableSandbox {
    this.#inFlight.set(candidate.sandboxId, { candidate, queue });
    return candidate;
  }

  /** The next kept candidate that nobody has been offered meanwhile, by way of another prefix. */
  #nextReady(queue: Queue): AvailableSandbox | undefined {
    if (this.clock.monotonicMs() >= queue.readyUntilMs) queue.ready = [];
    for (let candidate = queue.ready.pop(); candidate; candidate = queue.ready.pop()) {
      if (!this.#inFlight.has(candidate.sandboxId) && !this.#isSpent(candidate, queue)) return candidate;
    }
    return undefined;
  }

  #isSpent(candidate: AvailableSandbox, queue: Queue): boolean {
    return (
      this.#spent.has(revisionKey(candidate)) || this.#spent.has(revisionKey(candidate, queue.namePrefix))
    );
  }

  /** Whether any of our names can begin with that prefix. */
  #isWithinPool(namePrefix = ''): boolean {
    return namePrefix.startsWith(this.poolNamePrefix) || this.poolNamePrefix.startsWith(namePrefix);
  }

  #isFor(candidate: AvailableSandbox, namePrefix: string | undefined): boolean {
    return candidate.name.startsWith(this.poolNamePrefix) && matches(candidate, namePrefix);
  }

  #isAnyHeld(queue: Queue): boolean {
    for (const { candidate } of this.#inFlight.values()) {
      if (matches(candidate, queue.namePrefix)) return true;
    }
    return false;
  }

  #queueFor(namePrefix: string | undefined): Queue {
    this.#sweep();
    let queue = this.#queues.get(namePrefix);
    if (!queue) {
      queue = { namePrefix, waiters: [], ready: [], readyUntilMs: 0, emptyUntilMs: 0 };
      this.#queues.set(namePrefix, queue);
    }
    return queue;
  }

  /** Forgets, once a second, the prefixes that nobody asks for any more. */
  #sweep(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + READY_LIFETIME_MS;
    for (const [namePrefix, queue] of this.#queues) {
      const isIdle = queue.waiters.length === 0 && !queue.search;
      if (isIdle && nowMs >= queue.readyUntilMs && nowMs >= queue.emptyUntilMs)
        this.#queues.delete(namePrefix);
    }
  }
}

function matches(candidate: AvailableSandbox, namePrefix: string | undefined): boolean {
  return namePrefix === undefined || candidate.name.startsWith(namePrefix);
}

function revisionKey({ sandboxId, version }: AvailableSandbox, namePrefix?: string): string {
  return JSON.stringify([sandboxId, version, namePrefix]);
}
