import type { Clock } from './clock';

/** Searches by name at a time, of all; and of those for prefixes that have never found anything. */
const MAX_SEARCHES = { all: 2, unproved: 1 };

/**
 * After a search for a prefix that has never found anything the next such search waits for this many times as long as that
 * one took: so all of them together take at most a third of the time, and leave the processor to the others.
 */
const UNPROVED_PAUSE_FACTOR = 2;
/** A search that took longer says that the process stood still, or the table did: no reason to make others wait for it. */
const MAX_UNPROVED_PAUSE_MS = 1_000;

interface Waiting {
  isProved: boolean;
  begin: () => void;
}

/**
 * Bounds how many searches by name are at work in one process. A prefix that has found sandboxes before goes first, and
 * one that never has uses one place at a time, with pauses: whoever makes names up delays only others who do.
 */
export class SearchSlots {
  #waiting: Waiting[] = [];
  #atWork = { all: 0, unproved: 0 };

  constructor(private readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>) {}

  /** Resolves when the search may begin, with the function to call at its end. */
  acquire(isProved: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      const begin = (): void => {
        this.#atWork.all += 1;
        const beganAtMs = this.clock.monotonicMs();
        if (!isProved) this.#atWork.unproved += 1;
        resolve(() => {
          this.#atWork.all -= 1;
          if (!isProved) void this.#endUnproved(this.clock.monotonicMs() - beganAtMs);
          this.#beginWaiting();
        });
      };
      this.#waiting.push({ isProved, begin });
      this.#beginWaiting();
    });
  }

  async #endUnproved(durationMs: number): Promise<void> {
    const pauseMs = Math.min(UNPROVED_PAUSE_FACTOR * durationMs, MAX_UNPROVED_PAUSE_MS);
    if (pauseMs > 0) await this.clock.sleep(pauseMs);
    this.#atWork.unproved -= 1;
    this.#beginWaiting();
  }

  #beginWaiting(): void {
    while (this.#atWork.all < MAX_SEARCHES.all) {
      const proved = this.#waiting.findIndex(({ isProved }) => isProved);
      const next = proved === -1 && this.#atWork.unproved < MAX_SEARCHES.unproved ? 0 : proved;
      const [search] = next === -1 ? [] : this.#waiting.splice(next, 1);
      if (!search) return;
      search.begin();
    }
  }
}
