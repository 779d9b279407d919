import { CLIENT_NOTE, LATENCY_NOTE, RATE_LIMIT_NOTE } from '../bench-system';
import type { BenchContext, ScenarioResult } from '../scenario';
import { buildsOf, inTurns, SHARED_MACHINE_NOTE, type Build } from './builds';
import { runFailureRound, type FailureRound } from './failure-round';
import { FAILURE_COLUMNS, failureCells, failureNote, failureValues } from './failure-summary';
import type { KeyFault } from './key-faults';

const ROUND_COUNT = { full: 3, quick: 1 };
/** Sandboxes in the pool before each round. */
export const FAILURE_POOL_SIZE = 2_000;

/** Callers at once while some keys of the table fail. */
export interface FailureCase {
  /** Begins the names of its figures. */
  key: string;
  /** Beside its figures in the table. */
  what: string;
  callerCount: number;
  /** Another one for each round, the same for each build. */
  fault: (round: number) => KeyFault;
}

const SHARED_NOTES = [
  'A proxy between the API processes and the engine fails the calls that name a failing key; it takes part of the two ' +
    'processors in both builds. Each round has an engine and API processes of its own, made warm by a healthy class of 200.',
  'A caller is healthy when the own claim is not among the failing keys. Figures are medians of the rounds with the ' +
    'smallest and the largest; false 409s, doubles and unfounded answers are totals over all callers.',
  SHARED_MACHINE_NOTE,
  LATENCY_NOTE,
  RATE_LIMIT_NOTE,
  CLIENT_NOTE,
];

/** Rounds of all builds in turn, for each case. `notes` come before those that all cases share. */
export async function measureFailures(
  context: BenchContext,
  cases: readonly FailureCase[],
  notes: string[],
): Promise<ScenarioResult> {
  const roundCount = context.roundCount ?? (context.isQuick ? ROUND_COUNT.quick : ROUND_COUNT.full);
  const measured: [FailureCase, Build, FailureRound[]][] = [];
  for (const failureCase of cases) {
    const { what, callerCount, fault } = failureCase;
    const rounds = await inTurns(buildsOf(context), roundCount, async (build, round) => {
      context.progress(`${what}, ${build.label}, round ${round} of ${roundCount}`);
      return runFailureRound(context, build, {
        callerCount,
        poolSize: FAILURE_POOL_SIZE,
        fault: fault(round),
      });
    });
    for (const [build, ofBuild] of rounds) measured.push([failureCase, build, ofBuild]);
  }
  const values = Object.assign(
    {},
    ...measured.map(([{ key }, build, rounds]) => failureValues(`${key}_${build.key}`, rounds)),
  ) as Record<string, number>;
  return {
    columns: FAILURE_COLUMNS,
    rows: measured.map(([{ what }, build, rounds]) => failureCells(what, build, rounds)),
    notes: [
      ...notes,
      ...measured.flatMap(([{ what }, build, rounds]) => failureNote(what, build, rounds)),
      ...SHARED_NOTES,
    ],
    values,
    charts: cases.map(({ key, what }) => ({
      title: `Healthy callers served: ${what}`,
      axis: 'per cent',
      bars: measured
        .filter(([other]) => other.key === key)
        .map(([, build]) => ({
          label: build.label,
          value: 100 * (values[`${key}_${build.key}_served_share`] ?? 0),
        })),
    })),
  };
}
