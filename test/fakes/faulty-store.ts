import type { Clock, Random } from '../../app/allocation/clock';
import type { AllocatedSandbox, AvailableSandbox } from '../../app/allocation/sandbox';
import {
  StoreUnavailableError,
  type AddOutcome,
  type AllocateOutcome,
  type CallOptions,
  type SandboxStore,
  type WriteOutcome,
} from '../../app/store/sandbox-store';
import { statusShard } from '../../app/store/items';
import {
  claimPartition,
  faultOfSandboxWrite,
  sandboxPartition,
  type FaultOfKey,
  type KeyAccess,
  type KeyFault,
} from './keyed-faults';

/**
 * What can go wrong with a call of a store.
 * - `conflict_on_…`, `throttled…`: DynamoDB says so, and nothing is written. Writes only.
 * - `unavailable`: no answer, and nothing is written.
 * - `answer_lost`: no answer, but the write was applied.
 */
export type Fault =
  | 'conflict_on_claim'
  | 'conflict_on_sandbox'
  | 'throttled'
  | 'throttled_on_claim'
  | 'throttled_on_sandbox'
  | 'unavailable'
  | 'answer_lost';

export type Operation = keyof SandboxStore;

/** Decides about each call in turn; `undefined` lets it through. */
export type NextFault = (operation: Operation) => Fault | undefined;

const READS: ReadonlySet<Operation> = new Set([
  'getSandbox',
  'getClaim',
  'findAvailable',
  'countByStatus',
  'ping',
]);

/** The share of calls, from 0 to 1, that each fault befalls. */
export type FaultRates = Partial<Record<Fault | 'read_unavailable', number>>;

/** Faults at random. Reads only ever fail to answer, at a rate of their own. */
export function randomFaults(rates: FaultRates, random: Random): NextFault {
  const writeRates = Object.entries(rates).filter(([fault]) => fault !== 'read_unavailable') as [
    Fault,
    number,
  ][];
  return (operation) => {
    let dice = random();
    if (READS.has(operation)) return dice < (rates.read_unavailable ?? 0) ? 'unavailable' : undefined;
    for (const [fault, rate] of writeRates) {
      if (dice < rate) return fault;
      dice -= rate;
    }
    return undefined;
  };
}

/** For each operation the faults of its first calls; all later calls are let through. */
export function scriptedFaults(script: Partial<Record<Operation, (Fault | undefined)[]>>): NextFault {
  const remaining = new Map(
    Object.entries(script).map(([operation, faults]) => [operation as Operation, [...faults]]),
  );
  return (operation) => remaining.get(operation)?.shift();
}

/** After so long a store gives up an attempt to allocate that gets no answer, and any other call. */
const GIVEN_UP_AFTER_MS = { allocate: 400, other: 6_000 };

export interface FaultyStoreOptions {
  nextFault?: NextFault;
  /** Faults of partition keys; the clock is for those that hang. */
  keyed?: { faultOf: FaultOfKey; clock: Pick<Clock, 'sleep'> };
  /** Makes calls take time, so that simultaneous ones overtake each other. */
  latency?: { clock: Pick<Clock, 'sleep'>; durationMs: () => number };
}

/** A {@link SandboxStore} with the faults of a real network and a busy table, which no local engine has. */
export class FaultyStore implements SandboxStore {
  /** Calls so far, whatever became of them. */
  readonly callCounts: Record<Operation, number> = {
    allocate: 0,
    endAllocation: 0,
    endOrphanedClaim: 0,
    add: 0,
    getSandbox: 0,
    getClaim: 0,
    findAvailable: 0,
    countByStatus: 0,
    ping: 0,
  };

  constructor(
    private readonly inner: SandboxStore,
    private readonly options: FaultyStoreOptions = {},
  ) {}

  allocate(...args: Parameters<SandboxStore['allocate']>): Promise<AllocateOutcome> {
    return this.#call('allocate', () => this.#allocateByKeys(...args), {
      conflict_on_claim: { kind: 'conflict', on: 'claim' },
      conflict_on_sandbox: { kind: 'conflict', on: 'sandbox' },
      throttled: { kind: 'throttled', on: 'unknown' },
      throttled_on_claim: { kind: 'throttled', on: 'claim' },
      throttled_on_sandbox: { kind: 'throttled', on: 'sandbox' },
    });
  }

  endAllocation(...args: Parameters<SandboxStore['endAllocation']>): Promise<WriteOutcome> {
    return this.#write('endAllocation', () => this.inner.endAllocation(...args));
  }

  endOrphanedClaim(...args: Parameters<SandboxStore['endOrphanedClaim']>): Promise<WriteOutcome> {
    return this.#write('endOrphanedClaim', () => this.inner.endOrphanedClaim(...args));
  }

  add(...args: Parameters<SandboxStore['add']>): Promise<AddOutcome> {
    return this.#write<AddOutcome>('add', () => this.inner.add(...args));
  }

  getSandbox(...args: Parameters<SandboxStore['getSandbox']>): ReturnType<SandboxStore['getSandbox']> {
    return this.#call('getSandbox', () =>
      this.#readKey(sandboxPartition(args[0]), 'getSandbox', args[1], () => this.inner.getSandbox(...args)),
    );
  }

  getClaim(...args: Parameters<SandboxStore['getClaim']>): ReturnType<SandboxStore['getClaim']> {
    return this.#call('getClaim', () =>
      this.#readKey(claimPartition(args[0], args[1]), 'getClaim', args[2], () =>
        this.inner.getClaim(...args),
      ),
    );
  }

  findAvailable(
    ...args: Parameters<SandboxStore['findAvailable']>
  ): ReturnType<SandboxStore['findAvailable']> {
    const partition = statusShard('available', args[0].shard);
    return this.#call('findAvailable', () =>
      this.#readKey(partition, 'findAvailable', args[2], () => this.inner.findAvailable(...args)),
    );
  }

  countByStatus(
    ...args: Parameters<SandboxStore['countByStatus']>
  ): ReturnType<SandboxStore['countByStatus']> {
    return this.#call('countByStatus', () => this.inner.countByStatus(...args));
  }

  ping(...args: Parameters<SandboxStore['ping']>): Promise<void> {
    return this.#call('ping', () => this.inner.ping(...args));
  }

  #write<Outcome extends { kind: string } = WriteOutcome>(
    operation: Operation,
    send: () => Promise<Outcome | WriteOutcome>,
  ): Promise<Outcome | WriteOutcome> {
    return this.#call(operation, send, {
      conflict_on_claim: { kind: 'conflict' },
      conflict_on_sandbox: { kind: 'conflict' },
      throttled: { kind: 'throttled' },
      throttled_on_claim: { kind: 'throttled' },
      throttled_on_sandbox: { kind: 'throttled' },
    });
  }

  async #allocateByKeys(
    candidate: AvailableSandbox,
    allocated: AllocatedSandbox,
    options?: CallOptions,
  ): Promise<AllocateOutcome> {
    const faultOf = this.options.keyed?.faultOf ?? ((): undefined => undefined);
    const { caller, idempotencyKey } = allocated.allocation;
    const onSandbox = faultOfSandboxWrite(faultOf, candidate.sandboxId);
    const onClaim = faultOf(claimPartition(caller, idempotencyKey), 'write');
    if (onSandbox === 'hanging' || onClaim === 'hanging') return this.#hang('allocate', options);
    if (onSandbox) return { kind: onSandbox, on: 'sandbox' };
    if (onClaim) return { kind: onClaim, on: 'claim' };
    return this.inner.allocate(candidate, allocated, options);
  }

  /** A read of one partition. One that is throttled fails as the SDK's retries do in the end. */
  async #readKey<T>(
    partition: string,
    operation: Operation,
    options: CallOptions | undefined,
    read: () => Promise<T>,
  ): Promise<T> {
    const fault = this.#faultOf(partition, 'read');
    if (fault === 'hanging') return this.#hang(operation, options);
    if (fault === 'throttled') throw noAnswer(operation, 'throttled (injected)');
    return read();
  }

  #faultOf(partition: string, access: KeyAccess): KeyFault | undefined {
    return this.options.keyed?.faultOf(partition, access);
  }

  /** No answer: ends when the caller gives up, or when a store does. Nothing is written. */
  async #hang(operation: Operation, options: CallOptions | undefined): Promise<never> {
    const limitMs = operation === 'allocate' ? GIVEN_UP_AFTER_MS.allocate : GIVEN_UP_AFTER_MS.other;
    await new Promise<void>((resolve) => {
      void this.options.keyed?.clock.sleep(limitMs).then(resolve);
      options?.signal?.addEventListener('abort', () => {
        resolve();
      });
    });
    throw noAnswer(operation, 'no answer in time (injected)');
  }

  async #call<T>(
    operation: Operation,
    send: () => Promise<T>,
    answers: Partial<Record<Fault, T>> = {},
  ): Promise<T> {
    this.callCounts[operation] += 1;
    const fault = this.options.nextFault?.(operation);
    await this.#takeTime();
    if (fault === 'unavailable') throw noAnswer(operation, 'no connection (injected)');
    const answer = fault === undefined ? undefined : answers[fault];
    if (answer !== undefined) return answer;
    const result = await send();
    await this.#takeTime();
    if (fault === 'answer_lost') throw noAnswer(operation, 'connection lost (injected)');
    return result;
  }

  async #takeTime(): Promise<void> {
    const { latency } = this.options;
    await latency?.clock.sleep(latency.durationMs());
  }
}

function noAnswer(operation: Operation, why: string): StoreUnavailableError {
  return new StoreUnavailableError(operation, { cause: new Error(why) });
}
