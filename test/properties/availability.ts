import type { Sandbox } from '../../app/allocation/sandbox';

/** A point of the world's history: calls done so far, and the time. */
export interface Moment {
  count: number;
  atMs: number;
}

interface AvailableSpan {
  sandboxId: string;
  name: string;

  from: Moment;
  to?: Moment;
}

/** Remembers when which sandbox could be had. */
export class Availability {
  readonly #spans: AvailableSpan[] = [];
  readonly #open = new Map<string, AvailableSpan>();

  /** A row has become this; `undefined` when it is gone. */
  note(sandboxId: string, row: Sandbox | undefined, now: Moment): void {
    const open = this.#open.get(sandboxId);
    // A sync may have rewritten it: it could be had all the same, whatever a lagging index shows.
    if (open && row?.status === 'available' && row.name === open.name) return;
    if (open) {
      open.to = now;
      this.#open.delete(sandboxId);
    }
    if (row?.status !== 'available') return;
    const span = { sandboxId, name: row.name, from: now };
    this.#open.set(sandboxId, span);
    this.#spans.push(span);
  }

  /** How many can be had now. */
  count(namePrefix: string | undefined): number {
    return [...this.#open.values()].filter(({ name }) => name.startsWith(namePrefix ?? '')).length;
  }

  /** A sandbox that could be had all the time from then until now; `undefined` when there was none. */
  availableSince(sinceMs: number, namePrefix: string | undefined): string | undefined {
    return this.#spans.find(
      ({ name, from, to }) => !to && from.atMs < sinceMs && name.startsWith(namePrefix ?? ''),
    )?.sandboxId;
  }
}
