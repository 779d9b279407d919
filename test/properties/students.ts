import type { AllocateRequest } from '../../app/allocation/allocation-service';
import {
  AllocationContendedError,
  AllocationExpiredError,
  BrokerError,
  NoSandboxesAvailableError,
  NotSandboxOwnerError,
  SandboxNotFoundError,
  ServiceUnavailableError,
} from '../../app/errors';
import { GRACE_SECONDS } from '../allocation/broker-harness';
import type { Moment } from './availability';
import { holderName, type HeldSpan, type Ledger } from './ledger';
import type { SkewedClock, WorldServices } from './world-process';

/** How long a verdict of "empty" is believed, and how far apart its two looks are (candidate-finder.ts). */
const VERDICT_MS = 1_000;

/** The process that a student's call comes to. */
export interface CalledProcess {
  name: string;
  clock: SkewedClock;
  services: Pick<WorldServices, 'allocation'>;
  /** Calls that came to it, those under way included. */
  allocateCalls: AllocateCall[];
  releaseCalls: ReleaseCall[];
}

export interface AllocateCall extends AllocateRequest {
  from: Moment;
  to?: Moment;
}

export interface ReleaseCall {
  sandboxId: string;
  caller: string;
  isOver: boolean;
}

/**
 * The students: they call, and hold every answer against what the table has really been like while they waited. They
 * know nothing of how the answer came about.
 */
export class Students {
  /** What each caller was last given, or told it has. */
  readonly lastSandbox = new Map<string, string>();
  /** When nothing is disturbed, there is no excuse. */
  isCalm = false;

  constructor(
    private readonly ledger: Ledger,
    private readonly now: () => Moment,
    /** How old a list of an index may be. */
    private readonly maxIndexLagMs: () => number,
  ) {}

  /** Asks for a sandbox; answers with its id, or `undefined` when there was none to be had. */
  async allocate(process: CalledProcess, request: AllocateRequest): Promise<string | undefined> {
    const call: AllocateCall = { ...request, from: this.now() };
    process.allocateCalls.push(call);
    const startedAtMs = process.clock.monotonicMs();
    const who = `${holderName(call)} at ${process.name}`;
    try {
      const { sandbox, isNew } = await process.services.allocation.allocate(request);
      const { sandboxId, allocation, name } = sandbox;
      this.#saw(isNew ? '201' : '200', `${who} is given ${sandboxId}`);
      this.lastSandbox.set(call.caller, sandboxId);
      const span = this.#spans(call).find((each) => each.sandboxId === sandboxId);
      if (!span || holderName(allocation) !== holderName(call)) {
        this.#lie(`${who} was given ${sandboxId}, which was not theirs at any time of the call`);
      } else if (isNew && span.from.count <= call.from.count) {
        this.#lie(`${who} was given ${sandboxId} as a new one, and had it before`);
      } else if (!isNew && process.clock.earliestSeconds(startedAtMs) > span.expiresAt + GRACE_SECONDS) {
        this.#lie(`${who} was given ${sandboxId}, whose grace was over`);
      } else if (isNew && !name.startsWith(call.namePrefix ?? '')) {
        this.#lie(`${who} was given ${name}, but asked for ${call.namePrefix ?? ''}`);
      }
      return sandboxId;
    } catch (error) {
      if (error instanceof NoSandboxesAvailableError) this.#judgeEmpty(process, call, who);
      else this.#judgeExcuse(error, who);
      return undefined;
    } finally {
      call.to = this.now();
    }
  }

  async get(process: CalledProcess, sandboxId: string, caller: string): Promise<void> {
    const from = this.now();
    const who = `${caller} at ${process.name}, asking for ${sandboxId},`;
    try {
      const sandbox = await process.services.allocation.get(sandboxId, caller);
      this.#saw('get 200', `${who} sees ${sandbox.status}`);
      const wasTheirs = this.ledger.heldSpans.some(
        (span) => span.sandboxId === sandboxId && isOf(span, caller),
      );
      if (!wasTheirs) this.#lie(`${who} was shown what was never theirs`);
    } catch (error) {
      this.#judgeRefusal(error, sandboxId, caller, from, who);
    }
  }

  async release(process: CalledProcess, sandboxId: string, caller: string): Promise<void> {
    const call: ReleaseCall = { sandboxId, caller, isOver: false };
    process.releaseCalls.push(call);
    const from = this.now();
    const who = `${caller} at ${process.name}, giving back ${sandboxId},`;
    try {
      await process.services.allocation.markForDeletion(sandboxId, caller);
      this.#saw('mark 200', `${who} is told that it is done`);
      const isHeld = this.ledger.heldSpans.some((span) => span.sandboxId === sandboxId && !span.to);
      if (isHeld) this.#lie(`${who} was told that it is done, and it is not`);
    } catch (error) {
      if (error instanceof AllocationExpiredError) {
        this.#saw('mark expired', `${who} is told that its time is over`);
        const span = this.ledger.heldSpans.find((each) => each.sandboxId === sandboxId);
        const isOver = span && process.clock.latestNowSeconds() > span.expiresAt + GRACE_SECONDS;
        if (!isOver) this.#lie(`${who} was told that its time is over, and it is not`);
      } else {
        this.#judgeRefusal(error, sandboxId, caller, from, who);
      }
    } finally {
      call.isOver = true;
    }
  }

  #judgeEmpty(process: CalledProcess, call: AllocateCall, who: string): void {
    this.#saw(
      '409',
      `${who} is told that there is none${call.namePrefix ? ` called ${call.namePrefix}…` : ''}`,
    );
    const held = this.#spans(call).find((span) => span.from.count <= call.from.count && !span.to);
    if (held) this.ledger.fail('no false 409', `${who} was told "empty", and holds ${held.sandboxId}`);
    const sinceMs = searchBeganMs(process, call) - this.maxIndexLagMs();
    const free = this.ledger.available.availableSince(sinceMs, call.namePrefix);
    if (free === undefined) return;
    const seconds = (this.now().atMs - sinceMs) / 1000;
    this.ledger.fail(
      'no false 409',
      `${who} was told "empty", and ${free} was free for more than ${seconds} s`,
    );
  }

  #judgeRefusal(error: unknown, sandboxId: string, caller: string, from: Moment, who: string): void {
    const isRefusal = error instanceof SandboxNotFoundError || error instanceof NotSandboxOwnerError;
    if (!isRefusal) {
      this.#judgeExcuse(error, who);
      return;
    }
    this.#saw(error.code, `${who} is told ${error.code}`);
    const isTheirs = this.ledger.heldSpans.some(
      (span) =>
        span.sandboxId === sandboxId && isOf(span, caller) && span.from.count <= from.count && !span.to,
    );
    if (isTheirs) this.#lie(`${who} was told ${error.code}, and holds it`);
  }

  /** 503 is an excuse while something is wrong. */
  #judgeExcuse(error: unknown, who: string): void {
    const isExcuse = error instanceof AllocationContendedError || error instanceof ServiceUnavailableError;
    const code = error instanceof BrokerError ? error.code : String(error);
    this.#saw(code, `${who} is told ${code}`);
    if (!isExcuse) this.#lie(`${who} was told ${code}`);
    else if (this.isCalm) this.ledger.fail('calm calls succeed', `${who} was told ${code}`);
  }

  /** What this caller and key have held at any time since the call began. */
  #spans(call: AllocateCall): HeldSpan[] {
    return this.ledger.heldSpans.filter(
      (span) => span.holder === holderName(call) && (!span.to || span.to.count > call.from.count),
    );
  }

  #saw(event: string, line: string): void {
    this.ledger.count(event);
    this.ledger.tell(line);
  }

  #lie(what: string): void {
    this.ledger.fail('answers are true', what);
  }
}

/**
 * The earliest time at which the search can have begun that ended in this call's "empty": one search serves all who
 * wait for the same prefix in a process, and its verdict holds for a second.
 */
function searchBeganMs(process: CalledProcess, call: AllocateCall): number {
  const same = process.allocateCalls.filter(({ namePrefix }) => namePrefix === call.namePrefix);
  let sinceMs = call.from.atMs - VERDICT_MS;
  for (let hasMoved = true; hasMoved;) {
    const earlier = same.filter(({ from, to }) => from.atMs < sinceMs && (!to || to.atMs >= sinceMs));
    hasMoved = earlier.length > 0;
    sinceMs = Math.min(sinceMs, ...earlier.map(({ from }) => from.atMs));
  }
  return sinceMs;
}

function isOf(span: HeldSpan, caller: string): boolean {
  return span.holder.startsWith(`${caller}/`);
}
