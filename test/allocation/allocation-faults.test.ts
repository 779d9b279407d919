import { CandidateFinder } from '../../app/allocation/candidate-finder';
import {
  AllocationContendedError,
  NoSandboxesAvailableError,
  ServiceUnavailableError,
  type BrokerError,
} from '../../app/errors';
import { scriptedFaults, type Fault } from '../fakes/faulty-store';
import { miss } from '../../app/allocation/transitions';
import { poolViolations } from '../fakes/pool-invariants';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  claimOf,
  SAMPLE_ALLOCATION,
} from '../fakes/sandbox-samples';
import { LAB_SECONDS, newBrokerHarness, newProcess } from './broker-harness';
import { labsOfOneShard } from './finder-harness';

const SANDBOX = availableSandbox();
const HELD = allocatedSandbox();
/** Milliseconds of real time, for the tests in which the time budget runs out. */
const SHORT_BUDGET = { timeBudgetMs: 100 };

describe('AllocationService.allocate, when the store falters', () => {
  it.each<Fault>([
    'conflict_on_claim',
    'conflict_on_sandbox',
    'throttled',
    'throttled_on_claim',
    'throttled_on_sandbox',
    'unavailable',
  ])('tries again after %s, even for the last sandbox', async (fault) => {
    const nextFault = scriptedFaults({ allocate: [fault, fault, fault] });
    const { table, allocate } = newBrokerHarness({ sandboxes: [SANDBOX] }, { nextFault });

    expect(await allocate('student-1')).toMatchObject({ isNew: true, sandbox: { sandboxId: '2009521' } });
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('waits between tries', async () => {
    const nextFault = scriptedFaults({ allocate: ['throttled', 'throttled', 'throttled'] });
    const { clock, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { nextFault });
    const before = clock.nowMs();

    await allocate('student-1');

    expect(clock.nowMs()).toBeGreaterThan(before);
  });

  it('gives the sandbox of its own write whose answer was lost, as new, and no second one', async () => {
    const nextFault = scriptedFaults({ allocate: ['answer_lost'] });
    const { table, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { nextFault });

    const { sandbox, isNew } = await allocate('student-1');

    expect(isNew).toBe(true);
    expect(await table.countByStatus()).toMatchObject({ available: 4, allocated: 1 });
    expect(await table.getSandbox(sandbox.sandboxId)).toEqual(sandbox);
    expect(await allocate('student-1')).toEqual({ sandbox, isNew: false });
  });

  it('does not take the write of another call with the same key for its own, even of the same candidate', async () => {
    const nextFault = scriptedFaults({ allocate: ['unavailable'] });
    const { table, clock, allocate } = newBrokerHarness({ sandboxes: [SANDBOX] }, { nextFault });
    const other = newProcess(table, clock, { seed: 2 });
    const request = { caller: 'student-1', idempotencyKey: 'student-1' };

    const [late, first] = await Promise.all([allocate('student-1'), other.service.allocate(request)]);

    expect(first.isNew).toBe(true);
    expect(late.isNew).toBe(false);
  });

  it('gives the last sandbox to the one whose answer was lost', async () => {
    const nextFault = scriptedFaults({ allocate: ['answer_lost'] });
    const { allocate } = newBrokerHarness({ sandboxes: [SANDBOX] }, { nextFault });

    expect(await allocate('student-1')).toMatchObject({
      isNew: true,
      sandbox: { sandboxId: SANDBOX.sandboxId },
    });
    await expect(allocate('student-2')).rejects.toThrow(NoSandboxesAvailableError);
  });

  it.each(['findAvailable', 'getClaim', 'getSandbox'] as const)(
    'tries again when %s gets no answer',
    async (operation) => {
      const nextFault = scriptedFaults({ [operation]: ['unavailable', 'unavailable'] });
      const harness = newBrokerHarness({ sandboxes: [HELD], claims: [claimOf(HELD)] }, { nextFault });

      expect(await harness.allocate('student-1')).toEqual({ sandbox: HELD, isNew: false });
    },
  );

  it.each<Fault>(['conflict_on_claim', 'throttled', 'unavailable', 'answer_lost'])(
    'ends an allocation past its grace in spite of %s',
    async (fault) => {
      const nextFault = scriptedFaults({ endAllocation: [fault, fault] });
      const { clock, table, allocate } = newBrokerHarness(
        { sandboxes: availableSandboxes(2) },
        { nextFault },
      );
      const { sandbox } = await allocate('student-1');
      await clock.advance(2 * LAB_SECONDS * 1_000);

      const next = await allocate('student-1');

      expect(next.sandbox.sandboxId).not.toBe(sandbox.sandboxId);
      expect(poolViolations(table.contents())).toEqual([]);
    },
  );

  it.each<Fault>(['conflict_on_claim', 'throttled', 'unavailable', 'answer_lost'])(
    'heals a claim without its sandbox in spite of %s',
    async (fault) => {
      const nextFault = scriptedFaults({ endOrphanedClaim: [fault, fault] });
      const claim = { caller: 'student-1', idempotencyKey: 'student-1', sandboxId: 'gone' };
      const harness = newBrokerHarness({ sandboxes: [SANDBOX], claims: [claim] }, { nextFault });

      expect((await harness.allocate('student-1')).isNew).toBe(true);
      expect(poolViolations(harness.table.contents())).toEqual([]);
    },
  );

  it('goes on with the next candidate after lost races, and reports each', async () => {
    const pool = labsOfOneShard(5);
    const { table, lostRaces, allocate } = newBrokerHarness({ sandboxes: pool });
    // It finds all five, and keeps four for later callers. Another process takes those meanwhile.
    await allocate('student-1', { namePrefix: 'lab-' });
    const kept = table.contents().sandboxes.filter(({ status }) => status === 'available');
    for (const { sandboxId } of kept) {
      const allocation = { ...SAMPLE_ALLOCATION, idempotencyKey: sandboxId };
      const taken = allocatedSandbox({ sandboxId, allocation });
      table.seed({ sandboxes: [taken], claims: [claimOf(taken)] });
    }
    table.seed({ sandboxes: [{ ...SANDBOX, name: 'lab-late' }] });

    const { sandbox } = await allocate('student-2', { namePrefix: 'lab-' });

    expect(sandbox.name).toBe('lab-late');
    expect(lostRaces()).toBe(4);
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('gives out a free sandbox that a sync has just touched, though the index still shows it as it was', async () => {
    const { table, lostRaces, allocate } = newBrokerHarness({ sandboxes: [SANDBOX] }, { indexLagMs: 60_000 });
    table.rows.write(miss(SANDBOX, SANDBOX.updatedAt));

    const { sandbox } = await allocate('student-1');

    expect(sandbox.sandboxId).toBe(SANDBOX.sandboxId);
    expect(lostRaces()).toBe(0);
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('does not give it to one who asked for the name that it had', async () => {
    const { table, allocate } = newBrokerHarness(
      { sandboxes: [{ ...SANDBOX, name: 'gpu-1' }] },
      { indexLagMs: 60_000, timeBudgetMs: 300 },
    );
    table.rows.write({ ...SANDBOX, name: 'cpu-1', version: SANDBOX.version + 1 });

    await expect(allocate('student-1', { namePrefix: 'gpu-' })).rejects.toThrow();

    expect((await allocate('student-2')).sandbox.name).toBe('cpu-1');
  });

  it('forgets a candidate that turned out to be gone while its caller held another', async () => {
    const pool = labsOfOneShard(3);
    const { table, lostRaces, allocate } = newBrokerHarness({ sandboxes: pool });
    const mine = await allocate('student-1', { namePrefix: 'lab-' });
    // The other two are kept. Another process takes both.
    for (const { sandboxId } of pool.filter((each) => each.sandboxId !== mine.sandbox.sandboxId)) {
      const allocation = { ...SAMPLE_ALLOCATION, idempotencyKey: sandboxId };
      const taken = allocatedSandbox({ sandboxId, allocation });
      table.seed({ sandboxes: [taken], claims: [claimOf(taken)] });
    }

    // Each repetition tries one of them, and learns that it is gone.
    await allocate('student-1', { namePrefix: 'lab-' });
    await allocate('student-1', { namePrefix: 'lab-' });

    await expect(allocate('student-2', { namePrefix: 'lab-' })).rejects.toThrow(NoSandboxesAvailableError);
    expect(lostRaces()).toBe(0);
  });

  it('lets a caller who tries again go first', async () => {
    const take = jest.spyOn(CandidateFinder.prototype, 'take');
    const nextFault = scriptedFaults({ allocate: ['conflict_on_sandbox', 'throttled'] });
    const { allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { nextFault });

    await allocate('student-1');

    expect(take.mock.calls.map(([, , isRetry]) => isRetry)).toEqual([false, true, true]);
    take.mockRestore();
  });

  it('counts a conflict over the sandbox as a lost race, and one over the claim not', async () => {
    const nextFault = scriptedFaults({ allocate: ['conflict_on_sandbox', 'conflict_on_claim', 'throttled'] });
    const { lostRaces, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { nextFault });

    await allocate('student-1');

    expect(lostRaces()).toBe(1);
  });
});

describe('AllocationService, when its time budget runs out', () => {
  function always(fault: Fault): () => Fault {
    return () => fault;
  }

  it.each<Fault>(['conflict_on_claim', 'conflict_on_sandbox', 'throttled'])(
    'says of allocate under nothing but %s that too many asked at once',
    async (fault) => {
      const nextFault = (operation: string): Fault | undefined =>
        operation === 'allocate' ? fault : undefined;
      const harness = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { ...SHORT_BUDGET, nextFault });

      await expect(harness.allocate('student-1')).rejects.toThrow(AllocationContendedError);
      expect(harness.table.contents().claims).toEqual([]);
    },
  );

  it('says that the service is unavailable when the store never answers', async () => {
    const harness = newBrokerHarness(
      { sandboxes: [HELD] },
      { ...SHORT_BUDGET, nextFault: always('unavailable') },
    );

    await expect(harness.allocate('student-1')).rejects.toThrow(ServiceUnavailableError);
    await expect(harness.get(HELD.sandboxId, 'student-1')).rejects.toThrow(ServiceUnavailableError);
    await expect(harness.markForDeletion(HELD.sandboxId, 'student-1')).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(harness.logLines.every(({ level }) => level === 40)).toBe(true);
  });

  it('says that the service is unavailable when every answer to a write is lost', async () => {
    const nextFault = (operation: string): Fault | undefined =>
      operation === 'allocate' ? 'answer_lost' : undefined;
    const harness = newBrokerHarness({ sandboxes: availableSandboxes(5) }, { ...SHORT_BUDGET, nextFault });

    await expect(harness.allocate('student-1')).rejects.toThrow(ServiceUnavailableError);
    // However often it tried, it took one.
    expect(harness.table.contents().claims).toHaveLength(1);
    expect(poolViolations(harness.table.contents())).toEqual([]);
  });

  it('says of mark-for-deletion that the service is unavailable when the write never goes through', async () => {
    const nextFault = (operation: string): Fault | undefined =>
      operation === 'endAllocation' ? 'throttled' : undefined;
    const harness = newBrokerHarness({ sandboxes: [HELD] }, { ...SHORT_BUDGET, nextFault });

    await expect(harness.markForDeletion(HELD.sandboxId, 'student-1')).rejects.toThrow(
      ServiceUnavailableError,
    );
  });

  it('lets callers know when to come back', async () => {
    const harness = newBrokerHarness({}, { ...SHORT_BUDGET, nextFault: always('unavailable') });

    const error = (await harness.allocate('student-1').catch((reason: unknown) => reason)) as BrokerError;

    expect(error.status).toBe(503);
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
  });

  it('ends a call whose look at the index never ends', async () => {
    const harness = newBrokerHarness({ sandboxes: [SANDBOX] }, SHORT_BUDGET);
    jest.spyOn(harness.table, 'findAvailable').mockReturnValue(new Promise(() => undefined));

    await expect(harness.allocate('student-1')).rejects.toThrow(AllocationContendedError);
  });
});

describe('AllocationService, when a fault is not the store’s', () => {
  it('lets it show at once', async () => {
    const harness = newBrokerHarness({ sandboxes: [SANDBOX] });
    jest.spyOn(harness.table, 'allocate').mockRejectedValue(new TypeError('a bug'));

    await expect(harness.allocate('student-1')).rejects.toThrow(new TypeError('a bug'));
    expect(harness.store.callCounts.allocate).toBe(1);
  });

  it('gives the candidate free again', async () => {
    const harness = newBrokerHarness({ sandboxes: [SANDBOX] });
    jest.spyOn(harness.table, 'allocate').mockRejectedValueOnce(new TypeError('a bug'));
    await expect(harness.allocate('student-1')).rejects.toThrow('a bug');

    expect((await harness.allocate('student-2')).sandbox.sandboxId).toBe(SANDBOX.sandboxId);
  });
});

describe('AllocationService.markForDeletion, when the store falters', () => {
  it.each<Fault>(['conflict_on_sandbox', 'throttled', 'unavailable', 'answer_lost'])(
    'gives the sandbox back in spite of %s',
    async (fault) => {
      const nextFault = scriptedFaults({ endAllocation: [fault, fault], getSandbox: ['unavailable'] });
      const harness = newBrokerHarness({ sandboxes: [HELD], claims: [claimOf(HELD)] }, { nextFault });

      const answer = await harness.markForDeletion(HELD.sandboxId, 'student-1');

      expect(harness.table.contents()).toEqual({ sandboxes: [answer], claims: [] });
      expect(answer.status).toBe('pending_deletion');
    },
  );
});
