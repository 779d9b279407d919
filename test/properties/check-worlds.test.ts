import * as fc from 'fast-check';
import { checkWorlds, type CheckOptions } from './check-worlds';
import { newFakeWorldTable } from './fake-world-table';
import { PLANTED_FAULTS } from './planted-faults';
import { programs } from './program';
import { runProgram } from './run-program';

jest.mock('lru-cache', () => jest.requireActual<object>('./small-lru-cache'));

const PLANT = PLANTED_FAULTS.find(({ name }) => name === 'giving back does not end the claim');

describe('A property test', () => {
  it('goes the same way twice for the same program', async () => {
    const samples = fc.sample(programs(30), { seed: 5, numRuns: 20 });

    for (const program of samples) {
      const first = await runProgram(program, newFakeWorldTable);
      expect(await runProgram(program, newFakeWorldTable)).toEqual(first);
    }
  }, 120_000);

  it('says how to see a failure again, and what happened, in words', async () => {
    const options: CheckOptions = {
      newTable: newFakeWorldTable,
      maxCommandCount: 6,
      runs: 200,
      plant: PLANT,
      replay: '--testPathPatterns this',
    };

    const { failure } = await checkWorlds(options);

    const [, seed, path] =
      /PROPERTY_SEED=(\d+) PROPERTY_PATH='([\d:]+)' npx jest --testPathPatterns this/.exec(
        failure?.report ?? '',
      ) ?? ['', '', ''];
    expect(failure?.report).toMatch(/"claims match allocations" was broken: .* claims sandbox/);
    expect(failure?.report).toMatch(/endAllocation: \d+ allocated → pending_deletion/);
    const again = await checkWorlds({ ...options, seed: Number(seed), path, isQuick: true });
    expect(JSON.stringify(again.failure?.program)).toBe(JSON.stringify(failure?.program));
    expect(again.failure?.violation?.what).toBe(failure?.violation?.what);
  }, 120_000);
});
