import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { claimKey, type Item } from '../../app/store/items';
import { failuresOf, givenIn, runAllocationRound } from '../allocation-round';
import { withBenchSystem, type BenchSystem } from '../bench-system';
import { sandboxIn, zip } from '../load/answers';
import type { AllocateCall } from '../load/load-generator';
import type { TimedAnswer } from '../load/raw-connection';
import { audit, type Audit } from '../pool/audit';
import type { BenchContext } from '../scenario';
import type { Build } from './builds';
import { startFaultProxy, type FaultProxy } from './fault-proxy';
import type { KeyFault } from './key-faults';

/** How callers fared while some keys of the table failed. */
export interface FailureRound extends Audit {
  /** Callers whose own claim is not among the failing keys. */
  healthyCount: number;
  /** Healthy callers who were given a sandbox. */
  servedCount: number;
  /** 503 for a healthy caller. */
  unavailableCount: number;
  /** 409 for anyone, although there was a sandbox for everyone that could be had. */
  falseEmptyCount: number;
  /** All callers who were given a sandbox, healthy or not. */
  allServedCount: number;
  /** What healthy callers were answered instead of a sandbox, by status and code. */
  failures: Record<string, number>;
  /** From the first call's start to the end of the last answer that gave a healthy caller a sandbox. */
  lastServedMs: number;
  /** From the first call's start to the end of the last answer of all. */
  lastAnswerMs: number;
  /** Calls to the table that failed for their key. */
  faultCount: number;
}

export interface FailureRoundOptions {
  callerCount: number;
  poolSize: number;
  fault: KeyFault;
}

const WARM_UP_COUNT = 200;

/**
 * One round on a system of its own: a healthy class first, so that the processes are warm and connected, then a full
 * pool, the fault, and everyone at once.
 */
export async function runFailureRound(
  context: BenchContext,
  build: Build,
  options: FailureRoundOptions,
): Promise<FailureRound> {
  const proxies: FaultProxy[] = [];
  const processDynamodbEndpoint = async (engineEndpoint: string): Promise<string> => {
    const proxy = await startFaultProxy(engineEndpoint);
    proxies.push(proxy);
    return proxy.url;
  };
  try {
    return await withBenchSystem(
      { ...context, bundleDirectory: build.bundleDirectory },
      { processDynamodbEndpoint },
      async (bench) => {
        const [proxy] = proxies;
        if (proxy === undefined) throw new Error('The API processes were started without the proxy');
        return callUnderFault(bench, proxy, options, context.signal);
      },
    );
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  }
}

async function callUnderFault(
  bench: BenchSystem,
  proxy: FaultProxy,
  { callerCount, poolSize, fault }: FailureRoundOptions,
  signal: AbortSignal,
): Promise<FailureRound> {
  await runAllocationRound(bench, {
    studentCount: WARM_UP_COUNT,
    pool: [{ count: poolSize, namePrefix: 'bench-' }],
  });
  const pool = await bench.pool.refill([{ count: poolSize, namePrefix: 'bench-' }]);
  await bench.load.open(callerCount);
  await bench.settle();
  const lanes = Array.from({ length: callerCount }, (_, caller): AllocateCall[] => [
    { caller: `partial-${caller}` },
  ]);
  proxy.setFault(fault);
  const answered = zip(lanes, await bench.load.allocate(lanes));
  const faultCount = proxy.faultCount();
  // What a process still tries for a caller who has had his answer belongs to this round.
  await proxy.quiet(signal);
  return { ...judgeFailureRound(answered, fault, pool, await bench.pool.scan()), faultCount };
}

/**
 * Tells healthy callers from those whose own claim fails, and checks all answers against the table.
 *
 * @param items the whole table afterwards.
 */
export function judgeFailureRound(
  answered: readonly [AllocateCall, TimedAnswer][],
  fault: KeyFault,
  pool: AvailableSandbox[],
  items: Item[],
): Omit<FailureRound, 'faultCount'> {
  const answers = answered.map(([, answer]) => answer);
  const healthy = answered.filter(([{ caller }]) => !fault.isBad(ownKey(caller))).map(([, answer]) => answer);
  const startedAtMs = Math.min(...answers.map((answer) => answer.startedAtMs));
  // 200, when an earlier try of the same call had been applied although its answer was late.
  const isServed = (answer: TimedAnswer): boolean => sandboxIn(answer) !== undefined;
  const lastEndMs = (some: TimedAnswer[]): number =>
    Math.max(0, ...some.map(({ endedAtMs }) => endedAtMs - startedAtMs));
  const given = givenIn(
    answered.map(([call]) => call),
    answers,
    pool,
  );
  return {
    healthyCount: healthy.length,
    servedCount: healthy.filter(isServed).length,
    unavailableCount: healthy.filter(({ status }) => status === 503).length,
    falseEmptyCount: answers.filter(({ status }) => status === 409).length,
    allServedCount: answers.filter(isServed).length,
    failures: failuresOf(healthy.filter((answer) => !isServed(answer))),
    lastServedMs: lastEndMs(healthy.filter(isServed)),
    lastAnswerMs: lastEndMs(answers),
    ...audit(given, items),
  };
}

/** The partition key of the claim that an allocation of this caller puts. Callers send no `Idempotency-Key`. */
function ownKey(caller: string): string {
  return claimKey(caller, caller).PK?.S ?? '';
}
