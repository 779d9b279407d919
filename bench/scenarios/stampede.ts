import { startCountingProxy, type CountingProxy } from '../../test/e2e/support/counting-proxy';
import { runAllocationRound, type AllocationRound } from '../allocation-round';
import {
  API_PROCESS_COUNT,
  CLIENT_NOTE,
  LATENCY_NOTE,
  RATE_LIMIT_NOTE,
  withBenchSystem,
  type BenchSystem,
} from '../bench-system';
import {
  describeRound,
  failureNotes,
  SUMMARY_COLUMNS,
  summarize,
  summaryCells,
  summaryValues,
} from '../round-summary';
import type { BenchContext, Cell, Scenario, ScenarioResult } from '../scenario';
import { median, sum } from '../statistics';
import { groupedLimitRate, GROUPED_LIMIT_NOTE, LIMIT_NOTE, runLimitRound } from './limit';

const STUDENT_COUNTS = [1_000, 200, 50] as const;
const POOL = [{ count: 2_000, namePrefix: 'bench-' }];

interface Stampede {
  round: AllocationRound;
  /** Of the limit's round next to it. */
  limitRatePerSecond: number;
}

/** Everyone of a class at the same instant, with sandboxes for twice as many. */
export const stampedeScenario: Scenario = {
  name: 'stampede',
  title: `Stampede: different students at the same instant, ${API_PROCESS_COUNT} API processes, pool of 2,000`,
  run: async (context) => {
    const measured = await withBenchSystem(context, {}, (bench) => measure(context, bench));
    return resultOf(measured, await countCalls(context), groupedLimitRate(context));
  },
};

interface Measured {
  cold: AllocationRound;
  warm: Map<number, Stampede[]>;
  limitRates: number[];
}

async function measure(context: BenchContext, bench: BenchSystem): Promise<Measured> {
  const roundCount = context.isQuick ? 2 : 9;
  context.progress('warming up');
  const cold = await runAllocationRound(bench, { studentCount: STUDENT_COUNTS[0], pool: POOL });
  await runLimitRound(bench);
  const warm = new Map<number, Stampede[]>(STUDENT_COUNTS.map((count) => [count, []]));
  const limitRates: number[] = [];
  for (let turn = 1; turn <= roundCount; turn += 1) {
    context.progress(`turn ${turn} of ${roundCount}, limit`);
    const { ratePerSecond: limitRatePerSecond } = await runLimitRound(bench);
    limitRates.push(limitRatePerSecond);
    for (const studentCount of STUDENT_COUNTS) {
      const round = await runAllocationRound(bench, { studentCount, pool: POOL });
      context.progress(`turn ${turn} of ${roundCount}: ${describeRound(round)}`);
      warm.get(studentCount)?.push({ round, limitRatePerSecond });
    }
  }
  return { cold, warm, limitRates };
}

interface CallCount {
  studentCount: number;
  /** DynamoDB calls an allocation, by operation. */
  perAllocation: Record<string, number>;
}

/** In a run of its own, with a proxy at the engine's door: it would slow down what is timed. */
async function countCalls(context: BenchContext): Promise<CallCount[]> {
  const proxies: CountingProxy[] = [];
  try {
    const processDynamodbEndpoint = async (engineEndpoint: string): Promise<string> => {
      const proxy = await startCountingProxy(engineEndpoint);
      proxies.push(proxy);
      return proxy.url;
    };
    return await withBenchSystem(context, { processDynamodbEndpoint }, async (bench) => {
      context.progress('counting DynamoDB calls: warming up');
      await runAllocationRound(bench, { studentCount: 200, pool: POOL });
      const counts: CallCount[] = [];
      for (const studentCount of STUDENT_COUNTS) {
        context.progress(`counting DynamoDB calls: ${studentCount} students`);
        counts.push(await countRound(bench, proxies, studentCount));
      }
      return counts;
    });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  }
}

/** The pool is refilled past the proxy; what the round's students cause is all that comes through it. */
async function countRound(
  bench: BenchSystem,
  proxies: CountingProxy[],
  studentCount: number,
): Promise<CallCount> {
  for (const proxy of proxies) proxy.reset();
  const { allocatedCount } = await runAllocationRound(bench, { studentCount, pool: POOL });
  const total: Record<string, number> = {};
  for (const [operation, count] of proxies.flatMap((proxy) => Object.entries(proxy.counts()))) {
    total[operation] = (total[operation] ?? 0) + count / allocatedCount;
  }
  return { studentCount, perAllocation: total };
}

function resultOf(
  { cold, warm, limitRates }: Measured,
  counts: CallCount[],
  groupedRate: number | undefined,
): ScenarioResult {
  const limitRate = median(limitRates);
  const coldSummary = summarize([cold]);
  const values: Record<string, number> = {
    stampede_limit_transactions_per_second: limitRate,
    ...summaryValues('stampede_cold', coldSummary),
  };
  const rows: Cell[][] = [
    [`${cold.studentCount} students, cold (first, thrown away)`, ...summaryCells(coldSummary), '', '', ''],
  ];
  const rates = [{ label: 'limit, one transaction each', value: limitRate }];
  if (groupedRate !== undefined) rates.push({ label: 'limit, eight to a transaction', value: groupedRate });
  for (const [studentCount, stampedes] of warm) {
    const summary = summarize(stampedes.map(({ round }) => round));
    const ratio = median(
      stampedes.map(({ round, limitRatePerSecond }) => round.ratePerSecond / limitRatePerSecond),
    );
    const calls = counts.find((count) => count.studentCount === studentCount)?.perAllocation ?? {};
    const callCount = sum(Object.values(calls));
    const ofGrouped = groupedRate === undefined ? undefined : summary.allocations_per_second / groupedRate;
    rows.push([
      `${studentCount} students, warm`,
      ...summaryCells(summary),
      ratio,
      ofGrouped ?? 'not measured',
      callCount,
    ]);
    rates.push({ label: `${studentCount} students`, value: summary.allocations_per_second });
    const prefix = `stampede_${studentCount}`;
    Object.assign(values, summaryValues(prefix, summary), {
      [`${prefix}_ratio_to_limit`]: ratio,
      ...(ofGrouped !== undefined && { [`${prefix}_ratio_to_grouped_limit`]: ofGrouped }),
      [`${prefix}_dynamodb_calls_per_allocation`]: callCount,
    });
  }
  const everyRound = [...warm.values()].flatMap((stampedes) => stampedes.map(({ round }) => round));
  const largest = STUDENT_COUNTS[0];
  return {
    columns: ['', ...SUMMARY_COLUMNS, 'of the limit', 'of the grouped limit', 'DynamoDB calls each'],
    rows,
    notes: [
      `Warm: medians over ${limitRates.length} rounds of each kind, after a first stampede that is thrown away; false ` +
        '409s, failures and doubles are totals. Rounds of the limit and of the stampedes take turns.',
      `The limit in this run: ${Math.round(limitRate)} transactions/s. "Of the limit" is the median of each round's ` +
        "rate against that of the limit's round before it.",
      groupedRate === undefined
        ? '"Of the grouped limit" needs the scenario "limit" in the same run, which measures it.'
        : `"Of the grouped limit" is the median rate against ${Math.round(groupedRate)} allocations/s, the median of the ` +
          'scenario "limit" earlier in this run: not measured next to each round.',
      LIMIT_NOTE,
      GROUPED_LIMIT_NOTE,
      ...failureNotes(everyRound),
      LATENCY_NOTE,
      RATE_LIMIT_NOTE,
      CLIENT_NOTE,
      'Of the processors, the load generator itself takes ' +
        `${(values[`stampede_${largest}_client_cpu_ms_per_call`] ?? 0).toFixed(2)} ms for each call of the largest class.`,
      'Doubles are looked for in the answers and in the whole table. An answer is unfounded when the table does not bear ' +
        'it out.',
      'DynamoDB calls are counted by a proxy at the door of the engine, in a warm run of its own that is not timed: ' +
        `${counts.map(describeCount).join('; ')}.`,
    ],
    values,
    charts: [
      { title: 'Stampede: rate', axis: 'allocations per second', bars: rates },
      {
        title: `Stampede of ${largest}: how long a student waits`,
        axis: 'milliseconds',
        bars: [
          { label: 'p50', name: 'p50' },
          { label: 'p95', name: 'p95' },
          { label: 'p99', name: 'p99' },
          { label: 'p99 of the worst round', name: 'p99_worst' },
        ].map(({ label, name }) => ({ label, value: values[`stampede_${largest}_${name}_ms`] ?? 0 })),
      },
    ],
  };
}

function describeCount({ studentCount, perAllocation }: CallCount): string {
  const parts = Object.entries(perAllocation).map(([operation, count]) => `${count.toFixed(3)} ${operation}`);
  return `${studentCount} students: ${parts.join(', ')} each`;
}
