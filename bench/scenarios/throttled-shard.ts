import { SHARD_COUNT } from '../../app/store/table';
import { API_PROCESS_COUNT } from '../bench-system';
import { throttledShard } from '../partial-failure/key-faults';
import { FAILURE_POOL_SIZE, measureFailures, type FailureCase } from '../partial-failure/measure-failures';
import type { Scenario } from '../scenario';

const CALLER_COUNT = 1_000;

const CASES: FailureCase[] = [
  {
    key: 'throttled_shard',
    what: 'one of eight shards',
    callerCount: CALLER_COUNT,
    fault: (round) => throttledShard(round % SHARD_COUNT),
  },
  {
    key: 'throttled_shard_and_claims',
    what: 'one of eight shards, and an eighth of the claims',
    callerCount: CALLER_COUNT,
    fault: (round) => throttledShard(round % SHARD_COUNT, 1 / SHARD_COUNT),
  },
];

/** A part of the keys is refused for its rate. */
export const throttledShardScenario: Scenario = {
  name: 'throttled-shard',
  title: `One of eight shards throttled: ${CALLER_COUNT} callers at once, ${API_PROCESS_COUNT} API processes, pool of ${FAILURE_POOL_SIZE}`,
  canCompare: true,
  run: (context) =>
    measureFailures(context, CASES, [
      'A transaction that names a sandbox of the shard is cancelled with ThrottlingError as the reason of that item; a query ' +
        "of the shard's index key, or another call for one of the sandboxes, is refused with " +
        'ProvisionedThroughputExceededException. Each round takes another shard.',
    ]),
};
