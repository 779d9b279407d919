/** The name under which the alarms are counted. */
export const ALARMS_SOURCE = 'alarms';

/**
 * A watch that was blind to the alarms for longer than two intervals in a row has not watched. The half is for the time
 * that the looks themselves take.
 */
const MAX_BLIND_INTERVALS = 2.5;

/** What one source's becoming readable, or no longer so, is to a person. */
export interface ReadabilityChange {
  kind: 'cannot_read' | 'can_read_again';
  text: string;
}

/** Keeps, source by source, what could not be read, and for how long nobody saw the alarms. */
export class Readability {
  readonly #reasons = new Map<string, string>();
  #blindSinceMs: number | undefined;
  #totalBlindMs = 0;
  #longestBlindMs = 0;

  constructor(private readonly intervalMs: number) {}

  /**
   * Takes one look into account, begun at `atMs`, and tells what is different: a source at a time, once.
   *
   * @param unreadable why, by source.
   */
  note(unreadable: ReadonlyMap<string, string>, atMs: number): ReadabilityChange[] {
    if (unreadable.has(ALARMS_SOURCE)) this.#blindSinceMs ??= atMs;
    else this.end(atMs);
    const lost = [...unreadable]
      .filter(([source]) => !this.#reasons.has(source))
      .map(
        ([source, reason]) => ({ kind: 'cannot_read', text: `${source} cannot be read: ${reason}` }) as const,
      );
    const found = [...this.#reasons.keys()]
      .filter((source) => !unreadable.has(source))
      .map((source) => ({ kind: 'can_read_again', text: `${source} can be read again` }) as const);
    this.#reasons.clear();
    for (const [source, reason] of unreadable) this.#reasons.set(source, reason);
    return [...lost, ...found];
  }

  /** The watch is over, or the alarms are seen again. */
  end(atMs: number): void {
    if (this.#blindSinceMs === undefined) return;
    const blindMs = atMs - this.#blindSinceMs;
    this.#blindSinceMs = undefined;
    this.#totalBlindMs += blindMs;
    this.#longestBlindMs = Math.max(this.#longestBlindMs, blindMs);
  }

  /** The alarms could not be seen for so long that nothing can be said of that time. */
  get isSubstantial(): boolean {
    return this.#longestBlindMs > MAX_BLIND_INTERVALS * this.intervalMs;
  }

  /** For how long the alarms could not be seen, in words; `undefined` if they always could. */
  get blindText(): string | undefined {
    if (this.#totalBlindMs === 0) return undefined;
    const [total, longest] = [this.#totalBlindMs, this.#longestBlindMs].map((ms) => Math.round(ms / 1000));
    return `the alarms could not be seen for ${total} s (at most ${longest} s in a row)`;
  }
}
