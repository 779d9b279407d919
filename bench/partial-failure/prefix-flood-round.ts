import { failuresOf, givenIn } from '../allocation-round';
import { withBenchSystem, type BenchSystem } from '../bench-system';
import { sandboxIn } from '../load/answers';
import type { PacedCall } from '../load/load-generator';
import type { TimedAnswer } from '../load/raw-connection';
import { audit, type Audit } from '../pool/audit';
import type { BenchContext } from '../scenario';
import { percentile } from '../statistics';
import type { Build } from './builds';

/** How honest calls fared without, and then with, a flood of prefixes that no sandbox has. */
export interface PrefixFloodRound extends Audit {
  undisturbed: HonestCalls;
  disturbed: HonestCalls;
  /** How the made-up prefixes were answered, by status. */
  madeUp: { p50Ms: number; countByStatus: Record<string, number> };
}

/** Calls without a prefix, and calls with one that sandboxes have. */
export interface HonestCalls {
  any: HonestFigures;
  byPrefix: HonestFigures;
}

export interface HonestFigures {
  callCount: number;
  servedCount: number;
  /** Failed calls are in it. */
  p50Ms: number;
  p99Ms: number;
  falseEmptyCount: number;
  failures: Record<string, number>;
}

export interface PrefixFloodOptions {
  /** Of each half. */
  durationMs: number;
  madeUpPerSecond: number;
  anyPerSecond: number;
  byPrefixPerSecond: number;
}

const WARM_UP_MS = 3_000;
const REAL_PREFIX = 'wanted-';
const POOL = [
  { count: 2_000, namePrefix: 'bench-' },
  { count: 500, namePrefix: REAL_PREFIX },
];

type Kind = 'any' | 'byPrefix' | 'madeUp';
type KindOfCall = PacedCall & { kind: Kind };

/** One round on a system of its own, without a proxy: a warm-up, then both halves. */
export async function runPrefixFloodRound(
  context: BenchContext,
  build: Build,
  options: PrefixFloodOptions,
): Promise<PrefixFloodRound> {
  return withBenchSystem({ ...context, bundleDirectory: build.bundleDirectory }, {}, (bench) =>
    measure(bench, options),
  );
}

async function measure(bench: BenchSystem, options: PrefixFloodOptions): Promise<PrefixFloodRound> {
  const pool = await bench.pool.refill(POOL);
  const warmUp = honestCalls('warm', { ...options, durationMs: WARM_UP_MS });
  const before = honestCalls('before', options);
  const during = honestCalls('during', options);
  const flood = paced('madeUp', options.madeUpPerSecond, options.durationMs, (index) => ({
    caller: `flood-${index}`,
    namePrefix: `made-up-${index}-`,
  }));
  const answered: [KindOfCall, TimedAnswer][] = [];
  const send = async (calls: KindOfCall[]): Promise<[KindOfCall, TimedAnswer][]> => {
    await bench.settle();
    const answers = await bench.load.pace(calls);
    const pairs = answers.flatMap((answer, index): [KindOfCall, TimedAnswer][] => {
      const call = calls[index];
      return call === undefined ? [] : [[call, answer]];
    });
    answered.push(...pairs);
    return pairs;
  };
  await send(warmUp);
  const undisturbed = await send(before);
  const disturbed = await send([...during, ...flood]);
  const given = givenIn(
    answered.map(([call]) => call),
    answered.map(([, answer]) => answer),
    pool,
  );
  const floodAnswers = ofKind(disturbed, 'madeUp');
  return {
    undisturbed: honestFigures(undisturbed),
    disturbed: honestFigures(disturbed),
    madeUp: {
      p50Ms: percentile(latenciesMs(floodAnswers), 50),
      countByStatus: countByStatus(floodAnswers),
    },
    ...audit(given, await bench.pool.scan()),
  };
}

function honestCalls(
  name: string,
  { anyPerSecond, byPrefixPerSecond, durationMs }: PrefixFloodOptions,
): KindOfCall[] {
  return [
    ...paced('any', anyPerSecond, durationMs, (index) => ({ caller: `${name}-any-${index}` })),
    ...paced('byPrefix', byPrefixPerSecond, durationMs, (index) => ({
      caller: `${name}-prefix-${index}`,
      namePrefix: REAL_PREFIX,
    })),
  ];
}

/** So many a second, each at a random time in its own slot: neither all in step nor in bursts. */
function paced(
  kind: Kind,
  perSecond: number,
  durationMs: number,
  call: (index: number) => Omit<PacedCall, 'afterMs'>,
): KindOfCall[] {
  const slotMs = 1_000 / perSecond;
  return Array.from({ length: Math.floor(durationMs / slotMs) }, (_, index) => ({
    ...call(index),
    kind,
    afterMs: (index + Math.random()) * slotMs,
  }));
}

function honestFigures(answered: readonly [KindOfCall, TimedAnswer][]): HonestCalls {
  return {
    any: figuresOf(ofKind(answered, 'any')),
    byPrefix: figuresOf(ofKind(answered, 'byPrefix')),
  };
}

function figuresOf(answers: TimedAnswer[]): HonestFigures {
  return {
    callCount: answers.length,
    servedCount: answers.filter((answer) => sandboxIn(answer) !== undefined).length,
    p50Ms: percentile(latenciesMs(answers), 50),
    p99Ms: percentile(latenciesMs(answers), 99),
    falseEmptyCount: answers.filter(({ status }) => status === 409).length,
    failures: failuresOf(answers.filter((answer) => sandboxIn(answer) === undefined)),
  };
}

function ofKind(answered: readonly [KindOfCall, TimedAnswer][], kind: Kind): TimedAnswer[] {
  return answered.filter(([call]) => call.kind === kind).map(([, answer]) => answer);
}

function latenciesMs(answers: readonly TimedAnswer[]): number[] {
  return answers.map(({ startedAtMs, endedAtMs }) => endedAtMs - startedAtMs);
}

function countByStatus(answers: readonly TimedAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
