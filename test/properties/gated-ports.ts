import type { Random } from '../../app/allocation/clock';
import type { CspCallOptions, CspClient, DeletionAnswer, PortalList } from '../../app/csp/csp-client';
import type { InventoryStore } from '../../app/store/inventory-store';
import type { JobStore } from '../../app/store/job-store';
import { StoreUnavailableError, type SandboxStore } from '../../app/store/sandbox-store';
import type { CallFault, CallGate } from './call-gate';
import type { PartitionEffect, Partitions } from './partitions';
import type { TimerOwner } from './virtual-time';

/** The three faces of one table. */
export interface TablePorts {
  store: SandboxStore;
  inventory: InventoryStore;
  jobStore: JobStore;
}

/** The share of calls, from 0 to 1, that each fault befalls. Reads are never `refused` or `lost`. */
export interface FaultShares {
  /** Conflicts and throttling: nothing is written, and the table says so. */
  refused: number;
  unavailable: number;
  /** Written, but nobody hears of it. */
  lost: number;
}

export interface GateContext {
  gate: CallGate;
  owner: TimerOwner;
  random: Random;
  faults: FaultShares;
  partitions: Partitions;
  sleep: (durationMs: number) => Promise<void>;
  /** Lists come in pages of no more rows than this, as if rows were large. */
  maxPageSize: number;
  /** Told of each call that was done, right after it, with its real outcome. */
  onDone: (operation: string, args: readonly unknown[], outcome: unknown) => Promise<void>;
}

type Operation = keyof SandboxStore | keyof InventoryStore | keyof JobStore;

/** What the client gives one call, its own tries included. */
const CLIENT_TIMEOUT_MS = 5_000;

const CONFLICT = { kind: 'conflict' };
const THROTTLED = { kind: 'throttled' };

/** What the table may say to a write that it refuses for the moment. */
const REFUSALS: Partial<Record<Operation, readonly unknown[]>> = {
  allocate: [
    { ...CONFLICT, on: 'claim' },
    { ...CONFLICT, on: 'sandbox' },
    { ...THROTTLED, on: 'claim' },
    { ...THROTTLED, on: 'sandbox' },
    { ...THROTTLED, on: 'unknown' },
  ],
  endAllocation: [CONFLICT, THROTTLED],
  endOrphanedClaim: [CONFLICT, THROTTLED],
  add: [CONFLICT, THROTTLED],
  save: [CONFLICT, THROTTLED],
  remove: [CONFLICT, THROTTLED],
  guardAccount: [CONFLICT, THROTTLED],
  // A lease that could not be written is none.
  acquireLease: [undefined],
  renewLease: [],
  releaseLease: [],
  recordRun: [],
};

const STORE_OPERATIONS = [
  'allocate',
  'endAllocation',
  'endOrphanedClaim',
  'add',
  'getSandbox',
  'getClaim',
  'findAvailable',
  'countByStatus',
  'ping',
] as const satisfies (keyof SandboxStore)[];

const INVENTORY_OPERATIONS = [
  'listByStatus',
  'listByCaller',
  'listByName',
  'countGivenUp',
  'save',
  'remove',
  'guardAccount',
  'accountHolder',
  'scan',
] as const satisfies (keyof InventoryStore)[];

const JOB_OPERATIONS = [
  'acquireLease',
  'renewLease',
  'releaseLease',
  'getLease',
  'getRun',
  'getRunTraces',
  'recordRun',
  'getControl',
  'setControl',
  'changeControl',
] as const satisfies (keyof JobStore)[];

/** The table as one process sees it: each call waits at the gate, and may meet a fault there. */
export function gatedTable(ports: TablePorts, context: GateContext): TablePorts {
  return {
    store: gated(ports.store, STORE_OPERATIONS, context),
    inventory: gated(ports.inventory, INVENTORY_OPERATIONS, context),
    jobStore: gated(ports.jobStore, JOB_OPERATIONS, context),
  };
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

function gated<Port extends object>(
  inner: Port,
  operations: readonly (keyof Port & Operation)[],
  context: GateContext,
): Port {
  const { gate, owner, onDone } = context;
  const methods = operations.map((operation) => {
    const call: AnyMethod = (...args) => {
      const smaller = args.map((arg) => inSmallPages(arg, context));
      const label = `${owner.description ?? '?'} ${operation}`;
      const isWrite = REFUSALS[operation] !== undefined;
      const effect = (): PartitionEffect | undefined => context.partitions.effectOn(args, isWrite);
      if (effect() === 'hanging') return noAnswer(label, signalIn(args), context);
      return gate.call({
        owner,
        label,
        execute: async () => {
          const outcome = await (inner[operation] as AnyMethod).apply(inner, smaller);
          await onDone(operation, args, outcome);
          return outcome;
        },
        fault: (isCalm) => {
          if (effect() !== undefined)
            return isWrite
              ? {
                  kind: 'answer',
                  answer: operation === 'allocate' ? { ...THROTTLED, on: 'sandbox' } : THROTTLED,
                }
              : { kind: 'unavailable' };
          return isCalm ? undefined : randomFault(operation, context);
        },
        signal: signalIn(args),
      });
    };
    return [operation, call] as const;
  });
  return Object.fromEntries(methods) as unknown as Port;
}

/** A call that nobody ever answers: its client gives it up after a while, or its caller before. */
async function noAnswer(
  label: string,
  signal: AbortSignal | undefined,
  { sleep }: GateContext,
): Promise<never> {
  const overheard = new AbortController();
  const givenUp = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    const listening = { once: true, signal: overheard.signal };
    signal?.addEventListener(
      'abort',
      () => {
        resolve();
      },
      listening,
    );
  });
  await Promise.race([givenUp, sleep(CLIENT_TIMEOUT_MS)]);
  overheard.abort();
  throw new StoreUnavailableError(label, { cause: new Error('no answer in time (injected)') });
}

function randomFault(operation: Operation, { random, faults }: GateContext): CallFault | undefined {
  const dice = random();
  if (dice < faults.unavailable) return { kind: 'unavailable' };
  const refusals = REFUSALS[operation];
  if (!refusals) return undefined;
  if (dice < faults.unavailable + faults.lost) return { kind: 'answer_lost' };
  const isRefused = dice < faults.unavailable + faults.lost + faults.refused;
  if (!isRefused || refusals.length === 0) return undefined;
  return { kind: 'answer', answer: refusals[Math.floor(random() * refusals.length)] };
}

function inSmallPages(arg: unknown, { maxPageSize }: GateContext): unknown {
  if (typeof arg !== 'object' || arg === null || !('limit' in arg) || typeof arg.limit !== 'number')
    return arg;
  return { ...arg, limit: Math.min(arg.limit, maxPageSize) };
}

function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  const options = args.at(-1);
  const hasSignal = typeof options === 'object' && options !== null && 'signal' in options;
  return hasSignal && options.signal instanceof AbortSignal ? options.signal : undefined;
}

/** The portal as one process sees it. What it answers is the business of `inner`; here calls only wait. */
export function gatedPortal(
  inner: CspClient,
  { gate, owner }: Pick<GateContext, 'gate' | 'owner'>,
  beforeDelete: (externalId: string) => Promise<void>,
): CspClient {
  const call = (label: string, execute: () => Promise<unknown>): Promise<unknown> =>
    gate.call({ owner, label: `${owner.description ?? '?'} ${label}`, execute, fault: () => undefined });
  return {
    get circuitState() {
      return inner.circuitState;
    },
    async listSandboxes(options?: CspCallOptions) {
      return (await call('portal list', () => inner.listSandboxes(options))) as PortalList;
    },
    async deleteAccount(externalId: string, options?: CspCallOptions) {
      const answer = await call('portal delete', async () => {
        await beforeDelete(externalId);
        return inner.deleteAccount(externalId, options);
      });
      return answer as DeletionAnswer;
    },
  };
}
