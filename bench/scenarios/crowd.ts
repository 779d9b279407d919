import { runAllocationRound, type AllocationRound, type RoundOptions } from '../allocation-round';
import {
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
import type { BenchContext, Scenario, ScenarioResult } from '../scenario';

export interface CrowdOptions extends RoundOptions {
  name: string;
  title: string;
  /** Begins the names of its figures: `last_seats`. */
  valuePrefix: string;
  notes: string[];
  /** The plot, given the result. */
  charts(values: Record<string, number>, context: BenchContext): ScenarioResult['charts'];
}

/** Exactly as many sandboxes as students: nobody may be told that there is none. */
export function crowdScenario(options: CrowdOptions): Scenario {
  const { name, title } = options;
  return {
    name,
    title,
    run: (context) => withBenchSystem(context, {}, (bench) => run(options, context, bench)),
  };
}

async function run(
  options: CrowdOptions,
  context: BenchContext,
  bench: BenchSystem,
): Promise<ScenarioResult> {
  const roundCount = context.isQuick ? 1 : 7;
  context.progress('warming up');
  const cold = await runAllocationRound(bench, options);
  const rounds: AllocationRound[] = [];
  for (let turn = 1; turn <= roundCount; turn += 1) {
    context.progress(`round ${turn} of ${roundCount} (before: ${describeRound(rounds.at(-1) ?? cold)})`);
    rounds.push(await runAllocationRound(bench, options));
  }
  const summary = summarize(rounds);
  const worstMs = Math.max(...rounds.map((round) => round.lastGivenMs));
  const values = {
    ...summaryValues(options.valuePrefix, summary),
    [`${options.valuePrefix}_last_given_worst_ms`]: worstMs,
  };
  return {
    columns: ['', ...SUMMARY_COLUMNS],
    rows: [
      ['cold (first round, thrown away)', ...summaryCells(summarize([cold]))],
      [`warm, median of ${roundCount}`, ...summaryCells(summary)],
    ],
    notes: [
      ...options.notes,
      `Medians of times and rates, totals of failures. The last sandbox was given after ${Math.round(worstMs)} ms in ` +
        'the worst round.',
      ...failureNotes(rounds),
      LATENCY_NOTE,
      RATE_LIMIT_NOTE,
      CLIENT_NOTE,
    ],
    values,
    charts: options.charts(values, context),
  };
}
