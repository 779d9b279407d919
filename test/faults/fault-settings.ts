/** How a fault run is chosen from outside. */
export interface FaultSettings {
  /** One run for each. */
  seeds: number[];
  /** How long the faults of each last. */
  seconds: number;
}

const DEFAULT_SECONDS = 25;
/** Short runs meet more starts; long ones more of everything else. */
const DEFAULT_RUNS = 3;
const MAX_SEED = 1_000_000;
/** That of the first run of every gate; the next runs take the next numbers. */
const FIRST_FIXED_SEED = 17;

/**
 * Reads `FAULT_SEED` (one, or several with commas, or `random` for new ones; else the same ones every time),
 * `FAULT_SECONDS` and `FAULT_RUNS`.
 *
 * @throws on what is no whole number.
 */
export function faultSettings(
  env: Record<string, string | undefined>,
  random: () => number = Math.random,
): FaultSettings {
  const runs = wholeNumber(env, 'FAULT_RUNS', DEFAULT_RUNS);
  const given = env.FAULT_SEED ?? '';
  return {
    seeds:
      given === '' || given === 'random'
        ? Array.from({ length: runs }, (_, run) =>
            given === '' ? FIRST_FIXED_SEED + run : Math.floor(random() * MAX_SEED),
          )
        : given.split(',').map((seed) => wholeNumber({ FAULT_SEED: seed.trim() }, 'FAULT_SEED', 0)),
    seconds: wholeNumber(env, 'FAULT_SECONDS', DEFAULT_SECONDS),
  };
}

function wholeNumber(env: Record<string, string | undefined>, name: string, otherwise: number): number {
  const text = env[name] ?? '';
  if (text === '') return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}
