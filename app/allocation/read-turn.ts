import { StoreUnavailableError, type AvailableSegment, type Page } from '../store/sandbox-store';
import type { AvailableSandbox } from './sandbox';

export interface TurnOptions {
  /** What to read, in this order. */
  segments: AvailableSegment[];
  readPage: (
    segment: AvailableSegment,
    cursor: string | undefined,
    signal: AbortSignal,
  ) => Promise<Page<AvailableSandbox>>;
  /** Takes the candidates of one page. False ends the turn: nobody needs more. */
  onPage: (candidates: AvailableSandbox[], segment: AvailableSegment) => boolean;
  /** Told of a shard that has not answered in the usual time, or whose read has failed. */
  onBadShard: (shard: number) => void;
  limits: TurnLimits;
}

export interface TurnLimits {
  /** After so long without the end of a segment the next one is begun beside it. */
  nextSegmentAfterMs: number;
  /** After so long without an answer a page is given up. */
  pageMs: number;
}

/** A query takes some milliseconds; the SDK would wait for seconds, several times. */
export const TURN_LIMITS: TurnLimits = { nextSegmentAfterMs: 200, pageMs: 1_000 };

/**
 * Reads the segments one after the other, each to its last page. A shard that cannot be read keeps nobody from the
 * others: one that is slow is read beside the next ones, one that fails is left out.
 *
 * @returns why a shard was left out, the last reason if there are several: then the turn has not seen everything.
 * @throws what a read throws other than {@link StoreUnavailableError}.
 */
export async function readTurn(options: TurnOptions): Promise<StoreUnavailableError | undefined> {
  const turn = new Turn(options);
  try {
    const slow: Promise<void>[] = [];
    for (const segment of options.segments) {
      if (turn.isOver()) break;
      const reading = turn.read(segment);
      if (await isDoneWithin(reading, options.limits.nextSegmentAfterMs)) continue;
      options.onBadShard(segment.shard);
      slow.push(reading);
    }
    if (!turn.isOver()) await Promise.all(slow);
    return turn.failure;
  } finally {
    turn.end();
  }
}

class Turn {
  /** What to call at the end: the reads under way give up. */
  readonly #underWay = new Set<() => void>();
  readonly #failedShards = new Set<number>();
  failure?: StoreUnavailableError;
  #isOver = false;

  constructor(private readonly options: TurnOptions) {}

  isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    for (const giveUp of this.#underWay) giveUp();
  }

  async read(segment: AvailableSegment): Promise<void> {
    if (this.#failedShards.has(segment.shard)) return;
    let cursor: string | undefined;
    do {
      const page = await this.#page(segment, cursor);
      if (!page || this.isOver()) return;
      cursor = page.cursor;
      if (!this.options.onPage(page.items, segment)) this.end();
    } while (cursor !== undefined && !this.isOver());
  }

  async #page(
    segment: AvailableSegment,
    cursor: string | undefined,
  ): Promise<Page<AvailableSandbox> | undefined> {
    try {
      return await this.#withinLimit((signal) => this.options.readPage(segment, cursor, signal));
    } catch (error) {
      if (this.isOver()) return undefined;
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.failure = error;
      this.#failedShards.add(segment.shard);
      this.options.onBadShard(segment.shard);
      return undefined;
    }
  }

  /** Ends at the limit, or with the turn, even if the read does not obey its signal. */
  async #withinLimit<T>(read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const limit = AbortSignal.timeout(this.options.limits.pageMs);
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => {
        abort.abort();
        reject(new StoreUnavailableError('findAvailable', { cause: limit.reason ?? new Error('Given up') }));
      };
      limit.addEventListener('abort', giveUp, { once: true });
      this.#underWay.add(giveUp);
      read(abort.signal)
        .then(resolve, reject)
        .finally(() => {
          limit.removeEventListener('abort', giveUp);
          this.#underWay.delete(giveUp);
        });
    });
  }
}

/** Fails as the work does. */
async function isDoneWithin(work: Promise<void>, limitMs: number): Promise<boolean> {
  const limit = AbortSignal.timeout(limitMs);
  return new Promise((resolve, reject) => {
    const onLimit = (): void => {
      resolve(false);
    };
    limit.addEventListener('abort', onLimit, { once: true });
    work
      .then(
        () => {
          resolve(true);
        },
        (error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(error);
        },
      )
      .finally(() => {
        limit.removeEventListener('abort', onLimit);
      });
  });
}
