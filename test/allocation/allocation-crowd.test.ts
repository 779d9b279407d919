import { AllocationContendedError, ServiceUnavailableError } from '../../app/errors';
import { observe } from '../fakes/observe';
import { allocatedSandbox, availableSandboxes, claimOf } from '../fakes/sandbox-samples';
import { newBrokerHarness, type BrokerHarness } from './broker-harness';

const HELD = allocatedSandbox();

describe('AllocationService, when more callers come than it lets work at once', () => {
  const ALLOCATIONS = 64;
  const LOOKS = 32;

  /** Holds back every allocation until it is let go. */
  function holdAllocations({ table }: BrokerHarness): (() => void)[] {
    const letGo: (() => void)[] = [];
    const reallyAllocate = table.allocate.bind(table);
    jest.spyOn(table, 'allocate').mockImplementation(async (...args) => {
      await new Promise<void>((resolve) => letGo.push(resolve));
      return reallyAllocate(...args);
    });
    return letGo;
  }

  function allocateMany({ service }: BrokerHarness, count: number): Promise<unknown>[] {
    return Array.from({ length: count }, (_, index) =>
      service.allocate({ caller: `student-${index}`, idempotencyKey: 'key' }),
    );
  }

  it('has 64 allocations under way, and lets the others wait', async () => {
    const harness = newBrokerHarness({ sandboxes: availableSandboxes(200) });
    const letGo = holdAllocations(harness);
    const outcomes = Promise.allSettled(allocateMany(harness, 100));
    await harness.clock.advance(0);
    expect(letGo).toHaveLength(ALLOCATIONS);

    for (const go of letGo.splice(0)) go();
    await harness.clock.advance(0);
    expect(letGo).toHaveLength(100 - ALLOCATIONS);

    for (const go of letGo.splice(0)) go();
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(100).fill('fulfilled'));
  });

  it('lets a crowd wait for longer than the time budget while the line moves', async () => {
    const harness = newBrokerHarness({ sandboxes: availableSandboxes(1_000) }, { timeBudgetMs: 2_000 });
    const stopRuling = harness.clock.ruleTimeouts();
    const reallyAllocate = harness.table.allocate.bind(harness.table);
    jest.spyOn(harness.table, 'allocate').mockImplementation(async (...args) => {
      await harness.clock.sleep(700);
      return reallyAllocate(...args);
    });

    const outcomes = await harness.clock.passUntil(Promise.allSettled(allocateMany(harness, 600)));
    stopRuling();

    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('sends those away who have waited for more than ten seconds', async () => {
    const harness = newBrokerHarness({ sandboxes: availableSandboxes(200) });
    const letGo = holdAllocations(harness);
    const busy = allocateMany(harness, ALLOCATIONS);
    const inLine = observe(harness.service.allocate({ caller: 'late', idempotencyKey: 'late' }));
    await harness.clock.advance(10_001);

    for (const go of letGo.splice(0)) go();
    await Promise.all(busy);
    await harness.clock.advance(0);

    expect(inLine.state).toBeInstanceOf(AllocationContendedError);
    expect(letGo).toHaveLength(0);
  });

  it('lets nobody who looks or gives back wait for allocations', async () => {
    const harness = newBrokerHarness({
      sandboxes: [HELD, ...availableSandboxes(200)],
      claims: [claimOf(HELD)],
    });
    holdAllocations(harness);
    const busy = allocateMany(harness, 300).map(observe);
    await harness.clock.advance(0);

    expect(await harness.get(HELD.sandboxId, 'student-1')).toEqual(HELD);
    expect((await harness.markForDeletion(HELD.sandboxId, 'student-1')).status).toBe('pending_deletion');
    expect(busy.every(({ state }) => state === 'pending')).toBe(true);
  });

  it('lets no allocation wait for those who ask for names that do not exist', async () => {
    const harness = newBrokerHarness({ sandboxes: availableSandboxes(200) }, { latencyMs: 10 });
    const inVain = Array.from({ length: 500 }, (_, index) =>
      observe(
        harness.service.allocate({
          caller: `x-${index}`,
          idempotencyKey: 'x',
          namePrefix: `made-up-${index}`,
        }),
      ),
    );
    const before = harness.clock.monotonicMs();

    await harness.allocate('student-1');

    // A look at the index and a transaction, of ten milliseconds of fake time each: less than one search in vain takes.
    expect(harness.clock.monotonicMs() - before).toBeLessThan(160);
    expect(inVain.filter(({ state }) => state !== 'pending')).toEqual([]);
  });

  it('lets 32 calls look at a time, and the others stand in line', async () => {
    const harness = newBrokerHarness({});
    const letGo: (() => void)[] = [];
    jest.spyOn(harness.table, 'getSandbox').mockImplementation(async () => {
      await new Promise<void>((resolve) => letGo.push(resolve));
      return undefined;
    });
    const calls = Array.from({ length: 40 }, () => harness.service.get('unknown', 'student-1'));
    const outcomes = Promise.allSettled(calls);
    await harness.clock.advance(0);
    expect(letGo).toHaveLength(LOOKS);

    for (const go of letGo.splice(0)) go();
    await harness.clock.advance(0);
    expect(letGo).toHaveLength(40 - LOOKS);

    for (const go of letGo.splice(0)) go();
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(40).fill('rejected'));
  });

  it('sends those away who have stood in line for a look for more than ten seconds', async () => {
    const harness = newBrokerHarness({ sandboxes: [HELD], claims: [claimOf(HELD)] });
    const letGo: (() => void)[] = [];
    const slow = jest.spyOn(harness.table, 'getSandbox').mockImplementation(async () => {
      await new Promise<void>((resolve) => letGo.push(resolve));
      return HELD;
    });
    const busy = Array.from({ length: LOOKS }, () => harness.service.get(HELD.sandboxId, 'student-1'));
    const inLine = observe(harness.service.get(HELD.sandboxId, 'student-1'));
    await harness.clock.advance(10_001);

    for (const go of letGo) go();
    await Promise.all(busy);
    await harness.clock.advance(0);

    expect(inLine.state).toBeInstanceOf(ServiceUnavailableError);
    expect(slow).toHaveBeenCalledTimes(LOOKS);
  });
});
