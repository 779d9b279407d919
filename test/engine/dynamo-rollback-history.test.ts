import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoRollbackHistory } from '../../app/store/dynamo-rollback-history';
import { describeRollbackHistory, sampleEntry } from '../store/rollback-history-contract';
import { EngineTables } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

describeRollbackHistory('DynamoRollbackHistory', async () => {
  const { client, names } = await tables.newHarness();
  return new DynamoRollbackHistory(client, names);
});

describe('DynamoRollbackHistory, on its table', () => {
  it('stands under the keys that the role of the rollback may write, and is forgotten after 400 days', async () => {
    const { client, names, contents } = await tables.newHarness();
    await new DynamoRollbackHistory(client, names).save(sampleEntry());

    const Key = {
      PK: { S: 'ROLLBACK' },
      SK: { S: '2026-05-01T12:00:00.985Z#alarm#sandbox-broker-dev-worker-cpu-high' },
    };
    const { Item } = await client.send(new GetItemCommand({ TableName: names.table, Key }));

    expect(Item?.ttl).toEqual({ N: String(Date.UTC(2026, 4, 1, 12) / 1000 + 400 * 86_400) });
    expect(await contents()).toEqual({ sandboxes: [], claims: [] });
  });
});
