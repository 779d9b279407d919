/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import type { AllocatedSandbox, AvailableSandbox } from '../../app/allocation/sandbox';
import { allocate } from '../../app/allocation/transitions';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  claimOf,
  deletedSandbox,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { poolViolations } from '../fakes/pool-invariants';
import type { NewStoreHarness, StoreHarness } from './store-harness';

/** The candidate as it will be in the hands of this caller. */
function inHandsOf(candidate: AvailableSandbox, caller: string, idempotencyKey = caller): AllocatedSandbox {
  return allocate(candidate, { ...SAMPLE_ALLOCATION, caller, idempotencyKey });
}

/** What {@link SandboxStore.allocate} and its claims promise. */
export function describeAllocate(newHarness: NewStoreHarness): void {
  const candidate = availableSandbox();
  let harness: StoreHarness;

  beforeEach(async () => {
    harness = await newHarness();
  });

  describe('allocate', () => {
    it('writes the claim and the sandbox', async () => {
      await harness.seed({ sandboxes: [candidate] });
      const allocated = inHandsOf(candidate, 'student-1', 'key-1');

      expect(await harness.store.allocate(candidate, allocated)).toEqual({ kind: 'allocated' });

      expect(await harness.contents()).toEqual({ sandboxes: [allocated], claims: [claimOf(allocated)] });
      expect(await harness.store.getClaim('student-1', 'key-1')).toEqual({
        caller: 'student-1',
        idempotencyKey: 'key-1',
        sandboxId: candidate.sandboxId,
      });
    });

    it('answers with the claim of a caller and key that hold another sandbox, and writes nothing', async () => {
      const held = allocatedSandbox({ sandboxId: '1' });
      const before = { sandboxes: [held, candidate], claims: [claimOf(held)] };
      await harness.seed(before);

      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-1'));

      expect(outcome).toEqual({ kind: 'already_claimed', claim: claimOf(held), candidateTaken: false });
      expect(inOrder(await harness.contents())).toEqual(inOrder(before));
    });

    it('says so when, besides, the candidate is gone', async () => {
      const held = allocatedSandbox({ sandboxId: '1' });
      await harness.seed({
        sandboxes: [held, pendingDeletionSandbox({ version: candidate.version + 1 })],
        claims: [claimOf(held)],
      });

      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-1'));

      expect(outcome).toEqual({ kind: 'already_claimed', claim: claimOf(held), candidateTaken: true });
    });

    it('answers a repetition with the claim that the first one made', async () => {
      await harness.seed({ sandboxes: [candidate] });
      const allocated = inHandsOf(candidate, 'student-1');
      await harness.store.allocate(candidate, allocated);

      expect(await harness.store.allocate(candidate, allocated)).toEqual({
        kind: 'already_claimed',
        claim: claimOf(allocated),
        candidateTaken: true,
      });
    });

    it.each([
      ['is allocated, at the same version', allocatedSandbox({ version: candidate.version })],
      ['waits for its deletion', pendingDeletionSandbox({ version: candidate.version })],
      ['is stale', staleSandbox({ version: candidate.version })],
      ['is deleted', deletedSandbox({ version: candidate.version })],
    ])('leaves a candidate alone that %s, and makes no claim', async (_what, row) => {
      await harness.seed({ sandboxes: [row] });

      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-2'));

      expect(outcome).toEqual({ kind: 'candidate_taken' });
      expect(await harness.contents()).toEqual({ sandboxes: [row], claims: [] });
    });

    it('shows what has become of a candidate that has changed and still is to be had, and leaves it alone', async () => {
      const current = availableSandbox({ version: candidate.version + 1, name: 'another name' });
      await harness.seed({ sandboxes: [current] });

      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-2'));

      expect(outcome).toEqual({ kind: 'candidate_changed', current });
      expect(await harness.contents()).toEqual({ sandboxes: [current], claims: [] });
      expect(await harness.store.allocate(current, inHandsOf(current, 'student-2'))).toEqual({
        kind: 'allocated',
      });
    });

    it('does not call such a candidate gone to one who holds another sandbox', async () => {
      const held = allocatedSandbox({ sandboxId: '1' });
      const current = availableSandbox({ version: candidate.version + 1 });
      await harness.seed({ sandboxes: [held, current], claims: [claimOf(held)] });

      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-1'));

      expect(outcome).toEqual({ kind: 'already_claimed', claim: claimOf(held), candidateTaken: false });
    });

    it('makes no row of a candidate that is not there', async () => {
      const outcome = await harness.store.allocate(candidate, inHandsOf(candidate, 'student-1'));

      expect(outcome).toEqual({ kind: 'candidate_taken' });
      expect(await harness.contents()).toEqual({ sandboxes: [], claims: [] });
    });

    it('gives one candidate to one of many callers at once', async () => {
      await harness.seed({ sandboxes: [candidate] });
      const callers = Array.from({ length: 20 }, (_, index) => `student-${index}`);

      const outcomes = await Promise.all(
        callers.map((caller) => harness.store.allocate(candidate, inHandsOf(candidate, caller))),
      );

      expect(outcomes.filter(({ kind }) => kind === 'allocated')).toHaveLength(1);
      const contents = await harness.contents();
      expect(contents.claims).toHaveLength(1);
      expect(poolViolations(contents)).toEqual([]);
    });

    it('gives one of many candidates to one caller and key at once', async () => {
      const candidates = availableSandboxes(20);
      await harness.seed({ sandboxes: candidates });

      const outcomes = await Promise.all(
        candidates.map((each) => harness.store.allocate(each, inHandsOf(each, 'student-1'))),
      );

      expect(outcomes.filter(({ kind }) => kind === 'allocated')).toHaveLength(1);
      const contents = await harness.contents();
      expect(contents.sandboxes.filter(({ status }) => status === 'allocated')).toHaveLength(1);
      expect(poolViolations(contents)).toEqual([]);
    });
  });

  it('tells each of a crowd what became of it, when some hold a sandbox and some candidates are gone', async () => {
    const candidates = availableSandboxes(48);
    const crowd = candidates.map((each, index) => ({ each, caller: `student-${index}`, kind: index % 4 }));
    const held = crowd
      .filter(({ kind }) => kind === 1)
      .map(({ caller }) =>
        allocatedSandbox({
          sandboxId: `held-by-${caller}`,
          allocation: { ...SAMPLE_ALLOCATION, caller, idempotencyKey: caller },
        }),
      );
    await harness.seed({
      sandboxes: [
        ...crowd.map(({ each, kind }) =>
          kind === 2
            ? staleSandbox({ sandboxId: each.sandboxId, version: each.version + 1 })
            : kind === 3
              ? { ...each, version: each.version + 1 }
              : each,
        ),
        ...held,
      ],
      claims: held.map(claimOf),
    });

    const outcomes = await Promise.all(
      crowd.map(({ each, caller }) => harness.store.allocate(each, inHandsOf(each, caller))),
    );

    const expected = ['allocated', 'already_claimed', 'candidate_taken', 'candidate_changed'];
    expect(outcomes.map(({ kind }) => kind)).toEqual(crowd.map(({ kind }) => expected[kind]));
    const named = outcomes.map((outcome, index) => {
      if (outcome.kind === 'already_claimed') return outcome.claim.caller === `student-${index}`;
      if (outcome.kind === 'candidate_changed')
        return outcome.current.sandboxId === candidates[index]?.sandboxId;
      return true;
    });
    expect(named).not.toContain(false);
    const contents = await harness.contents();
    expect(contents.sandboxes.filter(({ status }) => status === 'allocated')).toHaveLength(24);
    expect(poolViolations(contents)).toEqual([]);
  });

  describe('claims', () => {
    it.each([
      [
        ['a#b', 'c'],
        ['a', 'b#c'],
      ],
      [
        ['a%23b', 'c'],
        ['a#b', 'c'],
      ],
      [
        ['a%', '23b'],
        ['a', '%23b'],
      ],
      [
        ['a/b', 'c'],
        ['a', 'b/c'],
      ],
      [
        ['a b', 'c'],
        ['a', ' b c'],
      ],
      [
        ['A', 'c'],
        ['a', 'c'],
      ],
    ])('keeps those of %j and %j apart', async ([caller1, key1], [caller2, key2]) => {
      const [first, second] = availableSandboxes(2) as [AvailableSandbox, AvailableSandbox];
      await harness.seed({ sandboxes: [first, second] });

      const outcomes = [
        await harness.store.allocate(first, inHandsOf(first, caller1 ?? '', key1)),
        await harness.store.allocate(second, inHandsOf(second, caller2 ?? '', key2)),
      ];

      expect(outcomes).toEqual([{ kind: 'allocated' }, { kind: 'allocated' }]);
      expect((await harness.store.getClaim(caller1 ?? '', key1 ?? ''))?.sandboxId).toBe(first.sandboxId);
      expect((await harness.store.getClaim(caller2 ?? '', key2 ?? ''))?.sandboxId).toBe(second.sandboxId);
    });

    it('takes every printable character, and as many as a header may have', async () => {
      const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
      const caller = printable + '%'.repeat(256 - printable.length);
      const key = '#'.repeat(256);
      await harness.seed({ sandboxes: [candidate] });

      await harness.store.allocate(candidate, inHandsOf(candidate, caller, key));

      const claim = { caller, idempotencyKey: key, sandboxId: candidate.sandboxId };
      expect(await harness.store.getClaim(caller, key)).toEqual(claim);
      expect(await harness.store.getClaim(key, caller)).toBeUndefined();
    });

    it('are not there for those who hold nothing', async () => {
      expect(await harness.store.getClaim('student-1', 'student-1')).toBeUndefined();
    });
  });
}

function inOrder<T extends { sandboxes: { sandboxId: string }[] }>(contents: T): T {
  const sandboxes = [...contents.sandboxes].sort((a, b) => Number(a.sandboxId) - Number(b.sandboxId));
  return { ...contents, sandboxes };
}
