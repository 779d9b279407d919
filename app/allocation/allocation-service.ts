import pLimit from 'p-limit';
import {
  AllocationContendedError,
  AllocationExpiredError,
  NoSandboxesAvailableError,
  NotSandboxOwnerError,
  SandboxNotFoundError,
  ServiceUnavailableError,
} from '../errors';
import type { Logger } from '../logger';
import {
  StoreUnavailableError,
  type AllocateOptions,
  type AllocateOutcome,
  type SandboxStore,
} from '../store/sandbox-store';
import type { CandidateFinder, Settlement } from './candidate-finder';
import { nowSeconds, type Clock, type Random } from './clock';
import { Patience } from './patience';
import {
  assertNever,
  isOwnedBy,
  isPastGrace,
  type AllocatedSandbox,
  type AvailableSandbox,
  type Claim,
  type Sandbox,
} from './sandbox';
import { allocate, requestDeletion } from './transitions';

export interface AllocateRequest {
  caller: string;
  /** Scoped to the caller. One caller and key hold at most one sandbox. */
  idempotencyKey: string;
  trackName?: string;
  /** Only sandboxes whose name begins with this. Ignored when the caller and key hold one already. */
  namePrefix?: string;
}

export interface AllocateResult {
  sandbox: AllocatedSandbox;
  /** False when it is the one that this caller and key held before. */
  isNew: boolean;
}

/** What the service lets its observers count. */
export interface AllocationEvents {
  /** Another caller, here or in another process, had touched the candidate first. */
  onLostRace(): void;
}

export interface AllocationOptions {
  labDurationSeconds: number;
  gracePeriodSeconds: number;
  /** How long one call may take, retries included. */
  timeBudgetMs: number;
}

export interface AllocationDependencies {
  store: SandboxStore;
  finder: CandidateFinder;
  clock: Clock;
  random: Random;
  logger: Logger;
  events: AllocationEvents;
}

/** A request, and what tells this call of it from others. */
type AllocateCall = AllocateRequest & { callId: string };

/** Reads and writes at a time of calls that look at a sandbox or give it back. They never wait for an allocation. */
const MAX_LOOKS = 32;
/** Reads and writes at a time by which allocations follow a claim; the transactions are bounded by the candidates. */
const MAX_FOLLOW_UPS = 16;
/** Standing in line longer than this is hopeless: most clients have given up by then. */
const MAX_QUEUE_WAIT_MS = 10_000;

/** Delays between tries: random up to a limit that doubles ("full jitter", AWS Architecture Blog). */
const BACKOFF_MS = { base: 10, max: 200 };

/**
 * Nothing came of a try, and when the next one is due; `timed_out` when there was no time for one, `unanswered` when the
 * time ran out because the store did not answer.
 */
type Retry = 'at_once' | 'after_pause' | 'timed_out' | 'unanswered';

/** The rules of allocation (docs/architecture.md): who gets which sandbox, who may look at it and give it back. */
export class AllocationService {
  readonly #looks = pLimit(MAX_LOOKS);
  readonly #followUps = pLimit(MAX_FOLLOW_UPS);

  constructor(
    private readonly deps: AllocationDependencies,
    private readonly options: AllocationOptions,
  ) {}

  /**
   * Gives a caller a sandbox: the one this caller and key hold, until its time is over; else a new one. The claim and
   * the sandbox change in one transaction, so a lost answer, a killed process or a repeated call cost no sandbox.
   *
   * What this call wrote is new, also when the answer to the write was lost and a later try found it.
   *
   * The time budget begins when the call has a candidate or hears that there is none: being one of a thousand is no
   * reason to fail. Until then it waits for as long as the line moves, ten seconds at most.
   *
   * @throws NoSandboxesAvailableError when there is none, AllocationContendedError when the time budget ran out before
   * that was known, ServiceUnavailableError when the store did not answer.
   */
  async allocate(request: AllocateRequest): Promise<AllocateResult> {
    const patience = this.#newPatience();
    patience.waitInLine(() => this.deps.finder.progressOf(request.namePrefix));
    const call = { ...request, callId: Math.floor(this.deps.random() * 2 ** 48).toString(36) };
    return this.#untilDone(patience, new AllocationContendedError(), (tries) =>
      this.#tryToAllocate(call, patience, tries),
    );
  }

  /**
   * The sandbox, for the one who holds it or held it last.
   *
   * @throws SandboxNotFoundError, NotSandboxOwnerError, ServiceUnavailableError
   */
  async get(sandboxId: string, caller: string): Promise<Sandbox> {
    return this.#look((signal) => this.#getOwned(sandboxId, caller, signal));
  }

  /**
   * Gives a sandbox back for deletion. Repeating it answers the same, also when it expired by itself meanwhile.
   *
   * @throws SandboxNotFoundError, NotSandboxOwnerError, AllocationExpiredError, ServiceUnavailableError
   */
  async markForDeletion(sandboxId: string, caller: string): Promise<Sandbox> {
    return this.#look(async (signal) => {
      const sandbox = await this.#getOwned(sandboxId, caller, signal);
      if (sandbox.status !== 'allocated') return sandbox;
      if (this.#isPastGrace(sandbox)) throw new AllocationExpiredError();
      const after = requestDeletion(sandbox, nowSeconds(this.deps.clock));
      const outcome = await this.deps.store.endAllocation(sandbox, after, { signal });
      return outcome.kind === 'written' ? after : 'after_pause';
    });
  }

  async #tryToAllocate(
    request: AllocateCall,
    patience: Patience,
    tries: number,
  ): Promise<AllocateResult | Retry> {
    const { finder, store, events } = this.deps;
    const candidate = await finder.take(request.namePrefix, patience.signal, tries > 0);
    if (candidate === 'timeout') return 'timed_out';
    if (candidate === 'unanswered') return 'unanswered';
    const signal = patience.begin();
    if (candidate === 'busy') return 'after_pause';
    if (candidate === 'empty') {
      return this.#followUp(patience, async () => {
        const claim = await store.getClaim(request.caller, request.idempotencyKey, { signal });
        if (!claim) throw new NoSandboxesAvailableError(request.namePrefix);
        return this.#resume(claim, signal, request.callId);
      });
    }
    if (patience.isOver()) {
      finder.settle(candidate, 'returned');
      return 'timed_out';
    }
    const allocated = this.#allocation(candidate, request);
    const outcome = await this.#takeCandidate(candidate, allocated, { signal, callId: request.callId });
    switch (outcome.kind) {
      case 'allocated':
        return { sandbox: allocated, isNew: true };
      case 'already_claimed':
        return this.#followUp(patience, () => this.#resume(outcome.claim, signal, request.callId));
      case 'candidate_taken':
        events.onLostRace();
        return 'at_once';
      case 'candidate_changed':
        return 'at_once';
      case 'conflict':
        if (outcome.on === 'sandbox') events.onLostRace();
        return 'after_pause';
      case 'throttled':
        return 'after_pause';
      default:
        return assertNever(outcome);
    }
  }

  /** Reads and writes that need no candidate. Waiting for others to end theirs is no part of the time budget. */
  async #followUp<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
    const resumeBudget = patience.pause();
    return this.#followUps(() => {
      resumeBudget();
      return work();
    });
  }

  #allocation(candidate: AvailableSandbox, request: AllocateRequest): AllocatedSandbox {
    const allocatedAt = nowSeconds(this.deps.clock);
    const { caller, idempotencyKey, trackName } = request;
    const expiresAt = allocatedAt + this.options.labDurationSeconds;
    return allocate(candidate, { caller, idempotencyKey, trackName, allocatedAt, expiresAt });
  }

  async #takeCandidate(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options: AllocateOptions,
  ): Promise<AllocateOutcome> {
    let settlement: Settlement = 'uncertain';
    let current = candidate;
    try {
      const outcome = await this.deps.store.allocate(candidate, allocated, options);
      settlement = settlementAfter(outcome);
      if (outcome.kind === 'candidate_changed') current = outcome.current;
      return outcome;
    } catch (error) {
      if (error instanceof StoreUnavailableError) settlement = 'unanswered';
      throw error;
    } finally {
      this.deps.finder.settle(candidate, settlement, current);
    }
  }

  /** Answers with what the claim is for. Nothing, when that is over: then the claim is, too, and the way is free. */
  async #resume(claim: Claim, signal: AbortSignal, callId: string): Promise<AllocateResult | Retry> {
    const { store, clock, logger } = this.deps;
    const sandbox = await store.getSandbox(claim.sandboxId, { signal });
    if (sandbox?.status === 'allocated' && isClaimedBy(sandbox, claim)) {
      if (!this.#isPastGrace(sandbox)) return { sandbox, isNew: claim.callId === callId };
      const outcome = await store.endAllocation(sandbox, requestDeletion(sandbox, nowSeconds(clock)), {
        signal,
      });
      if (outcome.kind !== 'written') return 'after_pause';
      logger.info(
        { sandbox_id: sandbox.sandboxId, caller: claim.caller },
        'expired an allocation past its grace',
      );
      return 'at_once';
    }
    // Usually it was released between our two looks, and the claim with it.
    const outcome = await store.endOrphanedClaim(claim, { signal });
    if (outcome.kind !== 'written') return 'after_pause';
    logger.error(
      { sandbox_id: claim.sandboxId, caller: claim.caller },
      'ended a claim that had lost its sandbox',
    );
    return 'at_once';
  }

  async #getOwned(sandboxId: string, caller: string, signal: AbortSignal): Promise<Sandbox> {
    const sandbox = await this.deps.store.getSandbox(sandboxId, { signal });
    if (!sandbox || sandbox.status === 'deleted') throw new SandboxNotFoundError();
    if (!isOwnedBy(sandbox, caller)) throw new NotSandboxOwnerError();
    return sandbox;
  }

  #isPastGrace(sandbox: AllocatedSandbox): boolean {
    return isPastGrace(sandbox, nowSeconds(this.deps.clock), this.options.gracePeriodSeconds);
  }

  /** Looks at a sandbox or gives it back, when its turn among such calls comes. */
  async #look<T extends object>(tryOnce: (signal: AbortSignal) => Promise<T | Retry>): Promise<T> {
    const patience = this.#newPatience();
    return this.#looks(() => {
      const signal = patience.begin();
      return this.#untilDone(patience, new ServiceUnavailableError(), () => tryOnce(signal));
    });
  }

  #newPatience(): Patience {
    return new Patience(this.deps.clock, {
      budgetMs: this.options.timeBudgetMs,
      maxWaitMs: MAX_QUEUE_WAIT_MS,
    });
  }

  /**
   * Tries until there is a result or the patience is over. A store that does not answer is tried again, too; if it was the
   * last to fail, that is what the caller learns.
   */
  async #untilDone<T extends object>(
    patience: Patience,
    onTimeout: Error,
    tryOnce: (tries: number) => Promise<T | Retry>,
  ): Promise<T> {
    let failure = onTimeout;
    for (let tries = 0; !patience.isOver(); tries += 1) {
      let result: T | Retry;
      try {
        result = await tryOnce(tries);
        // A try that the time budget cut short says nothing about the store: what was known before it stands.
        if (result === 'unanswered') failure = new ServiceUnavailableError();
        else if (result !== 'timed_out' && !patience.isOver()) failure = onTimeout;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        result = 'after_pause';
        // Our own signal also ends calls; that alone does not make the store unavailable.
        if (!patience.isOver()) {
          failure = new ServiceUnavailableError();
          this.deps.logger.warn({ err: error, tries }, 'the sandbox table did not answer; trying again');
        }
      }
      if (typeof result === 'object') return result;
      patience.begin();
      if (result === 'after_pause' && !patience.isOver()) await this.#backOff(tries);
    }
    throw failure;
  }

  async #backOff(tries: number): Promise<void> {
    const limitMs = Math.min(BACKOFF_MS.max, BACKOFF_MS.base * 2 ** tries);
    await this.deps.clock.sleep(this.deps.random() * limitMs);
  }
}

function isClaimedBy(sandbox: AllocatedSandbox, claim: Claim): boolean {
  return (
    sandbox.allocation.caller === claim.caller && sandbox.allocation.idempotencyKey === claim.idempotencyKey
  );
}

function settlementAfter(outcome: AllocateOutcome): Settlement {
  switch (outcome.kind) {
    case 'allocated':
    case 'candidate_taken':
      return 'taken';
    case 'already_claimed':
      return outcome.candidateTaken ? 'taken' : 'returned';
    case 'conflict':
      // A conflict over the sandbox: somebody else is taking it, most likely.
      return outcome.on === 'sandbox' ? 'uncertain' : 'returned';
    case 'throttled':
      // Whoever has a throttled claim waits alone; the candidate is as good as any.
      if (outcome.on === 'claim') return 'returned';
      return outcome.on === 'sandbox' ? 'throttled' : 'unanswered';
    case 'candidate_changed':
      return 'returned';
    default:
      return assertNever(outcome);
  }
}
