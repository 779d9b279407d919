import {
  CLIENT_NOTE,
  LATENCY_NOTE,
  RATE_LIMIT_NOTE,
  withBenchSystem,
  type BenchSystem,
} from '../bench-system';
import { zip } from '../load/answers';
import { giveEachOne } from '../load/give-each-one';
import type { AllocateCall } from '../load/load-generator';
import { judgeMixedAnswers, type KindOfCaller, type MixedAnswers } from '../mixed-answers';
import type { BenchContext, Cell, Scenario, ScenarioResult } from '../scenario';
import { median, sum } from '../statistics';

const REPEATER_COUNT = 900;
const NEWCOMER_COUNT = 100;
const ROUND_COUNT = { full: 7, quick: 2 };
/** The newcomers of all rounds keep what they get; this many more are there all the time. */
const ROOM = 1_000;

/**
 * Most of a class holds a sandbox and calls again while a few call for the first time. It is the worst case of grouped
 * transactions (ADR 12): the claim of each who holds one refuses the whole group, and the newcomers in it are sent
 * again.
 */
export const mixedCrowdScenario: Scenario = {
  name: 'mixed-crowd',
  title: `Mixed crowd: ${NEWCOMER_COUNT} newcomers while ${REPEATER_COUNT} who hold a sandbox repeat their call`,
  run: (context) => withBenchSystem(context, {}, async (bench) => resultOf(await measure(context, bench))),
};

interface Measured {
  /** The same number of newcomers, and nobody else. */
  alone: MixedAnswers[];
  mixed: MixedAnswers[];
}

async function measure(context: BenchContext, bench: BenchSystem): Promise<Measured> {
  const roundCount = context.isQuick ? ROUND_COUNT.quick : ROUND_COUNT.full;
  const count = REPEATER_COUNT + 2 * (roundCount + 1) * NEWCOMER_COUNT + ROOM;
  await bench.pool.refill([{ count, namePrefix: 'bench-' }]);
  context.progress(`giving ${REPEATER_COUNT} students a sandbox`);
  await bench.load.open(REPEATER_COUNT);
  const repeaters = callersOf('holder', REPEATER_COUNT);
  const held = await giveEachOne(
    bench,
    repeaters.map((call) => [call]),
  );

  const measured: Measured = { alone: [], mixed: [] };
  for (let turn = 0; turn <= roundCount; turn += 1) {
    context.progress(turn === 0 ? 'warming up' : `round ${turn} of ${roundCount}`);
    const alone = await callAtOnce(bench, callersOf(`alone-${turn}`, NEWCOMER_COUNT), held);
    const crowd = mix(repeaters, callersOf(`newcomer-${turn}`, NEWCOMER_COUNT));
    const mixed = await callAtOnce(bench, crowd, held);
    if (turn === 0) continue;
    measured.alone.push(alone);
    measured.mixed.push(mixed);
  }
  return measured;
}

async function callAtOnce(
  bench: BenchSystem,
  calls: AllocateCall[],
  held: ReadonlyMap<string, string>,
): Promise<MixedAnswers> {
  await bench.load.open(calls.length);
  await bench.settle();
  const lanes = calls.map((call) => [call]);
  const answered = zip(lanes, await bench.load.allocate(lanes));
  return judgeMixedAnswers(answered, held, await bench.pool.scan());
}

function callersOf(name: string, count: number): AllocateCall[] {
  return Array.from({ length: count }, (_, student) => ({ caller: `${name}-${student}` }));
}

/**
 * The few spread evenly among the many, two at a time: lanes go to the two API processes in turn, and both are to have
 * as many of each kind.
 */
export function mix<T>(many: readonly T[], few: readonly T[]): T[] {
  const step = Math.ceil((2 * many.length) / few.length);
  const mixed: T[] = [];
  for (let pair = 0; 2 * pair < few.length || pair * step < many.length; pair += 1) {
    mixed.push(...few.slice(2 * pair, 2 * pair + 2), ...many.slice(pair * step, (pair + 1) * step));
  }
  return mixed;
}

interface Summary {
  p50_ms: number;
  p99_ms: number;
  p99_worst_ms: number;
  failed_count: number;
}

/** Medians over the rounds, the worst round's p99, and the total of failures. */
function summarize(rounds: readonly KindOfCaller[]): Summary {
  return {
    p50_ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99_ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    p99_worst_ms: Math.max(...rounds.map(({ p99Ms }) => p99Ms)),
    failed_count: sum(rounds.map(({ failedCount }) => failedCount)),
  };
}

function resultOf({ alone, mixed }: Measured): ScenarioResult {
  const repeaters = mixed.flatMap((round) => round.repeaters ?? []);
  const wrongCount = sum(repeaters.map((round) => round.wrongCount));
  const doubleCount = sum([...alone, ...mixed].map((round) => round.doubleCount));
  const kinds = [
    {
      title: `${NEWCOMER_COUNT} newcomers, nobody else`,
      name: 'alone',
      summary: summarize(alone.map(({ newcomers }) => newcomers)),
    },
    {
      title: `${NEWCOMER_COUNT} newcomers in the crowd`,
      name: 'newcomer',
      summary: summarize(mixed.map(({ newcomers }) => newcomers)),
    },
    {
      title: `${REPEATER_COUNT} who repeat their call`,
      name: 'repeater',
      summary: summarize(repeaters),
      wrongCount,
    },
  ];
  const values = Object.fromEntries(
    kinds.flatMap(({ name, summary }) =>
      Object.entries(summary).map(([figure, value]: [string, number]) => [
        `mixed_crowd_${name}_${figure}`,
        value,
      ]),
    ),
  );
  return {
    columns: ['', 'p50 (ms)', 'p99 (ms)', 'p99, worst round (ms)', 'failed', 'another sandbox'],
    rows: kinds.map(({ title, summary, ...kind }): Cell[] => [
      title,
      ...Object.values(summary as Summary & Record<string, number>),
      kind.wrongCount ?? '–',
    ]),
    notes: [
      `All ${REPEATER_COUNT + NEWCOMER_COUNT} call at the same instant, newcomers spread evenly among the others, and the ` +
        `pool has room for all. Medians over ${mixed.length} rounds, totals of failures; the first round is thrown away.`,
      `Doubles in answers and table: ${doubleCount}.`,
      'It is the worst case of grouped transactions (ADR 12): the claim of each who holds a sandbox refuses the whole ' +
        'group, and the newcomers in it are sent again.',
      LATENCY_NOTE,
      RATE_LIMIT_NOTE,
      CLIENT_NOTE,
    ],
    values: {
      ...values,
      mixed_crowd_wrong_count: wrongCount,
      mixed_crowd_double_count: doubleCount,
    },
  };
}
