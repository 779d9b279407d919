import type { Cell } from '../scenario';
import { median, sum } from '../statistics';
import { spread, type Build } from './builds';
import type { FailureRound } from './failure-round';

/** Headings of {@link failureCells}. */
export const FAILURE_COLUMNS = [
  '',
  'build',
  'healthy callers',
  'of them 503',
  'of them served',
  'last of them served after (ms)',
  'last answer after (ms)',
  'all served',
  'false 409s',
  'doubles',
  'unfounded answers',
];

/** A row of the table: medians with the smallest and largest of the rounds, totals of what must not happen. */
export function failureCells(what: string, build: Build, rounds: readonly FailureRound[]): Cell[] {
  const each = (pick: (round: FailureRound) => number, format = rounded): string =>
    spread(rounds.map(pick), format);
  const total = (pick: (round: FailureRound) => number): number => sum(rounds.map(pick));
  return [
    what,
    build.label,
    each((round) => round.healthyCount),
    each((round) => round.unavailableCount),
    each(servedShare, percent),
    each((round) => round.lastServedMs),
    each((round) => round.lastAnswerMs),
    each((round) => round.allServedCount),
    total((round) => round.falseEmptyCount),
    total((round) => round.doubleCount),
    total((round) => round.unfoundedCount),
  ];
}

/** The figures of a row, by names that begin with this prefix. */
export function failureValues(prefix: string, rounds: readonly FailureRound[]): Record<string, number> {
  const total = (pick: (round: FailureRound) => number): number => sum(rounds.map(pick));
  const middle = (pick: (round: FailureRound) => number): number => median(rounds.map(pick));
  const values = {
    healthy_count: total((round) => round.healthyCount),
    served_count: total((round) => round.servedCount),
    unavailable_count: total((round) => round.unavailableCount),
    unavailable_worst_count: Math.max(...rounds.map((round) => round.unavailableCount)),
    served_share: total((round) => round.servedCount) / total((round) => round.healthyCount),
    served_share_worst: Math.min(...rounds.map(servedShare)),
    last_served_ms: middle((round) => round.lastServedMs),
    last_answer_ms: middle((round) => round.lastAnswerMs),
    all_served_count: total((round) => round.allServedCount),
    false_409_count: total((round) => round.falseEmptyCount),
    double_count: total((round) => round.doubleCount),
    unfounded_count: total((round) => round.unfoundedCount),
    untold_count: total((round) => round.untoldCount),
    faults_median_count: middle((round) => round.faultCount),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]));
}

/** What healthy callers were told instead of a sandbox, in a sentence; nothing when all were served. */
export function failureNote(what: string, build: Build, rounds: readonly FailureRound[]): string[] {
  const counts = new Map<string, number>();
  for (const [failure, count] of rounds.flatMap(({ failures }) => Object.entries(failures))) {
    counts.set(failure, (counts.get(failure) ?? 0) + count);
  }
  if (counts.size === 0) return [];
  const described = [...counts].map(([failure, count]) => `${count} × ${failure}`).join(', ');
  return [`${what}, ${build.label}: healthy callers were answered ${described}, in ${rounds.length} rounds.`];
}

function servedShare({ servedCount, healthyCount }: FailureRound): number {
  return servedCount / healthyCount;
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
