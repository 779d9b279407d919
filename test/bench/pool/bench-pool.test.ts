import { allocate, confirm, stock, type PortalAccount } from '../../../app/allocation/transitions';
import { claimToItem, sandboxToItem } from '../../../app/store/items';
import { isUntouched } from '../../../bench/pool/bench-pool';

const NOW = 1_800_000_000;
const ACCOUNT: PortalAccount = { sandboxId: '1', name: 'bench-1', externalId: 'identity/accounts/1' };
const IN_STOCK = stock(ACCOUNT, 123_456, NOW);
const OF_ANNA = { caller: 'anna', idempotencyKey: 'anna', allocatedAt: NOW, expiresAt: NOW + 1 };

describe('isUntouched', () => {
  it('is true of a sandbox as it came into the pool, wherever it stands in the queue', () => {
    for (const queuePosition of [0, 1, 123_456]) {
      expect(isUntouched(sandboxToItem(stock(ACCOUNT, queuePosition, NOW)))).toBe(true);
    }
  });

  it('is false of a sandbox that was taken, or that a sync has written since', () => {
    const renamed = confirm(IN_STOCK, { ...ACCOUNT, name: 'bench-one' }, NOW);
    if (!renamed) throw new Error('A new name is a change');

    expect(isUntouched(sandboxToItem(allocate(IN_STOCK, OF_ANNA)))).toBe(false);
    expect(isUntouched(sandboxToItem(renamed))).toBe(false);
  });

  it('is false of what is no sandbox, or of one without a place in the queue', () => {
    const withoutPlace = sandboxToItem(IN_STOCK);
    delete withoutPlace.status_order;

    expect(isUntouched(claimToItem({ ...OF_ANNA, sandboxId: '1' }, NOW))).toBe(false);
    expect(isUntouched(withoutPlace)).toBe(false);
  });
});
