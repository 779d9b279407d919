/** What became of one member of a group. `again`: nothing was written, and others were to blame. */
export type MemberResult<Outcome> =
  { kind: 'done'; outcome: Outcome } | { kind: 'failed'; error: unknown } | { kind: 'again' };

export interface GroupCommitOptions<Request, Outcome> {
  /**
   * Writes all of these or none, and tells of each what became of it, in their order. Unless it says `again` of fewer
   * than all, it must not be asked again: a group without anyone to blame would go round for ever.
   *
   * What it throws is thrown to every member.
   */
  send: (requests: Request[], signal: AbortSignal) => Promise<MemberResult<Outcome>[]>;
  /** What a request writes to. No two requests under way share any of it. */
  keysOf: (request: Request) => string[];
  /** The error for a request whose signal fires first, or that gets no answer. It may or may not have been written. */
  onAbort: (reason: unknown) => Error;
  /** True for an outcome that the table has no capacity for: from then on requests go alone for a while. */
  isThrottled: (outcome: Outcome) => boolean;
  /** Groups under way at a time. Up to that many requests at a time are sent at once, each alone. */
  maxConcurrentGroups: number;
  maxGroupSize: number;
  /** Requests under way at a time while each goes alone. */
  maxConcurrentAlone: number;
  /** How long requests go alone after one was throttled or had no answer. */
  aloneMs: number;
  /** After so long without an answer a group is given up: each of its members learns that its fate is not known. */
  answerLimitMs: number;
  monotonicMs: () => number;
}

interface Member<Request, Outcome> {
  request: Request;
  keys: string[];
  signal?: AbortSignal;
  hasLeft: boolean;
  settle: (result: Exclude<MemberResult<Outcome>, { kind: 'again' }>) => void;
}

/**
 * Lets requests that come at the same moment share one write ("group commit"). Nobody waits for company: a request is
 * sent at once while fewer than `maxConcurrentGroups` are under way; those that come meanwhile go together as soon as
 * one of them is back. So a lone request costs nothing more, and a crowd a fraction of the calls.
 *
 * A member that stands in the others' way is told so, and the others are sent again without it.
 *
 * A key that gives no answer or is throttled spoils every group that it is in. So after such a group every request is
 * sent alone until there has been none for a while, with enough of them at a time that no key delays another.
 */
export class GroupCommit<Request, Outcome> {
  #waiting: Member<Request, Outcome>[] = [];
  /** Those who were in a group that others spoilt. They go first. */
  #again: Member<Request, Outcome>[] = [];
  #groupsUnderWay = 0;
  #aloneUntilMs = Number.NEGATIVE_INFINITY;
  readonly #keysUnderWay = new Set<string>();

  constructor(private readonly options: GroupCommitOptions<Request, Outcome>) {}

  /**
   * Resolves with what became of the request.
   *
   * @throws what `send` throws for it, and `onAbort`'s error when the signal fires first.
   */
  async submit(request: Request, signal?: AbortSignal): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        member.hasLeft = true;
        reject(this.options.onAbort(signal?.reason));
      };
      const member: Member<Request, Outcome> = {
        request,
        keys: this.options.keysOf(request),
        signal,
        hasLeft: false,
        settle: (result) => {
          signal?.removeEventListener('abort', leave);
          if (result.kind === 'done') resolve(result.outcome);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          else reject(result.error);
        },
      };
      if (signal?.aborted) {
        leave();
        return;
      }
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(member);
      this.#sendWaiting();
    });
  }

  get #isAlone(): boolean {
    return this.options.monotonicMs() < this.#aloneUntilMs;
  }

  #goAlone(): void {
    this.#aloneUntilMs = this.options.monotonicMs() + this.options.aloneMs;
  }

  #sendWaiting(): void {
    const { maxConcurrentAlone, maxConcurrentGroups } = this.options;
    while (this.#groupsUnderWay < (this.#isAlone ? maxConcurrentAlone : maxConcurrentGroups)) {
      const group = this.#nextGroup();
      if (group.length === 0) return;
      void this.#send(group);
    }
  }

  /**
   * Those who are sent again go among themselves: whoever joined them now might be the next to stand in their way, and so
   * they might never come through a crowd in which many are refused.
   */
  #nextGroup(): Member<Request, Outcome>[] {
    const { group, left } = this.#pick(this.#again);
    this.#again = left;
    if (group.length > 0) return group;
    const next = this.#pick(this.#waiting);
    this.#waiting = next.left;
    return next.group;
  }

  /** As many of these, in order, as may go together. Who would share a key with one of them, or with one under way, waits. */
  #pick(members: Member<Request, Outcome>[]): Record<'group' | 'left', Member<Request, Outcome>[]> {
    const group: Member<Request, Outcome>[] = [];
    const left: Member<Request, Outcome>[] = [];
    const keys = new Set<string>();
    const maxSize = this.#isAlone ? 1 : this.options.maxGroupSize;
    for (const member of members) {
      if (member.hasLeft) continue;
      const isBarred = member.keys.some((key) => keys.has(key) || this.#keysUnderWay.has(key));
      if (isBarred || group.length === maxSize) {
        left.push(member);
        continue;
      }
      group.push(member);
      for (const key of member.keys) keys.add(key);
    }
    return { group, left };
  }

  async #send(group: Member<Request, Outcome>[]): Promise<void> {
    const keys = group.flatMap((member) => member.keys);
    for (const key of keys) this.#keysUnderWay.add(key);
    this.#groupsUnderWay += 1;
    const results = await this.#resultsOf(group);
    this.#groupsUnderWay -= 1;
    for (const key of keys) this.#keysUnderWay.delete(key);
    for (const [index, member] of group.entries()) {
      const result = results[index] ?? {
        kind: 'failed',
        error: new Error('A member of a group got no result'),
      };
      if (result.kind === 'done' && this.options.isThrottled(result.outcome)) this.#goAlone();
      if (result.kind === 'again') this.#again.push(member);
      else member.settle(result);
    }
    this.#sendWaiting();
  }

  async #resultsOf(group: Member<Request, Outcome>[]): Promise<MemberResult<Outcome>[]> {
    const { answerLimitMs, onAbort, send } = this.options;
    const { signal, abort, release } = firesWithTheLast(group.map((member) => member.signal));
    let stopLimit: () => void = () => undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      stopLimit = afterTwoHalves(answerLimitMs, () => {
        const reason = new DOMException(`No answer in ${answerLimitMs} ms`, 'TimeoutError');
        reject(onAbort(reason));
        abort(reason);
      });
    });
    try {
      return await Promise.race([
        send(
          group.map(({ request }) => request),
          signal,
        ),
        limit,
      ]);
    } catch (error) {
      this.#goAlone();
      return group.map(() => ({ kind: 'failed', error }));
    } finally {
      stopLimit();
      release();
    }
  }
}

/**
 * Calls back after so long, in two steps: a process that stood still finds one of them over at most, and has the other
 * to read the answers that came meanwhile.
 */
function afterTwoHalves(durationMs: number, callBack: () => void): () => void {
  // The connection keeps the process alive for as long as it waits, not this.
  let timer = setTimeout(() => {
    timer = setTimeout(callBack, durationMs / 2).unref();
  }, durationMs / 2).unref();
  return () => {
    clearTimeout(timer);
  };
}

/** A signal that fires when all of these have: nobody is left to work for. If one is missing, only by `abort`. */
function firesWithTheLast(signals: (AbortSignal | undefined)[]): {
  signal: AbortSignal;
  abort: (reason: unknown) => void;
  release: () => void;
} {
  const controller = new AbortController();
  let left = signals.length;
  const count = (): void => {
    left -= 1;
    if (left === 0) controller.abort();
  };
  for (const signal of signals) signal?.addEventListener('abort', count, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => {
      controller.abort(reason);
    },
    release: () => {
      for (const signal of signals) signal?.removeEventListener('abort', count);
    },
  };
}
