import { askForCapacity, meterCall, sumOf } from '../../../bench/cost/consumed-capacity';

const REFUSED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
});
const CANCELLED = JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException' });

function answer(units: number): string {
  return JSON.stringify({ ConsumedCapacity: { TableName: 'Pool', CapacityUnits: units } });
}

describe('the request', () => {
  it('asks for what it consumes, and is otherwise the same', () => {
    expect(JSON.parse(askForCapacity('{"TableName":"Pool","Limit":5}'))).toEqual({
      TableName: 'Pool',
      Limit: 5,
      ReturnConsumedCapacity: 'INDEXES',
    });
  });
});

describe('what a call consumed', () => {
  it('is read units for a read, named by its index', () => {
    const call = meterCall('Query', '{"IndexName":"StatusIndex"}', 200, answer(2.5));

    expect(call).toEqual({
      operation: 'Query',
      target: 'StatusIndex',
      usage: { calls: 1, readUnits: 2.5, writeUnits: 0 },
    });
  });

  it.each([
    ['SBX#2009521', 'SBX'],
    ['CLAIM#a#b', 'CLAIM'],
    ['CONTROL#jobs', 'CONTROL#jobs'],
  ])('is write units for a write, %s named %s', (partition, target) => {
    const request = JSON.stringify({ Key: { PK: { S: partition }, SK: { S: 'META' } } });

    expect(meterCall('UpdateItem', request, 200, answer(6))).toEqual({
      operation: 'UpdateItem',
      target,
      usage: { calls: 1, readUnits: 0, writeUnits: 6 },
    });
  });

  it('is summed over the tables of a transaction', () => {
    const request = JSON.stringify({ TransactItems: [{}, {}] });
    const two = JSON.stringify({ ConsumedCapacity: [{ CapacityUnits: 9 }, { CapacityUnits: 2 }] });

    expect(meterCall('TransactWriteItems', request, 200, two)).toMatchObject({
      target: 'transaction',
      usage: { readUnits: 0, writeUnits: 11 },
    });
  });

  it('is one unit for a refused write, and two for each item of a refused transaction', () => {
    expect(meterCall('PutItem', '{}', 400, REFUSED).usage.writeUnits).toBe(1);
    expect(
      meterCall('TransactWriteItems', '{"TransactItems":[{},{}]}', 400, CANCELLED).usage.writeUnits,
    ).toBe(4);
  });

  it('is nothing but the call when the engine failed, or when the call is about no item', () => {
    const failed = meterCall('PutItem', '{}', 500, '{"__type":"InternalServerError"}');
    const described = meterCall('DescribeTable', '{"TableName":"Pool"}', 200, '{"Table":{}}');

    expect(failed.usage).toEqual({ calls: 1, readUnits: 0, writeUnits: 0 });
    expect(described.usage).toEqual({ calls: 1, readUnits: 0, writeUnits: 0 });
  });

  it('is an error when the engine does not say', () => {
    expect(() => meterCall('GetItem', '{}', 200, '{"Item":{}}')).toThrow(
      /does not say what a GetItem consumes/,
    );
  });

  it('adds up', () => {
    const calls = [meterCall('Query', '{}', 200, answer(0.5)), meterCall('PutItem', '{}', 200, answer(3))];

    expect(sumOf(calls)).toEqual({ calls: 2, readUnits: 0.5, writeUnits: 3 });
  });
});
