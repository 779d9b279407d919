import fc from 'fast-check';
import { DEFAULT_TABLE_NAMES, SHARD_COUNT, shardOf, tableDefinition } from '../../app/store/table';

describe('shardOf', () => {
  // Rows are found by it for as long as they live: another hash would lose them.
  it.each([
    ['2009521', 6],
    ['3000000', 2],
    ['', 5],
    ['ä-ö', 4],
  ])('puts %j where it always was', (id, shard) => {
    expect(shardOf(id)).toBe(shard);
  });

  it('is a shard for every id', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(Number.isInteger(shardOf(id))).toBe(true);
        expect(shardOf(id)).toBeGreaterThanOrEqual(0);
        expect(shardOf(id)).toBeLessThan(SHARD_COUNT);
      }),
    );
  });

  it.each([
    ['one after the other', (index: number) => String(2_000_000 + index)],
    ['in steps of eight', (index: number) => String(2_000_000 + index * 8)],
    ['of one prefix', (index: number) => `sandbox-${index}`],
  ])('spreads ids %s over all shards evenly', (_what, idOf) => {
    const counts = Array.from({ length: SHARD_COUNT }, () => 0);
    for (let index = 0; index < 8_000; index += 1) {
      const shard = shardOf(idOf(index));
      counts[shard] = (counts[shard] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});

describe('tableDefinition', () => {
  it('lists exactly the attributes that are keys', () => {
    const { attributes, hashKey, rangeKey, indexes } = tableDefinition(DEFAULT_TABLE_NAMES);
    const keys = [hashKey, rangeKey, ...indexes.flatMap((index) => [index.hashKey, index.rangeKey])];

    expect(attributes.map(({ name }) => name).sort()).toEqual([...new Set(keys)].sort());
  });

  it('takes its names from the configuration', () => {
    const definition = tableDefinition({ table: 'T', statusIndex: 'I1', trackIndex: 'I2', nameIndex: 'I3' });

    expect(definition.name).toBe('T');
    expect(definition.indexes).toEqual([
      { name: 'I1', hashKey: 'status_shard', rangeKey: 'status_order' },
      { name: 'I2', hashKey: 'allocated_to_track', rangeKey: 'allocated_at' },
      { name: 'I3', hashKey: 'status_shard', rangeKey: 'name' },
    ]);
  });
});
