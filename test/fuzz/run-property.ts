import fc from 'fast-check';
import { testSeed } from '../fakes/test-seed';

/** How a fuzz run goes: announced, so that any run can be repeated. */
export interface FuzzSettings {
  seed: number;
  numRuns: number;
}

export interface BatchOptions<Input> {
  /** So many at once; 1 if not given. */
  batchSize?: number;
  /** How an input is shown to people. */
  show?: (input: Input) => string;
}

/** The longest text in a message. */
const MAX_SHOWN = 3_000;

/** That of every gate. */
const FIXED_SEED = 17;

/**
 * The fixed seed and so many runs, unless FUZZ_SEED (a number, or `random`) and FUZZ_RUNS say otherwise. Announces both
 * on standard error.
 */
export function fuzzSettings(what: string, defaultRuns: number): FuzzSettings {
  const seed = testSeed('FUZZ_SEED', FIXED_SEED);
  const numRuns = wholeNumber('FUZZ_RUNS') ?? defaultRuns;
  process.stderr.write(`fuzz of ${what}: FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}\n`);
  return { seed, numRuns };
}

/**
 * Tries inputs in batches, each batch side by side. What is wrong with one is told in words.
 *
 * @throws Error that names the input, as small as one batch gets it with a batch size of one, what was wrong with it, and
 * how to run all of it again.
 */
export async function runProperty<Input>(
  inputs: fc.Arbitrary<Input>,
  faultsOf: (input: Input) => Promise<string[]> | string[],
  { seed, numRuns, batchSize = 1, show = fc.stringify }: FuzzSettings & BatchOptions<Input>,
): Promise<void> {
  const batches = fc.array(inputs, { minLength: batchSize, maxLength: batchSize });
  const property = fc.asyncProperty(batches, async (batch) => {
    const all = await Promise.all(
      batch.map(async (input) => {
        const faults = await faultsOf(input);
        return faults.length === 0 ? [] : [...faults, `after ${show(input)}`];
      }),
    );
    const faults = all.flat();
    if (faults.length > 0) throw new Error(faults.map((fault) => fault.slice(0, MAX_SHOWN)).join('\n'));
  });
  const { failed, errorInstance } = await fc.check(property, {
    seed,
    numRuns: Math.ceil(numRuns / batchSize),
    // A batch says which of its inputs it was; to try smaller ones together says no more.
    endOnFailure: batchSize > 1,
  });
  if (!failed) return;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`${why}\nAgain with FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}.`);
}

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${variable} must be a whole number, not "${text}"`);
  return Number(text);
}
