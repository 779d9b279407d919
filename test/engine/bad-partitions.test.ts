import { systemClock } from '../../app/allocation/clock';
import { DynamoSandboxStore } from '../../app/store/dynamo-sandbox-store';
import { newProcess } from '../allocation/broker-harness';
import { keyedFaultClient } from '../fakes/keyed-fault-client';
import { claimPartition, faultOfShard, faultOfShare, type FaultOfKey } from '../fakes/keyed-faults';
import { silentLogger } from '../fakes/loggers';
import { poolViolations } from '../fakes/pool-invariants';
import { availableSandboxes } from '../fakes/sandbox-samples';
import { EngineTables } from './engine-tables';

/** Real time: so long that no machine is too slow for a healthy call. */
const PATIENT_MS = 15_000;
const CALLERS = 120;

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

/** One process on a new table, behind a client with bad partition keys; who of its callers was not served. */
async function unservedOf(faultOf: FaultOfKey, timeBudgetMs: number): Promise<Set<string>> {
  const { client, names, seed, contents } = await tables.newHarness();
  await seed({ sandboxes: availableSandboxes(3 * CALLERS) });
  const store = new DynamoSandboxStore(keyedFaultClient(client, faultOf), names, silentLogger);
  const { service } = newProcess(store, systemClock, { timeBudgetMs });
  const callers = Array.from({ length: CALLERS }, (_, index) => `student-${index}`);
  const results = await Promise.allSettled(
    callers.map((caller) => service.allocate({ caller, idempotencyKey: caller })),
  );
  expect(poolViolations(await contents())).toEqual([]);
  return new Set(callers.filter((_, index) => results[index]?.status === 'rejected'));
}

describe('Many callers on the engine', () => {
  it('are all served while one of eight shards is throttled', async () => {
    expect([...(await unservedOf(faultOfShard(5, 'throttled'), PATIENT_MS))]).toEqual([]);
  });

  it('are served, but those with a bad claim, while a quarter of all keys gives no answer', async () => {
    const faultOf = faultOfShare(0.25, 'hanging');
    const isBad = (caller: string): boolean => faultOf(claimPartition(caller, caller), 'write') !== undefined;

    const unserved = await unservedOf(faultOf, 5_000);

    const others = Array.from({ length: CALLERS }, (_, index) => `student-${index}`).filter(
      (caller) => !isBad(caller),
    );
    expect(others.length).toBeGreaterThan(60);
    expect(others.filter((caller) => unserved.has(caller)).length).toBeLessThanOrEqual(others.length * 0.05);
  });
});
