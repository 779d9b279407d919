import type { AllocationRound } from './allocation-round';
import type { Cell } from './scenario';
import { median, sum } from './statistics';

/** Several rounds of one kind: medians of times and rates, totals of what must not happen. */
export interface RoundSummary {
  allocations_per_second: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  /** Of the round in which it was longest. */
  p99_worst_ms: number;
  last_given_ms: number;
  false_409_count: number;
  failed_count: number;
  double_count: number;
  /** Answers that the table does not bear out. */
  unfounded_count: number;
  /** Students whose call failed although they hold a sandbox now: the same call again gets it. */
  untold_count: number;
  client_cpu_ms_per_call: number;
}

export function summarize(rounds: readonly AllocationRound[]): RoundSummary {
  const middle = (pick: (round: AllocationRound) => number): number => median(rounds.map(pick));
  const total = (pick: (round: AllocationRound) => number): number => sum(rounds.map(pick));
  return {
    allocations_per_second: middle((round) => round.ratePerSecond),
    p50_ms: middle((round) => round.p50Ms),
    p95_ms: middle((round) => round.p95Ms),
    p99_ms: middle((round) => round.p99Ms),
    p99_worst_ms: Math.max(...rounds.map((round) => round.p99Ms)),
    last_given_ms: middle((round) => round.lastGivenMs),
    false_409_count: total((round) => round.falseEmptyCount),
    failed_count: total((round) => sum(Object.values(round.failures))),
    double_count: total((round) => round.doubleCount),
    unfounded_count: total((round) => round.unfoundedCount),
    untold_count: total((round) => round.untoldCount),
    client_cpu_ms_per_call: middle((round) => round.clientCpuMsPerCall),
  };
}

/** Headings of {@link summaryCells}. */
export const SUMMARY_COLUMNS = [
  'allocations/s',
  'p50 (ms)',
  'p95 (ms)',
  'p99 (ms)',
  'p99, worst round (ms)',
  'last given (ms)',
  'false 409s',
  'other failures',
  'doubles',
  'unfounded answers',
];

export function summaryCells(summary: RoundSummary): Cell[] {
  return [
    summary.allocations_per_second,
    summary.p50_ms,
    summary.p95_ms,
    summary.p99_ms,
    summary.p99_worst_ms,
    summary.last_given_ms,
    summary.false_409_count,
    summary.failed_count,
    summary.double_count,
    summary.unfounded_count,
  ];
}

/** The figures under names that begin with the scenario's. */
export function summaryValues(prefix: string, summary: RoundSummary): Record<string, number> {
  return Object.fromEntries(
    Object.entries(summary).map(([name, value]: [string, number]) => [`${prefix}_${name}`, value]),
  );
}

/** What went wrong, in a sentence; nothing when all went well. */
export function failureNotes(rounds: readonly AllocationRound[]): string[] {
  const counts = new Map<string, number>();
  for (const [failure, count] of rounds.flatMap((round) => Object.entries(round.failures))) {
    counts.set(failure, (counts.get(failure) ?? 0) + count);
  }
  if (counts.size === 0) return [];
  const told = [...counts].map(([failure, count]) => `${count} × ${failure}`).join(', ');
  const untoldCount = sum(rounds.map((round) => round.untoldCount));
  return [
    `Other failures were: ${told}. Students did not try again, as a lab script would; ${untoldCount} of them hold a ` +
      'sandbox all the same, and would have got that one.',
  ];
}

/** One round in a few words, for people who wait. */
export function describeRound(round: AllocationRound): string {
  const { studentCount, allocatedCount, ratePerSecond, p99Ms } = round;
  return `${allocatedCount} of ${studentCount} got one, ${Math.round(ratePerSecond)}/s, p99 ${Math.round(p99Ms)} ms`;
}
