/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import { requestDeletion } from '../../app/allocation/transitions';
import type { Claim, Sandbox } from '../../app/allocation/sandbox';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';
import { RowRefusedError } from '../../app/store/sandbox-store';
import type { NewStoreHarness, StoreHarness } from './store-harness';

const NOW = 1_700_001_000;

/** What {@link SandboxStore.endAllocation}, `endOrphanedClaim` and `add` promise. */
export function describeOtherWrites(newHarness: NewStoreHarness): void {
  let harness: StoreHarness;

  beforeEach(async () => {
    harness = await newHarness();
  });

  describe('endAllocation', () => {
    const before = allocatedSandbox();
    const after = requestDeletion(before, NOW);

    it('moves the sandbox on and ends its claim', async () => {
      await harness.seed({ sandboxes: [before], claims: [claimOf(before)] });

      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'written' });

      expect(await harness.contents()).toEqual({ sandboxes: [after], claims: [] });
    });

    it('takes a row that has no claim', async () => {
      await harness.seed({ sandboxes: [before] });

      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'written' });

      expect(await harness.contents()).toEqual({ sandboxes: [after], claims: [] });
    });

    it('leaves a claim for another sandbox, and ends this allocation all the same', async () => {
      const other = { ...claimOf(before), sandboxId: 'another' };
      await harness.seed({ sandboxes: [before], claims: [other] });

      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'written' });

      expect(await harness.contents()).toEqual({ sandboxes: [after], claims: [other] });
    });

    it.each<[string, Sandbox]>([
      ['is at a later version', allocatedSandbox({ version: before.version + 1 })],
      ['is released already', after],
      ['has another status at the same version', pendingDeletionSandbox({ version: before.version })],
    ])('changes nothing when the row %s', async (_what, row) => {
      await harness.seed({ sandboxes: [row], claims: [claimOf(before)] });

      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'changed' });

      expect(await harness.contents()).toEqual({ sandboxes: [row], claims: [claimOf(before)] });
    });

    it('changes nothing when the row has moved on and the claim is for another sandbox', async () => {
      const row = allocatedSandbox({ version: before.version + 1 });
      const other = { ...claimOf(before), sandboxId: 'another' };
      await harness.seed({ sandboxes: [row], claims: [other] });

      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'changed' });

      expect(await harness.contents()).toEqual({ sandboxes: [row], claims: [other] });
    });

    it('makes no row of one that is gone', async () => {
      expect(await harness.store.endAllocation(before, after)).toEqual({ kind: 'changed' });

      expect(await harness.contents()).toEqual({ sandboxes: [], claims: [] });
    });

    it('lets the same caller and key allocate again', async () => {
      const next = availableSandbox({ sandboxId: '2' });
      await harness.seed({ sandboxes: [before, next], claims: [claimOf(before)] });
      await harness.store.endAllocation(before, after);

      const allocated = allocatedSandbox({ sandboxId: '2', version: next.version + 1 });
      expect(await harness.store.allocate(next, allocated)).toEqual({ kind: 'allocated' });
    });
  });

  describe('endOrphanedClaim', () => {
    const claim: Claim = claimOf(allocatedSandbox());
    const { available, pending_deletion, deletion_failed, stale, deleted } = SAMPLE_OF_STATUS;

    it.each<Sandbox>([available, pending_deletion, deletion_failed, stale, deleted])(
      'ends one whose sandbox is $status',
      async (sandbox) => {
        await harness.seed({ sandboxes: [sandbox], claims: [claim] });

        expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'written' });

        expect(await harness.contents()).toEqual({ sandboxes: [sandbox], claims: [] });
      },
    );

    it('ends one whose sandbox is not there', async () => {
      await harness.seed({ claims: [claim] });

      expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'written' });

      expect((await harness.contents()).claims).toEqual([]);
    });

    it.each([
      ['another caller', { ...SAMPLE_ALLOCATION, caller: 'another' }],
      ['another key of the caller', { ...SAMPLE_ALLOCATION, idempotencyKey: 'another' }],
    ])('ends one whose sandbox is allocated to %s', async (_who, allocation) => {
      const sandbox = allocatedSandbox({ allocation });
      await harness.seed({ sandboxes: [sandbox], claims: [claim] });

      expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'written' });

      expect(await harness.contents()).toEqual({ sandboxes: [sandbox], claims: [] });
    });

    it('leaves one whose sandbox is allocated to its caller and key', async () => {
      await harness.seed({ sandboxes: [allocatedSandbox()], claims: [claim] });

      expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'changed' });

      expect((await harness.contents()).claims).toEqual([claim]);
    });

    it('leaves one that is for another sandbox by now', async () => {
      const next = { ...claim, sandboxId: 'another' };
      await harness.seed({ claims: [next] });

      expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'changed' });

      expect((await harness.contents()).claims).toEqual([next]);
    });

    it('is late for one that has ended', async () => {
      expect(await harness.store.endOrphanedClaim(claim)).toEqual({ kind: 'changed' });
    });
  });

  describe('add', () => {
    it('adds a sandbox that the table does not know', async () => {
      const sandbox = availableSandbox();

      expect(await harness.store.add(sandbox)).toEqual({ kind: 'written' });

      expect(await harness.contents()).toEqual({ sandboxes: [sandbox], claims: [] });
    });

    it.each(Object.values(SAMPLE_OF_STATUS))('leaves a row that is $status as it is', async (row) => {
      await harness.seed({ sandboxes: [row] });

      expect(await harness.store.add(availableSandbox({ name: 'another-name' }))).toEqual({
        kind: 'changed',
      });

      expect(await harness.contents()).toEqual({ sandboxes: [row], claims: [] });
    });

    it.each(Object.values(SAMPLE_OF_STATUS))(
      'adds no second row for the account of one that is $status',
      async (row) => {
        await harness.seed({ sandboxes: [row] });

        const outcome = await harness.store.add(availableSandbox({ sandboxId: 'another-csp-id' }));

        expect(outcome).toEqual({ kind: 'identity_conflict', heldBy: row.sandboxId });
        expect(await harness.contents()).toEqual({ sandboxes: [row], claims: [] });
      },
    );

    it('takes an account for the same under another path', async () => {
      const row = availableSandbox();
      await harness.seed({ sandboxes: [row] });
      const externalId = `another/path/${row.externalId.split('/').at(-1) ?? ''}`;

      expect(await harness.store.add(availableSandbox({ sandboxId: 'another-csp-id', externalId }))).toEqual({
        kind: 'identity_conflict',
        heldBy: row.sandboxId,
      });
    });

    it('lets one of many rows for one account win', async () => {
      const rows = Array.from({ length: 8 }, (_, index) => availableSandbox({ sandboxId: `id-${index}` }));

      const outcomes = await Promise.all(rows.map((row) => harness.store.add(row)));

      expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect((await harness.contents()).sandboxes).toHaveLength(1);
    });

    it('says that the row is there when the account belongs to a third one besides', async () => {
      const row = availableSandbox({ externalId: 'identity/accounts/first' });
      const third = availableSandbox({ sandboxId: 'third', externalId: 'identity/accounts/second' });
      await harness.seed({ sandboxes: [row, third] });

      expect(await harness.store.add({ ...row, externalId: third.externalId })).toEqual({ kind: 'changed' });
    });

    it('refuses a row whose external id ends in no account', async () => {
      const sandbox = availableSandbox({ externalId: 'identity/accounts/..' });

      await expect(harness.store.add(sandbox)).rejects.toBeInstanceOf(RowRefusedError);

      expect((await harness.contents()).sandboxes).toEqual([]);
    });
  });
}
