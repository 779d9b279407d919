import { requestDeletion } from '../../app/allocation/transitions';
import {
  AllocationExpiredError,
  NoSandboxesAvailableError,
  NotSandboxOwnerError,
  SandboxNotFoundError,
} from '../../app/errors';
import { poolViolations } from '../fakes/pool-invariants';
import {
  allocatedSandbox,
  availableSandboxes,
  claimOf,
  deletedSandbox,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';
import { GRACE_SECONDS, LAB_SECONDS, newBrokerHarness } from './broker-harness';

/** The last second in which a sandbox is its holder's. */
const LAST_SECOND = LAB_SECONDS + GRACE_SECONDS;

describe('An allocation whose time is over', () => {
  it('is still answered with until the grace period is over', async () => {
    const { clock, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) });
    const { sandbox } = await allocate('student-1');

    await clock.advance(LAST_SECOND * 1_000);

    expect(await allocate('student-1')).toEqual({ sandbox, isNew: false });
  });

  it('is ended by its holder who asks again later, and gets another sandbox', async () => {
    const { clock, table, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(5) });
    const { sandbox } = await allocate('student-1');

    await clock.advance((LAST_SECOND + 1) * 1_000);
    const next = await allocate('student-1');

    expect(next.isNew).toBe(true);
    expect(next.sandbox.sandboxId).not.toBe(sandbox.sandboxId);
    expect(next.sandbox.allocation.expiresAt).toBe(clock.nowSeconds() + LAB_SECONDS);
    expect(await table.getSandbox(sandbox.sandboxId)).toEqual(requestDeletion(sandbox, clock.nowSeconds()));
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('is ended by its holder even when no other sandbox is left', async () => {
    const { clock, table, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(1) });
    await allocate('student-1');

    await clock.advance((LAST_SECOND + 1) * 1_000);

    await expect(allocate('student-1')).rejects.toThrow(NoSandboxesAvailableError);
    expect(table.contents()).toMatchObject({ sandboxes: [{ status: 'pending_deletion' }], claims: [] });
  });

  it('gives its holder one new sandbox, however many ask at once', async () => {
    const { clock, table, allocate } = newBrokerHarness({ sandboxes: availableSandboxes(20) });
    await allocate('student-1');
    await clock.advance((LAST_SECOND + 1) * 1_000);

    const results = await Promise.all(Array.from({ length: 10 }, () => allocate('student-1')));

    expect(new Set(results.map(({ sandbox }) => sandbox.sandboxId)).size).toBe(1);
    expect(await table.countByStatus()).toMatchObject({ allocated: 1, pending_deletion: 1 });
  });
});

describe('AllocationService.markForDeletion', () => {
  it('gives the sandbox back and ends the claim', async () => {
    const held = allocatedSandbox();
    const { clock, table, markForDeletion } = newBrokerHarness({
      sandboxes: [held],
      claims: [claimOf(held)],
    });
    const expected = requestDeletion(held, clock.nowSeconds());

    expect(await markForDeletion(held.sandboxId, 'student-1')).toEqual(expected);

    expect(table.contents()).toEqual({ sandboxes: [expected], claims: [] });
  });

  it('answers the same when it is repeated, and writes nothing', async () => {
    const held = allocatedSandbox();
    const { clock, store, markForDeletion } = newBrokerHarness({
      sandboxes: [held],
      claims: [claimOf(held)],
    });
    const first = await markForDeletion(held.sandboxId, 'student-1');
    await clock.advance(60_000);

    expect(await markForDeletion(held.sandboxId, 'student-1')).toEqual(first);
    expect(store.callCounts.endAllocation).toBe(1);
  });

  it('answers the same to simultaneous calls', async () => {
    const held = allocatedSandbox();
    const { markForDeletion } = newBrokerHarness({ sandboxes: [held], claims: [claimOf(held)] });

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => markForDeletion(held.sandboxId, 'student-1')),
    );

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it.each([SAMPLE_OF_STATUS.pending_deletion, SAMPLE_OF_STATUS.deletion_failed])(
    'answers the holder of one that expired by itself and is $status',
    async (sandbox) => {
      const { table, markForDeletion } = newBrokerHarness({ sandboxes: [sandbox] });

      expect(await markForDeletion(sandbox.sandboxId, 'student-1')).toEqual(sandbox);
      expect(table.contents()).toEqual({ sandboxes: [sandbox], claims: [] });
    },
  );

  it('takes it until the grace period is over', async () => {
    const { clock, allocate, markForDeletion } = newBrokerHarness({ sandboxes: availableSandboxes(1) });
    const { sandbox } = await allocate('student-1');

    await clock.advance(LAST_SECOND * 1_000);

    expect((await markForDeletion(sandbox.sandboxId, 'student-1')).status).toBe('pending_deletion');
  });

  it('refuses it later, and leaves the sandbox to the job', async () => {
    const { clock, table, allocate, markForDeletion } = newBrokerHarness({
      sandboxes: availableSandboxes(1),
    });
    const { sandbox } = await allocate('student-1');

    await clock.advance((LAST_SECOND + 1) * 1_000);

    await expect(markForDeletion(sandbox.sandboxId, 'student-1')).rejects.toThrow(AllocationExpiredError);
    expect(await table.getSandbox(sandbox.sandboxId)).toEqual(sandbox);
  });

  it('lets the same caller and key allocate again, and get another sandbox', async () => {
    const { table, allocate, markForDeletion } = newBrokerHarness({ sandboxes: availableSandboxes(5) });
    const { sandbox } = await allocate('student-1');
    await markForDeletion(sandbox.sandboxId, 'student-1');

    const next = await allocate('student-1');

    expect(next.isNew).toBe(true);
    expect(next.sandbox.sandboxId).not.toBe(sandbox.sandboxId);
    expect(poolViolations(table.contents())).toEqual([]);
  });

  it('goes on answering for the old one after the caller has got another', async () => {
    const { table, allocate, markForDeletion } = newBrokerHarness({ sandboxes: availableSandboxes(5) });
    const { sandbox: old } = await allocate('student-1');
    await markForDeletion(old.sandboxId, 'student-1');
    const { sandbox: next } = await allocate('student-1');

    expect((await markForDeletion(old.sandboxId, 'student-1')).status).toBe('pending_deletion');
    expect(await table.getSandbox(next.sandboxId)).toEqual(next);
    expect(await table.getClaim('student-1', 'student-1')).toMatchObject(claimOf(next));
  });

  it('refuses a stranger, and changes nothing', async () => {
    const held = allocatedSandbox();
    const before = { sandboxes: [held], claims: [claimOf(held)] };
    const { table, markForDeletion } = newBrokerHarness(before);

    await expect(markForDeletion(held.sandboxId, 'stranger')).rejects.toThrow(NotSandboxOwnerError);
    expect(table.contents()).toEqual(before);
  });

  it('does not find an unknown sandbox, nor a deleted one', async () => {
    const { markForDeletion } = newBrokerHarness({ sandboxes: [deletedSandbox({ sandboxId: 'deleted' })] });

    await expect(markForDeletion('unknown', 'student-1')).rejects.toThrow(SandboxNotFoundError);
    await expect(markForDeletion('deleted', 'student-1')).rejects.toThrow(SandboxNotFoundError);
  });
});
