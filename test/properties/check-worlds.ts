import * as fc from 'fast-check';
import { testSeed } from '../fakes/test-seed';
import type { NewWorldTable } from './pool-world';
import { describeProgram, programs, type Program } from './program';
import { runProgram } from './run-program';
import { Violation } from './violations';
import type { Plant } from './world-member';

export interface CheckOptions {
  newTable: NewWorldTable;
  runs: number;
  maxCommandCount: number;
  plant?: Plant;
  /** Ends at the first failure, without looking for a smaller one. */
  isQuick?: boolean;
  /** {@link FIXED_SEED} unless given. */
  seed?: number;
  /** One world of that seed. */
  path?: string;
  /** How the test is run, for the message: what comes after `npx jest`. */
  replay?: string;
}

/** That of every gate. `npm run test:nightly` looks for what it does not find. */
const FIXED_SEED = 17;

/**
 * The same for a person who wants other runs: `PROPERTY_RUNS`, `PROPERTY_SEED` (a number, or `random`) and
 * `PROPERTY_PATH`.
 */
export function asAskedFor(usualRuns: number): Pick<CheckOptions, 'runs' | 'seed' | 'path'> {
  const { PROPERTY_RUNS: runs, PROPERTY_PATH: path } = process.env;
  return {
    runs: runs === undefined ? usualRuns : Number(runs),
    seed: testSeed('PROPERTY_SEED', FIXED_SEED),
    path,
  };
}

/** What many worlds have shown. */
export interface CheckResult {
  seed: number;
  /** Worlds that were tried. */
  runs: number;
  /** How often what has happened in them. */
  eventCounts: Map<string, number>;
  /** What went wrong, with all that is needed to see it again; `undefined` when nothing did. */
  failure?: { violation: Violation | undefined; report: string; program: Program };
}

/** Runs random programs, each in a world of its own. */
export async function checkWorlds(options: CheckOptions): Promise<CheckResult> {
  const { newTable, maxCommandCount, plant, isQuick = false, seed = FIXED_SEED } = options;
  const eventCounts = new Map<string, number>();
  const property = fc.asyncProperty(programs(maxCommandCount), async (program) => {
    const counts = await runProgram(program, newTable, plant);
    for (const [event, count] of counts) eventCounts.set(event, (eventCounts.get(event) ?? 0) + count);
  });
  const details = await fc.check(property, {
    numRuns: options.runs,
    seed,
    path: options.path,
    endOnFailure: isQuick,
    // Long programs as often as short ones.
    unbiased: true,
  });
  const result = { seed: details.seed, runs: details.numRuns, eventCounts };
  if (!details.failed || !details.counterexample) return result;
  const [program] = details.counterexample;
  const { errorInstance: error, counterexamplePath: path } = details;
  const violation = error instanceof Violation ? error : undefined;
  const report = [
    `Failed after ${details.numRuns} worlds and ${details.numShrinks} steps towards a smaller one. To see it again:`,
    `PROPERTY_SEED=${details.seed} PROPERTY_PATH='${path}' npx jest ${options.replay ?? ''}`,
    describeProgram(program),
    error instanceof Error ? (violation ? error.message : (error.stack ?? error.message)) : String(error),
  ].join('\n');
  return { ...result, failure: { violation, report, program } };
}
