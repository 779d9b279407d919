import { answerFaults, isRefusal } from './answer-faults';
import { startFuzzApi, type FuzzApi } from './fuzz-api';
import { exchangeRaw } from './raw-exchange';
import { rawRequest, shownRaw } from './raw-request';
import { fuzzSettings, runProperty } from './run-property';

// A busy machine must fail none.
jest.setTimeout(180_000);

const ERROR = 50;
/** Side by side: most of an exchange is waiting. */
const AT_ONCE = 16;

let api: FuzzApi;

afterEach(async () => {
  await api.stop();
});

it('answers bytes that are hardly HTTP with nothing but well-formed errors, and tells of each refusal', async () => {
  const { seed, numRuns } = fuzzSettings('raw connections in this process', 800);
  api = await startFuzzApi(seed);
  const statuses = new Map<number, number>();
  let refused = 0;

  await runProperty(
    rawRequest(api.routes, api.world),
    async (pieces) => {
      const { answers, faults } = await exchangeRaw(api.port, pieces);
      refused += answers.filter(isRefusal).length;
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      return [
        ...faults,
        ...answers.flatMap((answer) => [...answerFaults(answer, {}, api), ...api.causeOf(answer)]),
      ];
    },
    { seed, numRuns, batchSize: AT_ONCE, show: shownRaw },
  );

  const tally = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
  process.stderr.write(`  ${tally.join(', ')}; ${refused} refused\n`);
  expect(refused).toBeGreaterThan(numRuns / 10);
  // Some are answered to somebody who has gone.
  expect(api.refusals.length).toBeGreaterThanOrEqual(refused);
  expect([...statuses.keys()].some((status) => status < 300)).toBe(true);
  expect(api.logLines.filter(({ level }) => Number(level) >= ERROR)).toEqual([]);
  expect(api.poolViolations()).toEqual([]);
});
