import type { AvailableSandbox } from '../app/allocation/sandbox';
import type { BenchSystem } from './bench-system';
import { sandboxIn } from './load/answers';
import type { AllocateCall } from './load/load-generator';
import { NO_ANSWER, type TimedAnswer } from './load/raw-connection';
import { audit, type Audit, type Given } from './pool/audit';
import type { Batch } from './pool/bench-pool';
import { percentile } from './statistics';

export interface RoundOptions {
  /** Different students, who all call at the same instant. */
  studentCount: number;
  /** What the pool holds when they do. */
  pool: Batch[];
  namePrefix?: string;
}

/** How one round of students went. */
export interface AllocationRound extends Audit {
  studentCount: number;
  allocatedCount: number;
  /** 409 although there was a sandbox for everyone. */
  falseEmptyCount: number;
  /** Any other answer than 201 and 409, by status and code, e.g. `503 ALLOCATION_CONTENDED`. */
  failures: Record<string, number>;
  /** From the first call's start to the last answer's end. */
  durationMs: number;
  /** From the first call's start to the end of the last answer that gave a sandbox. */
  lastGivenMs: number;
  /** Allocations a second over all of `durationMs`. */
  ratePerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Processor time of the load generator for each call. */
  clientCpuMsPerCall: number;
}

let roundCount = 0;

/** One round: a fresh pool, open connections, everyone at once; then answers and table are checked. */
export async function runAllocationRound(
  bench: BenchSystem,
  { studentCount, pool, namePrefix }: RoundOptions,
): Promise<AllocationRound> {
  const round = `round${(roundCount += 1)}`;
  const sandboxes = await bench.pool.refill(pool);
  await bench.load.open(studentCount);
  await bench.settle();
  const calls = Array.from({ length: studentCount }, (_, student) => ({
    caller: `${round}-student-${student}`,
    namePrefix,
  }));
  const answers = await bench.load.allocate(calls.map((call) => [call]));
  const items = await bench.pool.scan();
  return {
    ...figuresOf(answers.flat()),
    clientCpuMsPerCall: bench.load.lastCpuMs / studentCount,
    ...audit(givenIn(calls, answers.flat(), sandboxes), items),
  };
}

function figuresOf(answers: TimedAnswer[]): Omit<AllocationRound, keyof Audit | 'clientCpuMsPerCall'> {
  const startedAtMs = Math.min(...answers.map((answer) => answer.startedAtMs));
  const given = answers.filter((answer) => answer.status === 201);
  const falseEmptyCount = answers.filter((answer) => answer.status === 409).length;
  const durationMs = Math.max(...answers.map((answer) => answer.endedAtMs)) - startedAtMs;
  const latenciesMs = answers.map((answer) => answer.endedAtMs - answer.startedAtMs);
  return {
    studentCount: answers.length,
    allocatedCount: given.length,
    falseEmptyCount,
    failures: failuresOf(answers),
    durationMs,
    lastGivenMs: Math.max(0, ...given.map((answer) => answer.endedAtMs - startedAtMs)),
    ratePerSecond: (given.length / durationMs) * 1_000,
    p50Ms: percentile(latenciesMs, 50),
    p95Ms: percentile(latenciesMs, 95),
    p99Ms: percentile(latenciesMs, 99),
  };
}

/** How often each answer came that is neither 201 nor 409, by status and code. */
export function failuresOf(answers: readonly TimedAnswer[]): Record<string, number> {
  return countBy(answers.filter(({ status }) => status !== 201 && status !== 409).map(describeFailure));
}

function describeFailure({ status, body }: TimedAnswer): string {
  if (status === NO_ANSWER) return `no answer (${body})`;
  const { error } = JSON.parse(body) as { error?: { code?: string } };
  return `${status} ${error?.code ?? ''}`.trim();
}

function countBy(labels: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** The allocations that these answers tell of. Throws when a sandbox was given that is not of this round's pool. */
export function givenIn(calls: AllocateCall[], answers: TimedAnswer[], pool: AvailableSandbox[]): Given[] {
  const known = new Set(pool.map((sandbox) => sandbox.sandboxId));
  return answers.flatMap((answer, index) => {
    const sandboxId = sandboxIn(answer);
    if (sandboxId === undefined) return [];
    if (!known.has(sandboxId)) throw new Error(`${sandboxId} was given, which is not in the pool`);
    return [{ caller: calls[index]?.caller ?? '', sandboxId }];
  });
}
