import { checkWorlds } from './check-worlds';
import { newFakeWorldTable } from './fake-world-table';
import { PLANTED_FAULTS } from './planted-faults';

jest.mock('lru-cache', () => jest.requireActual<object>('./small-lru-cache'));

/** As in the property test itself. */
const RUNS = 3_000;
const MAX_COMMAND_COUNT = 30;

describe('The property test finds it when', () => {
  it.each(PLANTED_FAULTS)(
    '$name',
    async ({ rules, ...plant }) => {
      const { failure } = await checkWorlds({
        newTable: newFakeWorldTable,
        maxCommandCount: MAX_COMMAND_COUNT,
        runs: RUNS,
        plant,
        isQuick: true,
      });

      expect(rules).toContain(failure?.violation?.rule);
    },
    900_000,
  );
});
