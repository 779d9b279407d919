import { withBenchSystem, type BenchSystem } from '../bench-system';
import {
  GROUPED,
  LIMIT_CLIENT_COUNT,
  ONE_EACH,
  type LimitManner,
  type LimitRound,
} from '../limit/limit-clients';
import type { BenchContext, Cell, Scenario, ScenarioResult } from '../scenario';
import { median, percentile, sum } from '../statistics';

const ALLOCATIONS_PER_ROUND = 1_000;
/** The same table as a stampede finds. */
const POOL_SIZE = 2_000;

/** One round of the bare clients on a fresh pool. */
export async function runLimitRound(bench: BenchSystem, manner: LimitManner = ONE_EACH): Promise<LimitRound> {
  const sandboxes = await bench.pool.refill([{ count: POOL_SIZE, namePrefix: 'bench-' }]);
  return bench.limit().take(sandboxes.slice(0, ALLOCATIONS_PER_ROUND), 'limit', manner);
}

export const LIMIT_NOTE =
  `The limit: ${LIMIT_CLIENT_COUNT} bare client processes with the app's SDK settings, making the app's writes (put the ` +
  'claim, take the sandbox) on sandboxes that they know beforehand, on the same engine and table. Each allocation is a ' +
  `transaction of its own, ${ONE_EACH.concurrency} in flight in each process (as many calls as the app works on at ` +
  'once). The API groups allocations of one moment (ADR 12), so it may come out above this limit.';

export const GROUPED_LIMIT_NOTE =
  `The grouped limit: the same clients with ${GROUPED.allocationsPerTransaction} allocations in each transaction, at ` +
  `most ${GROUPED.concurrency} transactions in flight in each process, as in the app. On DynamoDB itself a transaction ` +
  `of ${2 * GROUPED.allocationsPerTransaction} items takes longer than on this engine.`;

/** The median of this run's grouped limit in allocations per second, for scenarios that come after it. */
export function groupedLimitRate(context: Pick<BenchContext, 'result'>): number | undefined {
  return context.result(limitScenario.name)?.values.limit_grouped_allocations_per_second;
}

/**
 * How fast this machine could allocate if transactions were all there is to it: each allocation in one of its own, and
 * grouped. The API groups (ADR 12), so its rate may exceed the first, and only the second is the same work.
 */
export const limitScenario: Scenario = {
  name: 'limit',
  title: 'Limit: one transaction each, no API',
  run: (context) => withBenchSystem(context, {}, async (bench) => resultOf(await measure(context, bench))),
};

interface Measured {
  cold: LimitRound;
  alone: LimitRound[];
  grouped: LimitRound[];
}

async function measure(context: BenchContext, bench: BenchSystem): Promise<Measured> {
  const roundCount = context.isQuick ? 2 : 7;
  context.progress('warming up');
  const cold = await runLimitRound(bench);
  await runLimitRound(bench, GROUPED);
  const alone: LimitRound[] = [];
  const grouped: LimitRound[] = [];
  for (let round = 1; round <= roundCount; round += 1) {
    context.progress(`round ${round} of ${roundCount}`);
    alone.push(await runLimitRound(bench));
    grouped.push(await runLimitRound(bench, GROUPED));
  }
  return { cold, alone, grouped };
}

interface Figures {
  rate: number;
  p50Ms: number;
  p99Ms: number;
  failedCount: number;
}

function figuresOf(rounds: readonly LimitRound[]): Figures {
  return {
    rate: median(rounds.map(({ ratePerSecond }) => ratePerSecond)),
    p50Ms: median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 50))),
    p99Ms: median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 99))),
    failedCount: sum(rounds.map((round) => round.failedCount)),
  };
}

function rowOf(title: string, { rate, p50Ms, p99Ms, failedCount }: Figures): Cell[] {
  return [title, rate, p50Ms, p99Ms, failedCount];
}

function resultOf({ cold, alone, grouped }: Measured): ScenarioResult {
  const coldFigures = figuresOf([cold]);
  const aloneFigures = figuresOf(alone);
  const groupedFigures = figuresOf(grouped);
  return {
    columns: ['', 'allocations/s', 'p50 of a transaction (ms)', 'p99 of a transaction (ms)', 'not made'],
    rows: [
      rowOf('one transaction each, cold (first round, thrown away)', coldFigures),
      rowOf(`one transaction each, warm, median of ${alone.length} rounds`, aloneFigures),
      rowOf('grouped: eight to a transaction, warm, as many rounds', groupedFigures),
    ],
    notes: [
      LIMIT_NOTE,
      GROUPED_LIMIT_NOTE,
      `Each round is ${ALLOCATIONS_PER_ROUND} allocations in a table of ${POOL_SIZE} untouched sandboxes; the two kinds ` +
        'take turns.',
    ],
    values: {
      limit_transactions_per_second: aloneFigures.rate,
      limit_cold_transactions_per_second: coldFigures.rate,
      limit_p50_ms: aloneFigures.p50Ms,
      limit_p99_ms: aloneFigures.p99Ms,
      limit_failed_count: aloneFigures.failedCount,
      limit_grouped_allocations_per_second: groupedFigures.rate,
      limit_grouped_p50_ms: groupedFigures.p50Ms,
      limit_grouped_p99_ms: groupedFigures.p99Ms,
      limit_grouped_failed_count: groupedFigures.failedCount,
    },
  };
}
