import { API_PROCESS_COUNT } from '../bench-system';
import { hangingKeys } from '../partial-failure/key-faults';
import { FAILURE_POOL_SIZE, measureFailures, type FailureCase } from '../partial-failure/measure-failures';
import type { Scenario } from '../scenario';

const CALLER_COUNT = 250;

const CASES: FailureCase[] = [
  {
    key: 'hanging_quarter',
    what: 'a quarter of the keys',
    callerCount: CALLER_COUNT,
    fault: (round) => hangingKeys(1 / 4, round),
  },
];

/** A part of the keys does not answer. */
export const hangingKeysScenario: Scenario = {
  name: 'hanging-keys',
  title: `A quarter of the keys hangs: ${CALLER_COUNT} callers at once, ${API_PROCESS_COUNT} API processes, pool of ${FAILURE_POOL_SIZE}`,
  canCompare: true,
  run: (context) =>
    measureFailures(context, CASES, [
      'A call that names a failing key, of a sandbox or of a claim, is neither carried out nor answered. The keys are chosen ' +
        'by hash, others in each round. The indexes answer, and list sandboxes whose keys hang.',
    ]),
};
