import { withBenchSystem, type BenchSystem } from '../bench-system';
import { LIMIT_CLIENT_COUNT, LIMIT_CONCURRENCY, type LimitRound } from '../limit/limit-clients';
import type { Scenario } from '../scenario';
import { median, percentile, sum } from '../statistics';

const TRANSACTIONS_PER_ROUND = 1_000;
/** The same table as a stampede finds. */
const POOL_SIZE = 2_000;

/** One round of the bare clients on a fresh pool. */
export async function runLimitRound(bench: BenchSystem): Promise<LimitRound> {
  const sandboxes = await bench.pool.refill([{ count: POOL_SIZE, namePrefix: 'bench-' }]);
  return bench.limit().take(sandboxes.slice(0, TRANSACTIONS_PER_ROUND), 'limit');
}

export const LIMIT_NOTE =
  `The limit: ${LIMIT_CLIENT_COUNT} bare client processes with the app's SDK settings, ${LIMIT_CONCURRENCY} ` +
  'transactions in flight in each (as many as the app works on at once), making the same two-item transaction ' +
  '(put the claim, take the sandbox) on sandboxes that they know beforehand, on the same engine and table.';

/** How fast this machine could allocate if the transaction were all there is to it. */
export const limitScenario: Scenario = {
  name: 'limit',
  title: 'Limit: bare transactions, no API',
  run: (context) =>
    withBenchSystem(context, {}, async (bench) => {
      const roundCount = context.isQuick ? 2 : 7;
      context.progress('warming up');
      const cold = await runLimitRound(bench);
      const rounds: LimitRound[] = [];
      for (let round = 1; round <= roundCount; round += 1) {
        context.progress(`round ${round} of ${roundCount}`);
        rounds.push(await runLimitRound(bench));
      }
      const rate = median(rounds.map(({ ratePerSecond }) => ratePerSecond));
      const p50Ms = median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 50)));
      const p99Ms = median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 99)));
      const failedCount = sum(rounds.map((round) => round.failedCount));
      return {
        columns: ['', 'transactions/s', 'p50 (ms)', 'p99 (ms)', 'failed'],
        rows: [
          [
            'cold (first round, thrown away)',
            cold.ratePerSecond,
            percentile(cold.latenciesMs, 50),
            percentile(cold.latenciesMs, 99),
            cold.failedCount,
          ],
          [`warm, median of ${roundCount} rounds`, rate, p50Ms, p99Ms, failedCount],
        ],
        notes: [
          LIMIT_NOTE,
          `Each round is ${TRANSACTIONS_PER_ROUND} transactions in a table of ${POOL_SIZE} available sandboxes, all new.`,
        ],
        values: {
          limit_transactions_per_second: rate,
          limit_cold_transactions_per_second: cold.ratePerSecond,
          limit_p50_ms: p50Ms,
          limit_p99_ms: p99Ms,
          limit_failed_count: failedCount,
        },
      };
    }),
};
