import { SHARD_COUNT, shardOf } from '../../app/store/table';
import {
  claimPartition,
  faultOfShard,
  faultOfShare,
  sandboxPartition,
  type FaultOfKey,
} from '../fakes/keyed-faults';
import { poolViolations } from '../fakes/pool-invariants';
import { availableSandboxes } from '../fakes/sandbox-samples';
import { newBrokerHarness, type BrokerHarness } from './broker-harness';

const BUDGET_MS = 2_000;
const SHARDS = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);

let stopRuling: () => void = () => undefined;

afterEach(() => {
  stopRuling();
});

/** A pool in which some partition keys are bad; the time budget runs in the same, fake time. */
function newHarness(poolSize: number, faultOf: FaultOfKey, seed = 1): BrokerHarness {
  const harness = newBrokerHarness(
    { sandboxes: availableSandboxes(poolSize) },
    { faultOf, latencyMs: 10, timeBudgetMs: BUDGET_MS, seed },
  );
  stopRuling = harness.clock.ruleTimeouts();
  return harness;
}

interface Outcome {
  caller: string;
  error?: string;
}

/** All at once. */
async function allocateAll(
  { service, clock }: BrokerHarness,
  count: number,
  namePrefix?: string,
): Promise<Outcome[]> {
  const calls = Array.from({ length: count }, async (_, index): Promise<Outcome> => {
    const caller = `student-${index}`;
    try {
      await service.allocate({ caller, idempotencyKey: caller, namePrefix });
      return { caller };
    } catch (error) {
      return { caller, error: error instanceof Error ? error.constructor.name : String(error) };
    }
  });
  return clock.passUntil(Promise.all(calls));
}

function failed(outcomes: Outcome[]): Outcome[] {
  return outcomes.filter(({ error }) => error !== undefined);
}

describe('AllocationService, when one of eight shards is throttled', () => {
  // A search begins at a random shard: in one of these cases at the bad one.
  it.each(SHARDS)(
    'serves all of 200 callers while sandboxes of other shards than %i are free',
    async (bad) => {
      const harness = newHarness(500, faultOfShard(bad, 'throttled'));

      expect(failed(await allocateAll(harness, 200))).toHaveLength(0);

      const { sandboxes } = harness.table.contents();
      const taken = sandboxes.filter(({ status }) => status === 'allocated');
      expect(taken).toHaveLength(200);
      expect(taken.filter(({ sandboxId }) => shardOf(sandboxId) === bad)).toEqual([]);
      expect(poolViolations(harness.table.contents())).toEqual([]);
    },
  );

  it.each(SHARDS)('serves them when only writes to shard %i are throttled', async (bad) => {
    const shard = faultOfShard(bad, 'throttled');
    const harness = newHarness(500, (partition, access) =>
      access === 'write' ? shard(partition, access) : undefined,
    );

    expect(failed(await allocateAll(harness, 200))).toHaveLength(0);
  });

  it.each(SHARDS)('serves all who ask by name, while it is shard %i', async (bad) => {
    const harness = newHarness(500, faultOfShard(bad, 'throttled'));

    expect(failed(await allocateAll(harness, 200, 'csp-'))).toHaveLength(0);
  });

  it.each(SHARDS)('serves all when the reads of shard %i get no answer', async (bad) => {
    const shard = faultOfShard(bad, 'hanging');
    const harness = newHarness(500, (partition, access) =>
      access === 'read' ? shard(partition, access) : undefined,
    );

    expect(failed(await allocateAll(harness, 200))).toHaveLength(0);
  });
});

describe('AllocationService, when single keys are bad', () => {
  it('lets only those wait whose own claim is throttled', async () => {
    const bad = new Set(['student-3', 'student-77'].map((caller) => claimPartition(caller, caller)));
    const harness = newHarness(500, (partition) => (bad.has(partition) ? 'throttled' : undefined));

    const callers = failed(await allocateAll(harness, 200)).map(({ caller }) => caller);

    expect(callers).toEqual(['student-3', 'student-77']);
  });

  it('serves at least 95 of 100 others when a quarter of all keys get no answer', async () => {
    const faultOf = faultOfShare(0.25, 'hanging');
    const harness = newHarness(600, faultOf);

    const outcomes = await allocateAll(harness, 250);

    const others = outcomes.filter(
      ({ caller }) => faultOf(claimPartition(caller, caller), 'write') === undefined,
    );
    expect(others.length).toBeGreaterThan(150);
    expect(failed(others).length).toBeLessThanOrEqual(others.length * 0.05);
    expect(poolViolations(harness.table.contents())).toEqual([]);
  });

  it('gives out a sandbox whose key was throttled as soon as it is not any more', async () => {
    const [only] = availableSandboxes(1);
    let isThrottled = true;
    const harness = newHarness(1, (partition) =>
      isThrottled && partition === sandboxPartition(only?.sandboxId ?? '') ? 'throttled' : undefined,
    );
    const calls = allocateAll(harness, 1);
    await harness.clock.advance(1_000);
    isThrottled = false;

    expect(failed(await calls)).toEqual([]);
  });
});
