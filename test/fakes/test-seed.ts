/**
 * The seed of a randomized test. The gate must not fail by chance, so it is the same in every run; `random` in the
 * environment variable makes a new one (`npm run test:nightly`), a number repeats a run.
 *
 * @throws Error for any other text in the variable.
 */
export function testSeed(
  variable: string,
  fixed: number,
  env: Record<string, string | undefined> = process.env,
): number {
  const text = env[variable] ?? '';
  if (text === '') return fixed;
  if (text === 'random') return Math.floor(Math.random() * 2 ** 31);
  if (!/^-?\d{1,10}$/.test(text))
    throw new Error(`${variable} must be a whole number or "random", not "${text}"`);
  return Number(text);
}
