import { audit } from '../../../bench/pool/audit';
import { allocate, stock } from '../../../app/allocation/transitions';
import { claimToItem, sandboxToItem, type Item } from '../../../app/store/items';

const NOW = 1_800_000_000;

const available = (sandboxId: string): ReturnType<typeof stock> =>
  stock({ sandboxId, name: sandboxId, externalId: `identity/accounts/${sandboxId}` }, 1, NOW);

const allocatedItem = (sandboxId: string, caller: string): Item =>
  sandboxToItem(
    allocate(available(sandboxId), { caller, idempotencyKey: caller, allocatedAt: NOW, expiresAt: NOW + 1 }),
  );

const claimItem = (sandboxId: string, caller: string): Item =>
  claimToItem({ caller, idempotencyKey: caller, sandboxId }, NOW);

const given = (caller: string, sandboxId: string): { caller: string; sandboxId: string } => ({
  caller,
  sandboxId,
});

const ANNA = [allocatedItem('1', 'anna'), claimItem('1', 'anna')];
const BEN = [allocatedItem('2', 'ben'), claimItem('2', 'ben')];
const ALL_RIGHT = { doubleCount: 0, unfoundedCount: 0, untoldCount: 0 };

describe('audit', () => {
  it('finds nothing when answers and table agree', () => {
    const items = [...ANNA, ...BEN, sandboxToItem(available('3'))];

    expect(audit([given('anna', '1'), given('ben', '2')], items)).toEqual(ALL_RIGHT);
    expect(audit([], [])).toEqual(ALL_RIGHT);
  });

  it('counts one sandbox that was given to two', () => {
    expect(audit([given('anna', '1'), given('ben', '1')], [...ANNA, claimItem('1', 'ben')])).toEqual({
      ...ALL_RIGHT,
      doubleCount: 1,
      unfoundedCount: 1,
    });
  });

  it('counts one caller who was given two', () => {
    const items = [...ANNA, allocatedItem('2', 'anna')];

    expect(audit([given('anna', '1'), given('anna', '2')], items)).toMatchObject({ doubleCount: 1 });
  });

  it('sees a double in the table that no answer shows', () => {
    expect(audit([given('anna', '1')], [...ANNA, claimItem('1', 'ben')])).toMatchObject({ doubleCount: 1 });
  });

  it('takes the same answer twice for what it is, a retry', () => {
    expect(audit([given('anna', '1'), given('anna', '1')], ANNA)).toEqual(ALL_RIGHT);
  });

  it('counts answers without an allocation or without a claim', () => {
    expect(
      audit([given('anna', '1'), given('ben', '2')], [...ANNA.slice(0, 1), ...BEN.slice(1)]),
    ).toMatchObject({
      unfoundedCount: 2,
    });
  });

  it('counts what is held though nobody was told', () => {
    expect(audit([given('anna', '1')], [...ANNA, ...BEN])).toEqual({ ...ALL_RIGHT, untoldCount: 1 });
  });
});
