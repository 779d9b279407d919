import { API_PROCESS_COUNT, CLIENT_NOTE, LATENCY_NOTE, RATE_LIMIT_NOTE } from '../bench-system';
import { buildsOf, inTurns, SHARED_MACHINE_NOTE, spread, type Build } from '../partial-failure/builds';
import { runPrefixFloodRound, type PrefixFloodRound } from '../partial-failure/prefix-flood-round';
import type { Cell, Scenario, ScenarioResult } from '../scenario';
import { formatCell } from '../report/format-table';
import { median, sum } from '../statistics';

const ROUND_COUNT = { full: 3, quick: 1 };
const FLOOD = {
  durationMs: 8_000,
  madeUpPerSecond: 200,
  anyPerSecond: 30,
  byPrefixPerSecond: 5,
};

/** Made-up name prefixes, each of which takes a search of the whole index, while others ask for what there is. */
export const madeUpPrefixesScenario: Scenario = {
  name: 'made-up-prefixes',
  title: `${FLOOD.madeUpPerSecond} made-up prefixes a second beside ${FLOOD.anyPerSecond} honest allocations a second, ${API_PROCESS_COUNT} API processes`,
  canCompare: true,
  run: async (context) => {
    const roundCount = context.roundCount ?? (context.isQuick ? ROUND_COUNT.quick : ROUND_COUNT.full);
    const measured = await inTurns(buildsOf(context), roundCount, async (build, round) => {
      context.progress(`${build.label}, round ${round} of ${roundCount}`);
      return runPrefixFloodRound(context, build, FLOOD);
    });
    return resultOf([...measured]);
  },
};

const KINDS = ['any', 'byPrefix'] as const;
const KIND_LABELS = { any: 'any sandbox', byPrefix: 'by a prefix that 500 of 2,500 have' };
const VALUE_NAMES = { any: 'honest', byPrefix: 'honest_by_prefix' };

type Kind = (typeof KINDS)[number];

function resultOf(measured: [Build, PrefixFloodRound[]][]): ScenarioResult {
  const values: Record<string, number> = {};
  const rows: Cell[][] = [];
  const bars: { label: string; value: number }[] = [];
  for (const kind of KINDS) {
    for (const [build, rounds] of measured) {
      rows.push(cellsOf(kind, build, rounds));
      Object.assign(values, valuesOf(kind, build, rounds));
    }
  }
  for (const [build, rounds] of measured) {
    values[`made_up_${build.key}_double_count`] = sum(rounds.map(({ doubleCount }) => doubleCount));
    values[`made_up_${build.key}_unfounded_count`] = sum(rounds.map(({ unfoundedCount }) => unfoundedCount));
    values[`made_up_${build.key}_p50_ms`] = median(rounds.map(({ madeUp }) => madeUp.p50Ms));
    bars.push({ label: build.label, value: values[`honest_${build.key}_p50_ratio`] ?? 0 });
  }
  return {
    columns: [
      'honest calls',
      'build',
      'p50 undisturbed (ms)',
      'p50 disturbed (ms)',
      'ratio',
      'p99 disturbed (ms)',
      'calls disturbed',
      'of them not served',
      'false 409s',
      'doubles',
      'unfounded answers',
    ],
    rows,
    notes: [
      `Both halves of a round take ${FLOOD.durationMs / 1_000} s, in the same processes, after a warm-up: honest calls alone, then the ` +
        `same with the flood. Each made-up call names another caller and another prefix. Honest calls by prefix: ` +
        `${FLOOD.byPrefixPerSecond} a second in both halves.`,
      'Ratio: the p50 disturbed against that undisturbed, of each round. Figures are medians of the rounds with the smallest ' +
        'and the largest; calls that were not served, false 409s, doubles and unfounded answers are totals.',
      ...measured.map(([build, rounds]) => floodNote(build, rounds)),
      'Calls are sent at their time whether or not earlier ones have been answered, spread evenly with a random shift.',
      SHARED_MACHINE_NOTE,
      LATENCY_NOTE,
      RATE_LIMIT_NOTE,
      CLIENT_NOTE,
    ],
    values,
    charts: [{ title: 'Honest p50 with 200 made-up prefixes a second', axis: 'times undisturbed', bars }],
  };
}

function cellsOf(kind: Kind, build: Build, rounds: readonly PrefixFloodRound[]): Cell[] {
  const each = (pick: (round: PrefixFloodRound) => number): string => spread(rounds.map(pick), formatCell);
  const total = (pick: (round: PrefixFloodRound) => number): number => sum(rounds.map(pick));
  return [
    KIND_LABELS[kind],
    build.label,
    each((round) => round.undisturbed[kind].p50Ms),
    each((round) => round.disturbed[kind].p50Ms),
    each((round) => ratioOf(kind, round)),
    each((round) => round.disturbed[kind].p99Ms),
    total((round) => round.disturbed[kind].callCount),
    total((round) => notServed(kind, round)),
    total((round) => round.undisturbed[kind].falseEmptyCount + round.disturbed[kind].falseEmptyCount),
    total((round) => round.doubleCount),
    total((round) => round.unfoundedCount),
  ];
}

function valuesOf(kind: Kind, build: Build, rounds: readonly PrefixFloodRound[]): Record<string, number> {
  const middle = (pick: (round: PrefixFloodRound) => number): number => median(rounds.map(pick));
  const prefix = `${VALUE_NAMES[kind]}_${build.key}`;
  return {
    [`${prefix}_undisturbed_p50_ms`]: middle((round) => round.undisturbed[kind].p50Ms),
    [`${prefix}_disturbed_p50_ms`]: middle((round) => round.disturbed[kind].p50Ms),
    [`${prefix}_disturbed_p99_ms`]: middle((round) => round.disturbed[kind].p99Ms),
    [`${prefix}_p50_ratio`]: middle((round) => ratioOf(kind, round)),
    [`${prefix}_p50_ratio_worst`]: Math.max(...rounds.map((round) => ratioOf(kind, round))),
    [`${prefix}_not_served_count`]: sum(rounds.map((round) => notServed(kind, round))),
    [`${prefix}_false_409_count`]: sum(
      rounds.map((round) => round.undisturbed[kind].falseEmptyCount + round.disturbed[kind].falseEmptyCount),
    ),
  };
}

function ratioOf(kind: Kind, { disturbed, undisturbed }: PrefixFloodRound): number {
  return disturbed[kind].p50Ms / undisturbed[kind].p50Ms;
}

function notServed(kind: Kind, { disturbed }: PrefixFloodRound): number {
  return disturbed[kind].callCount - disturbed[kind].servedCount;
}

function floodNote(build: Build, rounds: readonly PrefixFloodRound[]): string {
  const counts: Record<string, number> = {};
  for (const [status, count] of rounds.flatMap(({ madeUp }) => Object.entries(madeUp.countByStatus))) {
    counts[status] = (counts[status] ?? 0) + count;
  }
  const described = Object.entries(counts)
    .map(([status, count]) => `${count} × ${status === '0' ? 'no answer' : status}`)
    .join(', ');
  const p50Ms = median(rounds.map(({ madeUp }) => madeUp.p50Ms));
  return `The made-up prefixes, ${build.label}: answered ${described}, p50 ${Math.round(p50Ms)} ms.`;
}
