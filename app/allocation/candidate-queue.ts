import type { AvailableSandbox } from './sandbox';

/**
 * `empty`: there is nothing to give. `busy`: too many other names are searched for. `timeout`: the signal fired first.
 * `unanswered`: the same, while the store was not answering the search.
 */
export type TakeResult = AvailableSandbox | 'empty' | 'busy' | 'timeout' | 'unanswered';

/** How long found candidates are kept for later callers: long enough for a class, too short to go off. */
export const READY_LIFETIME_MS = 1_000;

/** A caller who waits for a candidate. */
export interface Waiter {
  /** The lowest is served first, whatever it asks for. */
  ticket: number;
  resolve: (result: TakeResult) => void;
  reject: (error: Error) => void;
}

interface ReadyCandidate {
  candidate: AvailableSandbox;
  /** It was found in a shard that rests, after all others had been searched. */
  isLastResort: boolean;
}

/** All who wait for the same kind of sandbox, and what has been found for them. */
export class CandidateQueue {
  waiters: Waiter[] = [];
  emptyUntilMs = 0;
  /** How many were offered a candidate. */
  servedCount = 0;
  /** The search has found nothing since a part of the index was slow or could not be read. */
  isUnanswered = false;
  /** The search under way for those who wait. One that goes on after they have all left is nobody's. */
  search?: symbol;
  /** By id, the first found first. */
  readonly #ready = new Map<string, ReadyCandidate>();
  #readyUntilMs = 0;

  constructor(readonly namePrefix: string | undefined) {}

  matches(candidate: AvailableSandbox): boolean {
    return this.namePrefix === undefined || candidate.name.startsWith(this.namePrefix);
  }

  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** Adds what a page of the index listed; from now on all that is ready lives as long as this page. */
  addFound(candidates: AvailableSandbox[], isLastResort: boolean, nowMs: number): void {
    this.#dropExpired(nowMs);
    for (const candidate of candidates) {
      const known = this.#ready.get(candidate.sandboxId);
      // An index that lags must not replace a later revision that is known from the row itself.
      if (known && known.candidate.version >= candidate.version) continue;
      this.#ready.set(candidate.sandboxId, { candidate, isLastResort });
    }
    this.#readyUntilMs = nowMs + READY_LIFETIME_MS;
  }

  /** Keeps what is known to be there at this moment, whatever an index shows. */
  keep(candidate: AvailableSandbox, nowMs: number): void {
    this.#dropExpired(nowMs);
    this.#ready.set(candidate.sandboxId, { candidate, isLastResort: true });
    this.#readyUntilMs = Math.max(this.#readyUntilMs, nowMs + READY_LIFETIME_MS);
  }

  /** The next one that is fit to be offered. What is not is dropped: a later search finds it again. */
  nextReady(
    isFit: (candidate: AvailableSandbox, isLastResort: boolean) => boolean,
    nowMs: number,
  ): AvailableSandbox | undefined {
    this.#dropExpired(nowMs);
    for (const [sandboxId, { candidate, isLastResort }] of this.#ready) {
      this.#ready.delete(sandboxId);
      if (isFit(candidate, isLastResort)) return candidate;
    }
    return undefined;
  }

  /** True when nothing would be lost with it. */
  isIdle(nowMs: number): boolean {
    const isWaitedFor = this.waiters.length > 0 || this.search !== undefined;
    return !isWaitedFor && nowMs >= this.#readyUntilMs && nowMs >= this.emptyUntilMs;
  }

  #dropExpired(nowMs: number): void {
    if (nowMs >= this.#readyUntilMs) this.#ready.clear();
  }
}
