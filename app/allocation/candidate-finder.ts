import { LRUCache } from 'lru-cache';
import type { SandboxStore } from '../store/sandbox-store';
import type { CandidateQueue, TakeResult, Waiter } from './candidate-queue';
import { CandidateQueues } from './candidate-queues';
import type { Clock, Random } from './clock';
import { readTurn, TURN_LIMITS, type TurnLimits } from './read-turn';
import { RestingPartitions } from './resting-partitions';
import type { AvailableSandbox } from './sandbox';
import { SearchSlots } from './search-slots';
import { searchTurn, shuffled } from './search-turn';

/**
 * What became of a candidate.
 * - `taken`: its row has moved on from the version shown, and is not to be had. It is never offered again.
 * - `returned`: nobody has taken it. The next caller may have it.
 * - `uncertain`: not known. It is not offered again unless a later search finds it.
 * - `throttled`: uncertain, because a partition that it is in takes no more requests. It rests for a moment, and its
 *   shard is searched after the others.
 * - `unanswered`: uncertain, because the store gave no answer. It rests for a moment.
 */
export type Settlement = 'taken' | 'returned' | 'uncertain' | 'throttled' | 'unanswered';

export interface CandidateFinderOptions {
  /** Begins the names of the sandboxes that are ours to give (`POOL_NAME_PREFIX`). Empty, the default: all of them. */
  poolNamePrefix?: string;
  /** Candidates that callers hold at a time. */
  maxOffered?: number;
  turnLimits?: TurnLimits;
}

/**
 * Candidates that one process holds at a time, and so its transactions. More would not be faster: they would share one
 * processor, and be held for as long as the slowest of them takes, while other processes try them.
 */
const MAX_OFFERED = 64;
/** The pause between the two turns of the index that "empty" takes: for an index that lags a little. */
const SECOND_LOOK_DELAY_MS = 250;
/** How long callers are told "empty" before anyone looks again. */
const EMPTY_VERDICT_LIFETIME_MS = 1_000;
/** How often to look whether the candidates that others hold have been decided on. */
const HELD_RECHECK_MS = 10;
const PAGE_SIZE = { min: 25, max: 100 };
/** A lagging index goes on listing what was taken; this many of those are remembered, about 2 MB. */
const REMEMBERED_TAKEN = 20_000;

/**
 * Finds available sandboxes for this process's callers, and never offers one to two of them at a time. One search a
 * name prefix serves all who wait; what it finds beyond that is kept for a moment. What it offers are hints from an
 * index: only the transaction that takes a candidate knows whether it is still there.
 *
 * A bounded number of candidates is out at a time, and callers are offered one in the order in which they came. So
 * those who only wait, for a search or for their turn, take nothing from the others (ADR 16).
 */
export class CandidateFinder {
  readonly #queues: CandidateQueues;
  readonly #inFlight = new Map<string, { candidate: AvailableSandbox; queue: CandidateQueue }>();
  /** Revisions that are not to be had, and for whom: for nobody, or not for those who ask for a prefix. */
  readonly #spent = new LRUCache<string, true>({ max: REMEMBERED_TAKEN });
  readonly #resting: RestingPartitions;
  readonly #slots: SearchSlots;
  readonly #poolNamePrefix: string;
  readonly #maxOffered: number;
  readonly #turnLimits: TurnLimits;
  #lastTicket = 0;
  #servedCount = 0;

  constructor(
    private readonly store: Pick<SandboxStore, 'findAvailable'>,
    private readonly clock: Clock,
    private readonly random: Random,
    { maxOffered = MAX_OFFERED, turnLimits = TURN_LIMITS, poolNamePrefix = '' }: CandidateFinderOptions = {},
  ) {
    this.#queues = new CandidateQueues(clock);
    this.#resting = new RestingPartitions(clock);
    this.#slots = new SearchSlots(clock);
    this.#maxOffered = maxOffered;
    this.#poolNamePrefix = poolNamePrefix;
    this.#turnLimits = turnLimits;
  }

  /**
   * The next candidate for one caller, whose name begins with the prefix. `empty` means: two full turns of the index,
   * a quarter of a second apart, read all of it and found nothing that could be had, and no request of this process
   * still holds a matching candidate. Every candidate must be handed back to {@link settle}.
   *
   * @param isRetry puts a caller who has tried one before in front of those who have not tried yet.
   * @throws what the store throws, when nothing was found and a part of the index could not be read.
   */
  async take(namePrefix: string | undefined, signal: AbortSignal, isRetry = false): Promise<TakeResult> {
    if (signal.aborted) return 'timeout';
    if (!this.#isWithinPool(namePrefix)) return 'empty';
    const queue = this.#queues.obtain(namePrefix);
    if (!queue) return 'busy';
    if (this.clock.monotonicMs() < queue.emptyUntilMs) return 'empty';
    if (queue.waiters.length === 0 && this.#hasRoom()) {
      const candidate = this.#nextReady(queue);
      if (candidate) return this.#offer(queue, candidate);
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queues.remove(queue, waiter);
        resolve(queue.isUnanswered ? 'unanswered' : 'timeout');
      };
      const waiter: Waiter = {
        ticket: isRetry ? 0 : (this.#lastTicket += 1),
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
      this.#queues.add(queue, waiter, isRetry);
      if (!queue.hasReady) void this.#search(queue);
    });
  }

  /**
   * A number that changes whenever somebody is offered a candidate before whom a caller who waits has to wait: those with
   * the same prefix; all, while something is ready for them.
   */
  progressOf(namePrefix: string | undefined): number {
    const queue = this.#queues.get(namePrefix);
    return queue?.hasReady === false ? queue.servedCount : this.#servedCount;
  }

  /** Tells what became of a candidate that {@link take} offered, and what its row looks like now, if that is known. */
  settle(candidate: AvailableSandbox, settlement: Settlement, current = candidate): void {
    const queue = this.#inFlight.get(candidate.sandboxId)?.queue;
    this.#inFlight.delete(candidate.sandboxId);
    switch (settlement) {
      case 'taken':
        this.#spent.set(revisionKey(candidate), true);
        this.#resting.forgive(candidate.sandboxId);
        break;
      case 'returned':
        if (queue) this.#giveBack(candidate, current, queue);
        break;
      case 'throttled':
        this.#resting.restShardOf(candidate.sandboxId);
        this.#resting.restCandidate(candidate.sandboxId);
        break;
      case 'unanswered':
        this.#resting.restCandidate(candidate.sandboxId);
        break;
      case 'uncertain':
        break;
    }
    this.#serve();
  }

  #giveBack(candidate: AvailableSandbox, current: AvailableSandbox, queue: CandidateQueue): void {
    // Renamed beyond our prefix: it is another pool's now.
    if (!this.#isOurs(current)) {
      this.#spent.set(revisionKey(candidate), true);
      return;
    }
    const waiting = this.#queues.longestAwaited((other) => other.matches(current));
    // Its name may have changed: then it is no longer for those who asked for the old one, however long an index shows it.
    const isMisfit = !queue.matches(current);
    if (isMisfit) this.#spent.set(revisionKey(candidate, queue.namePrefix), true);
    if (waiting) waiting.keep(current, this.clock.monotonicMs());
    else if (!isMisfit) queue.keep(current, this.clock.monotonicMs());
  }

  #isOurs({ name }: AvailableSandbox): boolean {
    return name.startsWith(this.#poolNamePrefix);
  }

  /** Whether any of our names can begin with that prefix. */
  #isWithinPool(namePrefix = ''): boolean {
    return namePrefix.startsWith(this.#poolNamePrefix) || this.#poolNamePrefix.startsWith(namePrefix);
  }

  /** Searches for as long as somebody waits and nothing is ready. One search at a time a queue. */
  async #search(queue: CandidateQueue): Promise<void> {
    if (queue.search) return;
    const search = Symbol('search');
    queue.search = search;
    try {
      let emptyTurns = 0;
      while (this.#isWanted(queue, search)) {
        const turn = await this.#turnInSlot(queue, search);
        if (turn === 'nothing') emptyTurns += 1;
        else emptyTurns = 0;
        if (emptyTurns === 2) this.#declareEmpty(queue);
        else if (turn === 'nothing') await this.clock.sleep(SECOND_LOOK_DELAY_MS);
        else if (turn === 'held') await this.#untilDecided(queue, search);
      }
    } catch (error) {
      if (queue.search !== search) return;
      const reason = error instanceof Error ? error : new Error('The search failed', { cause: error });
      for (const waiter of this.#queues.removeAll(queue)) waiter.reject(reason);
    } finally {
      if (queue.search === search) queue.search = undefined;
    }
  }

  #isWanted(queue: CandidateQueue, search: symbol): boolean {
    return queue.search === search && queue.waiters.length > 0 && !queue.hasReady;
  }

  /** One turn, for which a search by name waits until there are few enough others. */
  async #turnInSlot(queue: CandidateQueue, search: symbol): Promise<'found' | 'held' | 'nothing'> {
    const { namePrefix } = queue;
    if (namePrefix === undefined) return this.#turn(queue, search);
    const release = await this.#slots.acquire(this.#queues.isProved(namePrefix));
    try {
      if (!this.#isWanted(queue, search)) return 'found';
      const turn = await this.#turn(queue, search);
      if (turn === 'found') this.#queues.prove(namePrefix);
      return turn;
    } finally {
      release();
    }
  }

  /**
   * One turn of the index, broken off as soon as nobody waits for it. `held`: nothing was found but what other requests of
   * this process hold, which may come back, or what rests.
   *
   * @throws StoreUnavailableError when there was nothing in what could be read, and a part could not.
   */
  async #turn(queue: CandidateQueue, search: symbol): Promise<'found' | 'held' | 'nothing'> {
    const seen = { isAnyHeld: this.#isAnyHeld(queue), isAnyFree: false };
    const { healthy, resting } = this.#inOrder(queue.namePrefix);
    const failure = await readTurn({
      segments: [...healthy, ...resting],
      readPage: (segment, cursor, signal) => {
        const limit = Math.min(Math.max(queue.waiters.length, PAGE_SIZE.min), PAGE_SIZE.max);
        return this.store.findAvailable(segment, { limit, cursor }, { signal });
      },
      onPage: (page, segment) => {
        // Not every engine tells upper from lower case as DynamoDB does.
        const listed = page.filter(
          (candidate) =>
            this.#isOurs(candidate) && queue.matches(candidate) && !this.#isSpent(candidate, queue),
        );
        const found = listed.filter(({ sandboxId }) => !this.#isHeld(sandboxId));
        seen.isAnyHeld ||= found.length < listed.length;
        seen.isAnyFree ||= found.length > 0;
        if (found.length > 0) queue.isUnanswered = false;
        if (queue.search !== search) return false;
        queue.addFound(shuffled(found, this.random), resting.includes(segment), this.clock.monotonicMs());
        this.#serve();
        return this.#isWanted(queue, search);
      },
      onBadShard: (shard) => {
        this.#resting.restShard(shard);
        queue.isUnanswered = !seen.isAnyFree;
      },
      limits: this.#turnLimits,
    });
    if (!failure) queue.isUnanswered = false;
    if (seen.isAnyFree || !this.#isWanted(queue, search)) return 'found';
    if (seen.isAnyHeld || this.#isAnyHeld(queue)) return 'held';
    if (failure) throw failure;
    return 'nothing';
  }

  /** The segments of one turn, those of resting shards apart. */
  #inOrder(namePrefix: string | undefined): Record<'healthy' | 'resting', ReturnType<typeof searchTurn>> {
    const segments = searchTurn(namePrefix, this.random);
    return {
      healthy: segments.filter(({ shard }) => !this.#resting.isShardResting(shard)),
      resting: segments.filter(({ shard }) => this.#resting.isShardResting(shard)),
    };
  }

  #declareEmpty(queue: CandidateQueue): void {
    queue.emptyUntilMs = this.clock.monotonicMs() + EMPTY_VERDICT_LIFETIME_MS;
    for (const waiter of this.#queues.removeAll(queue)) waiter.resolve('empty');
  }

  /** Waits until no request holds a candidate that would do and none rests, or for as long as a second look would wait. */
  async #untilDecided(queue: CandidateQueue, search: symbol): Promise<void> {
    const untilMs = this.clock.monotonicMs() + SECOND_LOOK_DELAY_MS;
    const isUndecided = (): boolean => this.#isAnyHeld(queue) || this.#resting.isAnyCandidateResting;
    while (this.#isWanted(queue, search) && isUndecided() && this.clock.monotonicMs() < untilMs) {
      await this.clock.sleep(HELD_RECHECK_MS);
    }
  }

  /** Offers what is ready to those who wait, the first first, while there is room; searches for those it has nothing for. */
  #serve(): void {
    const unserved = new Set<CandidateQueue>();
    while (this.#hasRoom()) {
      const next = this.#queues.longestAwaited((queue) => !unserved.has(queue));
      if (!next) return;
      const candidate = this.#nextReady(next);
      if (candidate) {
        this.#queues.removeFirst(next)?.resolve(this.#offer(next, candidate));
      } else {
        unserved.add(next);
        void this.#search(next);
      }
    }
  }

  #hasRoom(): boolean {
    return this.#inFlight.size < this.#maxOffered;
  }

  #offer(queue: CandidateQueue, candidate: AvailableSandbox): AvailableSandbox {
    this.#inFlight.set(candidate.sandboxId, { candidate, queue });
    this.#servedCount += 1;
    queue.servedCount += 1;
    return candidate;
  }

  /** The next kept candidate that nobody has been offered meanwhile, by way of another prefix. */
  #nextReady(queue: CandidateQueue): AvailableSandbox | undefined {
    return queue.nextReady((candidate, isLastResort) => {
      if (this.#isHeld(candidate.sandboxId) || this.#isSpent(candidate, queue)) return false;
      return isLastResort || !this.#resting.isShardOfCandidateResting(candidate.sandboxId);
    }, this.clock.monotonicMs());
  }

  /** It may be had, but not at the moment. */
  #isHeld(sandboxId: string): boolean {
    return this.#inFlight.has(sandboxId) || this.#resting.isCandidateResting(sandboxId);
  }

  #isSpent(candidate: AvailableSandbox, queue: CandidateQueue): boolean {
    return (
      this.#spent.has(revisionKey(candidate)) || this.#spent.has(revisionKey(candidate, queue.namePrefix))
    );
  }

  #isAnyHeld(queue: CandidateQueue): boolean {
    for (const { candidate } of this.#inFlight.values()) if (queue.matches(candidate)) return true;
    return false;
  }
}

function revisionKey({ sandboxId, version }: AvailableSandbox, namePrefix?: string): string {
  return JSON.stringify([sandboxId, version, namePrefix]);
}
