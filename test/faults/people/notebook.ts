/** A call that a student has made. Times are milliseconds since the Unix epoch. */
export interface NotedCall {
  caller: string;
  key: string;
  action: 'allocate' | 'get' | 'mark';
  /** Of the answer to an allocation; else the one that was asked about. */
  sandboxId?: string;
  sentAtMs: number;
  endedAtMs: number;
  /** `undefined`: no answer came. */
  status?: number;
  code?: string;
  /** Unix seconds, as allocate answered. */
  expiresAt?: number;
  /** As `get` and `mark` answered. */
  sandboxStatus?: string;
}

/** What all students have written down. */
export class Notebook {
  readonly calls: NotedCall[] = [];

  note(call: NotedCall): void {
    this.calls.push(call);
  }

  /** How often each answer came, e.g. `{ 'allocate 201': 12 }`. */
  tally(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { action, status, code } of this.calls) {
      const kind = [action, status ?? 'lost', code].filter((part) => part !== undefined).join(' ');
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }
}
