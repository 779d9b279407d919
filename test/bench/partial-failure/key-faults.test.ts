import { hangingKeys, throttledShard } from '../../../bench/partial-failure/key-faults';
import { shardOf } from '../../../app/store/table';

const IDS = Array.from({ length: 4_000 }, (_, index) => String(2_000_000 + index));

describe('throttledShard', () => {
  it('holds the sandboxes and the index keys of the shard, and no others', () => {
    const { isBad } = throttledShard(3);

    expect(IDS.filter((id) => isBad(`SBX#${id}`))).toEqual(IDS.filter((id) => shardOf(id) === 3));
    expect(['available#3', 'pending_deletion#3', 'available#2'].map(isBad)).toEqual([true, true, false]);
    expect(isBad('CLAIM#someone-3#3')).toBe(false);
  });

  it('holds a share of the claims when asked to', () => {
    const { isBad } = throttledShard(3, 1 / 8);
    const claims = IDS.filter((id) => isBad(`CLAIM#${id}#${id}`));

    expect(claims.length / IDS.length).toBeCloseTo(1 / 8, 1);
  });
});

describe('hangingKeys', () => {
  it('holds that share of sandboxes and of claims, of each shard alike', () => {
    const { isBad } = hangingKeys(1 / 4, 1);
    const inShard = IDS.filter((id) => shardOf(id) === 3);
    const share = (keys: string[]): number => keys.filter(isBad).length / keys.length;

    expect(share(IDS.map((id) => `SBX#${id}`))).toBeCloseTo(1 / 4, 1);
    expect(share(IDS.map((id) => `CLAIM#${id}#${id}`))).toBeCloseTo(1 / 4, 1);
    expect(share(inShard.map((id) => `SBX#${id}`))).toBeCloseTo(1 / 4, 1);
  });

  it('leaves the indexes and the records of jobs alone', () => {
    expect(['available#3', 'JOB#sync', 'CONTROL#jobs'].map(hangingKeys(1, 1).isBad)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
