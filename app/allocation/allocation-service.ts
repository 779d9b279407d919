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
import { StoreUnavailableError, type AllocateOutcome, type SandboxStore } from '../store/sandbox-store';
import type { CandidateFinder, Settlement } from './candidate-finder';
import { nowSeconds, type Clock, type Random } from './clock';
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

/**
 * Calls at work at once; the others stand in line. More would not be faster: they would share one processor, hold more
 * candidates than they can use, and wait for each other inside the SDK, where waiting counts as a timeout.
 */
const MAX_CONCURRENT_CALLS = 64;
/** Standing in line longer than this is hopeless: most clients have given up by then. */
const MAX_QUEUE_WAIT_MS = 10_000;

/** Delays between tries: random up to a limit that doubles ("full jitter", AWS Architecture Blog). */
const BACKOFF_MS = { base: 10, max: 200 };

/** The rules of allocation (docs/architecture.md): who gets which sandbox, who may look at it and give it back. */
export class AllocationService {
  readonly #inTurn = pLimit(MAX_CONCURRENT_CALLS);

  constructor(
    private readonly deps: AllocationDependencies,
    private readonly options: AllocationOptions,
  ) {}

  /**
   * Gives a caller a sandbox: the one this caller and key hold, until its time is over; else a new one. The claim and
   * the sandbox change in one transaction, so a lost answer, a killed process or a repeated call cost no sandbox.
   *
   * @throws NoSandboxesAvailableError when there is none, AllocationContendedError when the time budget ran out before
   * that was known, ServiceUnavailableError when the store did not answer.
   */
  async allocate(request: AllocateRequest): Promise<AllocateResult> {
    return this.#untilDone(new AllocationContendedError(), (signal, tries) =>
      this.#tryToAllocate(request, signal, tries),
    );
  }

  /**
   * The sandbox, for the one who holds it or held it last.
   *
   * @throws SandboxNotFoundError, NotSandboxOwnerError, ServiceUnavailableError
   */
  async get(sandboxId: string, caller: string): Promise<Sandbox> {
    return this.#untilDone(new ServiceUnavailableError(), (signal) =>
      this.#getOwned(sandboxId, caller, signal),
    );
  }

  /**
   * Gives a sandbox back for deletion. Repeating it answers the same, also when it expired by itself meanwhile.
   *
   * @throws SandboxNotFoundError, NotSandboxOwnerError, AllocationExpiredError, ServiceUnavailableError
   */
  async markForDeletion(sandboxId: string, caller: string): Promise<Sandbox> {
    return this.#untilDone(new ServiceUnavailableError(), async (signal, tries) => {
      const sandbox = await this.#getOwned(sandboxId, caller, signal);
      if (sandbox.status !== 'allocated') return sandbox;
      if (this.#isPastGrace(sandbox)) throw new AllocationExpiredError();
      const after = requestDeletion(sandbox, nowSeconds(this.deps.clock));
      const outcome = await this.deps.store.endAllocation(sandbox, after, { signal });
      if (outcome.kind === 'written') return after;
      await this.#backOff(tries);
      return undefined;
    });
  }

  async #tryToAllocate(
    request: AllocateRequest,
    signal: AbortSignal,
    tries: number,
  ): Promise<AllocateResult | undefined> {
    const { finder, store, events } = this.deps;
    const candidate = await finder.take(request.namePrefix, signal, tries > 0);
    if (candidate === 'timeout') return undefined;
    if (candidate === 'empty') {
      const claim = await store.getClaim(request.caller, request.idempotencyKey, { signal });
      if (!claim) throw new NoSandboxesAvailableError(request.namePrefix);
      return this.#resume(claim, signal, tries);
    }
    const allocated = this.#allocation(candidate, request);
    const outcome = await this.#takeCandidate(candidate, allocated, signal);
    switch (outcome.kind) {
      case 'allocated':
        return { sandbox: allocated, isNew: true };
      case 'already_claimed':
        return this.#resume(outcome.claim, signal, tries);
      case 'candidate_taken':
        events.onLostRace();
        return undefined;
      case 'candidate_changed':
        return undefined;
      case 'conflict':
        if (outcome.on === 'sandbox') events.onLostRace();
        await this.#backOff(tries);
        return undefined;
      case 'throttled':
        await this.#backOff(tries);
        return undefined;
      default:
        return assertNever(outcome);
    }
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
    signal: AbortSignal,
  ): Promise<AllocateOutcome> {
    let settlement: Settlement = 'uncertain';
    let current = candidate;
    try {
      const outcome = await this.deps.store.allocate(candidate, allocated, { signal });
      settlement = settlementAfter(outcome);
      if (outcome.kind === 'candidate_changed') current = outcome.current;
      return outcome;
    } finally {
      this.deps.finder.settle(candidate, settlement, current);
    }
  }

  /** Answers with what the claim is for. Nothing, when that is over: then the claim is, too, and the way is free. */
  async #resume(claim: Claim, signal: AbortSignal, tries: number): Promise<AllocateResult | undefined> {
    const { store, clock, logger } = this.deps;
    const sandbox = await store.getSandbox(claim.sandboxId, { signal });
    if (sandbox?.status === 'allocated' && isClaimedBy(sandbox, claim)) {
      if (!this.#isPastGrace(sandbox)) return { sandbox, isNew: false };
      const outcome = await store.endAllocation(sandbox, requestDeletion(sandbox, nowSeconds(clock)), {
        signal,
      });
      if (outcome.kind === 'written') {
        logger.info(
          { sandbox_id: sandbox.sandboxId, caller: claim.caller },
          'expired an allocation past its grace',
        );
      } else {
        await this.#backOff(tries);
      }
      return undefined;
    }
    // Usually it was released between our two looks, and the claim with it.
    const outcome = await store.endOrphanedClaim(claim, { signal });
    if (outcome.kind === 'written') {
      logger.error(
        { sandbox_id: claim.sandboxId, caller: claim.caller },
        'ended a claim that had lost its sandbox',
      );
    } else {
      await this.#backOff(tries);
    }
    return undefined;
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

  /**
   * Tries until there is a result, within the time budget, which begins when the call's turn comes: being one of a
   * thousand is no reason to fail. A store that does not answer is tried again, too; if it was the last to fail, that
   * is what the caller learns.
   */
  async #untilDone<T>(
    onTimeout: Error,
    tryOnce: (signal: AbortSignal, tries: number) => Promise<T | undefined>,
  ): Promise<T> {
    const queuedAtMs = this.deps.clock.monotonicMs();
    return this.#inTurn(async () => {
      if (this.deps.clock.monotonicMs() - queuedAtMs > MAX_QUEUE_WAIT_MS) throw onTimeout;
      const signal = AbortSignal.timeout(this.options.timeBudgetMs);
      let failure = onTimeout;
      for (let tries = 0; !signal.aborted; tries += 1) {
        try {
          const result = await tryOnce(signal, tries);
          if (result !== undefined) return result;
          // A try that the time budget cut short says nothing about the store: what was known before it stands.
          if (!isAborted(signal)) failure = onTimeout;
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
          // Our own signal also ends calls; that alone does not make the store unavailable.
          if (!isAborted(signal)) {
            failure = new ServiceUnavailableError();
            this.deps.logger.warn({ err: error, tries }, 'the sandbox table did not answer; trying again');
            await this.#backOff(tries);
          }
        }
      }
      throw failure;
    });
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

/** Read anew after an await: the compiler takes the loop's condition for still true. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
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
    case 'candidate_changed':
    case 'throttled':
      return 'returned';
    default:
      return assertNever(outcome);
  }
}
