import { sandboxToItem, type Item } from '../../../app/store/items';
import type { Sandbox } from '../../../app/allocation/sandbox';
import { DEFAULT_TABLE_NAMES, shardOf, tableDefinition } from '../../../app/store/table';
import { allocatedSandbox, availableSandbox } from '../../fakes/sandbox-samples';
import { asLaggingIndex, type QueryInput, type QueryOutput } from './index-lag';

const TABLE = tableDefinition(DEFAULT_TABLE_NAMES);
const ID = '2009521';
const IN_SHARD = `status_shard = :shard`;

function row(sandbox: Sandbox): Item {
  return sandboxToItem(sandbox);
}

function query(condition: string, values: Record<string, Item[string]>, rest: QueryInput = {}): QueryInput {
  return {
    IndexName: DEFAULT_TABLE_NAMES.statusIndex,
    KeyConditionExpression: condition,
    ExpressionAttributeValues: { ':shard': { S: `available#${shardOf(ID)}` }, ...values },
    ...rest,
  };
}

function found(items: Item[], rest: QueryOutput = {}): QueryOutput {
  return { Items: items, Count: items.length, ScannedCount: items.length, ...rest };
}

const AVAILABLE = row(availableSandbox({ queuePosition: 50 }));
const TAKEN = { before: AVAILABLE, now: row(allocatedSandbox()) };
const ADDED = { before: undefined, now: AVAILABLE };

describe('asLaggingIndex', () => {
  it('still lists what has just gone, with the attributes it had', () => {
    expect(asLaggingIndex(query(IN_SHARD, {}), found([]), [TAKEN], TABLE)).toEqual(found([AVAILABLE]));
  });

  it('does not list yet what has just come', () => {
    expect(asLaggingIndex(query(IN_SHARD, {}), found([AVAILABLE]), [ADDED], TABLE)).toEqual(found([]));
  });

  it('counts as it lists', () => {
    const counting = query(IN_SHARD, {}, { Select: 'COUNT' });
    const count = (Count: number): QueryOutput => ({ Count, ScannedCount: Count });
    expect(asLaggingIndex(counting, count(4), [TAKEN], TABLE)).toEqual(count(5));
    expect(asLaggingIndex(counting, count(4), [ADDED], TABLE)).toEqual(count(3));
  });

  it.each<[string, string, Record<string, Item[string]>, number]>([
    [
      'a stretch that it is in',
      `${IN_SHARD} AND status_order BETWEEN :from AND :to`,
      { ':from': { N: '9' }, ':to': { N: '50' } },
      1,
    ],
    [
      'a stretch behind it',
      `${IN_SHARD} AND status_order BETWEEN :from AND :to`,
      { ':from': { N: '51' }, ':to': { N: '99' } },
      0,
    ],
    ['up to it', `${IN_SHARD} AND status_order <= :up_to`, { ':up_to': { N: '50' } }, 1],
    ['up to before it', `${IN_SHARD} AND status_order <= :up_to`, { ':up_to': { N: '9' } }, 0],
    ['from it on', `${IN_SHARD} AND status_order >= :from`, { ':from': { N: '50' } }, 1],
    ['from behind it on', `${IN_SHARD} AND status_order >= :from`, { ':from': { N: '51' } }, 0],
    ['its place', `${IN_SHARD} AND status_order = :at`, { ':at': { N: '50' } }, 1],
    ['another shard', IN_SHARD, { ':shard': { S: `available#${(shardOf(ID) + 1) % 8}` } }, 0],
  ])('looks for what has gone where the query looks: %s', (_, condition, values, expected) => {
    expect(asLaggingIndex(query(condition, values), found([]), [TAKEN], TABLE).Count).toBe(expected);
  });

  it('looks at names by their beginning', () => {
    const named = (prefix: string): QueryInput =>
      query(
        `${IN_SHARD} AND begins_with(#name, :prefix)`,
        { ':prefix': { S: prefix } },
        { IndexName: DEFAULT_TABLE_NAMES.nameIndex, ExpressionAttributeNames: { '#name': 'name' } },
      );
    expect(asLaggingIndex(named('csp'), found([]), [TAKEN], TABLE).Count).toBe(1);
    expect(asLaggingIndex(named('gpu'), found([]), [TAKEN], TABLE).Count).toBe(0);
  });

  it('puts what has gone on its page, and on no other', () => {
    const at = (position: string): Item => ({ ...AVAILABLE, status_order: { N: position } });
    const before = found([], { LastEvaluatedKey: at('40') });
    const here = found([], { LastEvaluatedKey: at('60') });
    const input = query(IN_SHARD, {});

    expect(asLaggingIndex(input, before, [TAKEN], TABLE).Count).toBe(0);
    expect(asLaggingIndex(input, here, [TAKEN], TABLE).Count).toBe(1);
    expect(asLaggingIndex({ ...input, ExclusiveStartKey: at('50') }, found([]), [TAKEN], TABLE).Count).toBe(
      0,
    );
    expect(asLaggingIndex({ ...input, ExclusiveStartKey: at('49') }, found([]), [TAKEN], TABLE).Count).toBe(
      1,
    );
    const descending = { ...input, ScanIndexForward: false };
    expect(
      asLaggingIndex({ ...descending, ExclusiveStartKey: at('51') }, found([]), [TAKEN], TABLE).Count,
    ).toBe(1);
    expect(
      asLaggingIndex({ ...descending, ExclusiveStartKey: at('50') }, found([]), [TAKEN], TABLE).Count,
    ).toBe(0);
  });

  it('leaves reads of the table itself alone, and refuses conditions that it does not know', () => {
    const output = found([AVAILABLE]);
    expect(asLaggingIndex({ KeyConditionExpression: 'PK = :pk' }, output, [ADDED], TABLE)).toBe(output);
    expect(() => asLaggingIndex(query('status_shard > :shard', {}), output, [ADDED], TABLE)).toThrow(
      'No such key condition',
    );
  });
});
