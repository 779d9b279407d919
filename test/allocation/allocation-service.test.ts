import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { allocate } from '../../app/allocation/transitions';
import { NoSandboxesAvailableError, NotSandboxOwnerError, SandboxNotFoundError } from '../../app/errors';
import { poolViolations } from '../fakes/pool-invariants';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  claimOf,
  deletedSandbox,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';
import { LAB_SECONDS, newBrokerHarness } from './broker-harness';

const SANDBOX = availableSandbox();

describe('AllocationService.allocate', () => {
  it('gives a caller an available sandbox for the duration of a lab', async () => {
    const { clock, table, allocate: ask } = newBrokerHarness({ sandboxes: [SANDBOX] });
    const now = clock.nowSeconds();

    const result = await ask('student-1', { idempotencyKey: 'key-1', trackName: 'intro' });

    const expected = allocate(SANDBOX, {
      caller: 'student-1',
      idempotencyKey: 'key-1',
      trackName: 'intro',
      allocatedAt: now,
      expiresAt: now + LAB_SECONDS,
    });
    expect(result).toEqual({ sandbox: expected, isNew: true });
    expect(table.contents()).toMatchObject({ sandboxes: [expected], claims: [claimOf(expected)] });
  });

  it('costs one look and one transaction', async () => {
    const { store, allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(1_000) });

    await ask('student-1');
    await ask('student-2');

    expect(store.callCounts).toMatchObject({ findAvailable: 1, allocate: 2, getClaim: 0, getSandbox: 0 });
  });

  it('gives the same sandbox again to the same caller and key', async () => {
    const { allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(10) });
    const first = await ask('student-1');

    const second = await ask('student-1');

    expect(second).toEqual({ sandbox: first.sandbox, isNew: false });
  });

  it('gives the same sandbox again when nothing else is left', async () => {
    const { allocate: ask } = newBrokerHarness({ sandboxes: [SANDBOX] });
    const first = await ask('student-1');

    expect(await ask('student-1')).toEqual({ sandbox: first.sandbox, isNew: false });
    // Within the second in which the pool is known to be empty, too.
    expect(await ask('student-1')).toEqual({ sandbox: first.sandbox, isNew: false });
  });

  it('gives the same sandbox again whatever the name prefix', async () => {
    const { allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(10) });
    const { sandbox } = await ask('student-1');

    expect(await ask('student-1', { namePrefix: 'other-' })).toEqual({ sandbox, isNew: false });
  });

  it('answers many simultaneous calls of one caller with one sandbox, once as new', async () => {
    const { table, allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(60) });

    const results = await Promise.all(Array.from({ length: 50 }, () => ask('student-1')));

    expect(new Set(results.map(({ sandbox }) => sandbox.sandboxId)).size).toBe(1);
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect((await table.countByStatus()).allocated).toBe(1);
  });

  it('gives one caller with two keys two sandboxes', async () => {
    const { allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(10) });

    const first = await ask('student-1', { idempotencyKey: 'key-1' });
    const second = await ask('student-1', { idempotencyKey: 'key-2' });

    expect(second.isNew).toBe(true);
    expect(second.sandbox.sandboxId).not.toBe(first.sandbox.sandboxId);
  });

  it('gives two callers with one key two sandboxes', async () => {
    const { allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(10) });

    const mine = await ask('student-1', { idempotencyKey: 'shared' });
    const theirs = await ask('student-2', { idempotencyKey: 'shared' });

    expect(theirs).toMatchObject({ isNew: true, sandbox: { allocation: { caller: 'student-2' } } });
    expect(theirs.sandbox.sandboxId).not.toBe(mine.sandbox.sandboxId);
  });

  it.each([-5, 5_000_000_000])(
    'gives out a sandbox at place %d of the queue, which no release gave it',
    async (queuePosition) => {
      const { allocate: ask } = newBrokerHarness({ sandboxes: [availableSandbox({ queuePosition })] });

      expect((await ask('student-1')).isNew).toBe(true);
    },
  );

  it('takes only sandboxes whose name begins with the prefix', async () => {
    const needle = availableSandbox({ sandboxId: 'needle', name: 'needle-1' });
    const { allocate: ask } = newBrokerHarness({ sandboxes: [...availableSandboxes(500), needle] });

    expect((await ask('student-1', { namePrefix: 'needle-' })).sandbox.sandboxId).toBe('needle');
    await expect(ask('student-2', { namePrefix: 'needle-' })).rejects.toThrow(NoSandboxesAvailableError);
    await expect(ask('student-2', { namePrefix: 'needle-' })).rejects.toThrow(/X-Sandbox-Name-Prefix/);
    expect((await ask('student-2')).isNew).toBe(true);
  });

  it('says that there is none when there is none', async () => {
    const others = Object.values(SAMPLE_OF_STATUS).filter(({ status }) => status !== 'available');
    const { allocate: ask } = newBrokerHarness({
      sandboxes: others.map((sandbox, index) => ({ ...sandbox, sandboxId: String(index) })),
    });

    await expect(ask('another')).rejects.toThrow(NoSandboxesAvailableError);
  });

  it('says that there is none to exactly those who come too late', async () => {
    const { table, allocate: ask } = newBrokerHarness({ sandboxes: availableSandboxes(30) });

    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => ask(`s-${index}`)));

    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as Error] : [],
    );
    expect(failures).toHaveLength(70);
    expect(failures.filter((error) => !(error instanceof NoSandboxesAvailableError))).toEqual([]);
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('heals a claim that has lost its sandbox, and allocates anew', async () => {
    const claim = { caller: 'student-1', idempotencyKey: 'student-1', sandboxId: 'gone' };
    const { table, logLines, allocate: ask } = newBrokerHarness({ sandboxes: [SANDBOX], claims: [claim] });

    const result = await ask('student-1');

    expect(result).toMatchObject({ isNew: true, sandbox: { sandboxId: SANDBOX.sandboxId } });
    expect(poolViolations(table.contents())).toEqual([]);
    expect(logLines).toMatchObject([{ level: 50, msg: 'ended a claim that had lost its sandbox' }]);
  });

  it.each([
    ['another caller', { ...SAMPLE_ALLOCATION, caller: 'another' }],
    ['another key', { ...SAMPLE_ALLOCATION, idempotencyKey: 'another' }],
  ])('never answers with a sandbox that %s holds, whatever a claim says', async (_who, allocation) => {
    const theirs = allocatedSandbox({ sandboxId: 'theirs', allocation });
    const claim = { caller: 'student-1', idempotencyKey: 'student-1', sandboxId: 'theirs' };
    const harness = newBrokerHarness({ sandboxes: [theirs, SANDBOX], claims: [claim, claimOf(theirs)] });

    expect((await harness.allocate('student-1')).sandbox.sandboxId).toBe(SANDBOX.sandboxId);
    expect(await harness.table.getSandbox('theirs')).toEqual(theirs);
    expect(poolViolations(harness.table.contents())).toEqual([]);
  });

  it('heals a claim although nothing is left, and says so then', async () => {
    const claim = { caller: 'student-1', idempotencyKey: 'student-1', sandboxId: 'gone' };
    const { table, allocate: ask } = newBrokerHarness({ claims: [claim] });

    await expect(ask('student-1')).rejects.toThrow(NoSandboxesAvailableError);
    expect(table.contents().claims).toEqual([]);
  });
});

describe('AllocationService.get', () => {
  it('shows its holder the sandbox', async () => {
    const held = allocatedSandbox();
    const { get } = newBrokerHarness({ sandboxes: [held], claims: [claimOf(held)] });

    expect(await get(held.sandboxId, 'student-1')).toEqual(held);
  });

  it.each([SAMPLE_OF_STATUS.pending_deletion, SAMPLE_OF_STATUS.deletion_failed])(
    'shows its last holder one that is $status',
    async (sandbox) => {
      const { get } = newBrokerHarness({ sandboxes: [sandbox] });

      expect(await get(sandbox.sandboxId, 'student-1')).toEqual(sandbox);
    },
  );

  it('refuses a stranger, and does not say whose it is', async () => {
    const { get } = newBrokerHarness({ sandboxes: [allocatedSandbox()] });

    const refusal = get(SANDBOX.sandboxId, 'stranger');

    await expect(refusal).rejects.toThrow(NotSandboxOwnerError);
    await expect(refusal).rejects.not.toThrow(/student-1/);
  });

  it.each([SAMPLE_OF_STATUS.available, SAMPLE_OF_STATUS.stale])(
    'refuses everybody one that is $status',
    async (sandbox) => {
      const { get } = newBrokerHarness({ sandboxes: [sandbox] });

      await expect(get(sandbox.sandboxId, 'student-1')).rejects.toThrow(NotSandboxOwnerError);
    },
  );

  it('does not find an unknown sandbox, nor a deleted one', async () => {
    const { get } = newBrokerHarness({ sandboxes: [deletedSandbox({ sandboxId: 'deleted' })] });

    await expect(get('unknown', 'student-1')).rejects.toThrow(SandboxNotFoundError);
    await expect(get('deleted', 'student-1')).rejects.toThrow(SandboxNotFoundError);
  });

  it('lets nobody see a sandbox that has come back for others', async () => {
    const again: AvailableSandbox = { ...SANDBOX, version: 9 };
    const { get } = newBrokerHarness({ sandboxes: [again] });

    await expect(get(again.sandboxId, 'student-1')).rejects.toThrow(NotSandboxOwnerError);
  });
});
