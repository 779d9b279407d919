import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../../../app/store/items';

/** A sandbox row as it was for a while. */
export interface RowImage {
  /** `undefined`: there was none. */
  item: Item | undefined;
  /** When the write that made it was sent to the engine: the row before it can be relied on until then. */
  sentAtMs: number;
  /** When it had been made for sure. */
  seenAtMs: number;
}

/** Since always: rows from before the history began. */
const BEFORE_ALL_MS = Number.NEGATIVE_INFINITY;
/** Longer than any call takes, and any index lags. */
const KEPT_MS = 60_000;

/** Where each status may lead in one write. Only a stale row is removed; how a row begins is seen in `observePut`. */
const MAY_LEAD_TO: Record<string, readonly string[]> = {
  available: ['available', 'allocated', 'stale'],
  allocated: ['pending_deletion'],
  pending_deletion: ['deletion_failed', 'deletion_unconfirmed'],
  deletion_unconfirmed: ['deletion_unconfirmed', 'deletion_failed', 'deleted'],
  deletion_failed: ['pending_deletion', 'deletion_failed', 'deletion_unconfirmed', 'deleted'],
  stale: ['available', 'none'],
  deleted: [],
};

/**
 * What every sandbox row was, and when, as seen at the engine's door: each write is followed by a look at the row. It
 * knows what a lagging index would still show, which sandboxes lay unused when a caller was told that there are none,
 * and whether a row ever made a move that is not in the rules.
 */
export class RowHistory {
  readonly #images = new Map<string, RowImage[]>();
  /** Ids by the time of their last change, oldest first. */
  readonly #changed = new Map<string, number>();
  /** What rows did that the rules do not allow, in words. */
  readonly violations: string[] = [];
  /** Rows that became tombstones without the portal being asked: an admin gave up on them. */
  readonly abandoned = new Set<string>();

  /** Rows that were there before the door was opened; those seen since are known better. */
  load(items: Item[]): void {
    for (const item of items) {
      const id = sandboxIdIn(item);
      if (id === undefined || this.#images.has(id)) continue;
      this.#images.set(id, [{ item, sentAtMs: BEFORE_ALL_MS, seenAtMs: BEFORE_ALL_MS }]);
    }
  }

  /**
   * A sandbox row that a process asks the engine to put. The broker puts only rows that are new, and these are available.
   * That is judged by what was asked: a look after it may come late, when the row has moved on.
   */
  observePut(id: string, item: Item): void {
    if (statusOf(item) !== 'available')
      this.violations.push(`sandbox ${id} was to begin as ${statusOf(item)}`);
  }

  /** A look at a row after a write. Looks that show nothing new, or come too late, change nothing. */
  observe(id: string, image: RowImage): void {
    const images = this.#images.get(id) ?? [];
    const last = images.at(-1);
    if (isDeepStrictEqual(last?.item, image.item)) return;
    if (last && versionOf(last.item) > versionOf(image.item) && image.sentAtMs < last.seenAtMs) return;
    this.#judge(id, last?.item, image.item);
    images.push(image);
    const firstKept = images.findLastIndex(({ seenAtMs }) => seenAtMs < image.seenAtMs - KEPT_MS);
    this.#images.set(id, firstKept > 0 ? images.slice(firstKept) : images);
    this.#changed.delete(id);
    this.#changed.set(id, image.seenAtMs);
  }

  /** The rows that changed since then, as they are now and as they were. */
  changedSince(atMs: number): { id: string; before: Item | undefined; now: Item | undefined }[] {
    const result: { id: string; before: Item | undefined; now: Item | undefined }[] = [];
    for (const [id, changedAtMs] of [...this.#changed].reverse()) {
      if (changedAtMs < atMs) break;
      const images = this.#images.get(id) ?? [];
      const before = images.findLast(({ seenAtMs }) => seenAtMs <= atMs);
      result.push({ id, before: before?.item, now: images.at(-1)?.item });
    }
    return result;
  }

  /** Sandboxes that were available, and untouched, all through a stretch of time. */
  restingFrom(fromMs: number, toMs: number, namePrefix = ''): string[] {
    return [...this.#images].flatMap(([id, images]) => {
      const at = images.findLastIndex(({ seenAtMs }) => seenAtMs <= fromMs);
      const image = images[at];
      const next = images[at + 1];
      const isResting =
        image?.item?.status?.S === 'available' &&
        (image.item.name?.S ?? '').startsWith(namePrefix) &&
        (next === undefined || next.sentAtMs > toMs);
      return isResting ? [id] : [];
    });
  }

  #judge(id: string, before: Item | undefined, after: Item | undefined): void {
    const [from, to] = [statusOf(before), statusOf(after)];
    // A row begins with a random version: how many moves it has made before the first look, nobody can tell.
    if (before === undefined) return;
    const step = after ? versionOf(after) - versionOf(before) : 1;
    if (step <= 0) {
      this.violations.push(
        `sandbox ${id} went from version ${versionOf(before)} (${from}) to ${versionOf(after)} (${to})`,
      );
    } else if (from === 'deleted' || (step === 1 && !(MAY_LEAD_TO[from] ?? []).includes(to))) {
      this.violations.push(`sandbox ${id} went from ${from} to ${to}`);
    }
    if (from === 'deletion_failed' && to === 'deleted') this.abandoned.add(id);
  }
}

/** The id in a sandbox row's key; `undefined` for all other items. */
export function sandboxIdIn(key: Item | undefined): string | undefined {
  const partition = key?.PK?.S;
  return partition?.startsWith('SBX#') === true ? partition.slice('SBX#'.length) : undefined;
}

function statusOf(item: Item | undefined): string {
  return item?.status?.S ?? 'none';
}

function versionOf(item: Item | undefined): number {
  return Number(item?.version?.N ?? 0);
}
