import { GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
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

describe('DynamoRollbackHistory, on items that it did not write', () => {
  const SK = '2026-05-01T12:00:00.985Z#alarm#a';
  const ENTRY: Record<string, AttributeValue> = {
    at_ms: { N: String(Date.UTC(2026, 4, 1, 12, 0, 0, 985)) },
    cause: { M: { kind: { S: 'alarm' }, name: { S: 'a' }, reason: { S: 'why' } } },
    action: { S: 'rollback_worker' },
    steps: { L: [{ M: { step: { S: 'worker_service' }, outcome: { S: 'done' }, detail: { S: '0' } } }] },
    duration_ms: { N: '5' },
    attempts: { N: '1' },
    announced_failures: { L: [] },
    is_finished: { BOOL: true },
  };

  async function historyWith(item: Record<string, AttributeValue>): Promise<DynamoRollbackHistory> {
    const { client, names } = await tables.newHarness();
    const Item = { ...item, PK: { S: 'ROLLBACK' }, SK: { S: SK } };
    await client.send(new PutItemCommand({ TableName: names.table, Item }));
    const history = new DynamoRollbackHistory(client, names);
    await history.save(sampleEntry({ atMs: Date.UTC(2026, 4, 1, 11) }));
    return history;
  }

  it('reads every word that it does not know as unknown, and the rest as it is', async () => {
    const history = await historyWith({
      ...ENTRY,
      cause: { M: { kind: { S: 'schedule' }, name: { S: 'a' }, reason: { S: 'why' } } },
      action: { S: 'pause_worker' },
      steps: { L: [{ M: { step: { S: 'queue' }, outcome: { S: 'skipped' }, detail: { S: '0' } } }] },
      announced_failures: { L: [{ S: 'queue' }] },
    });

    expect((await history.list({ limit: 1 })).items).toMatchObject([
      {
        cause: { kind: 'unknown', name: 'a', reason: 'why' },
        action: 'unknown',
        steps: [{ step: 'unknown', outcome: 'unknown', detail: '0' }],
        announcedFailures: ['unknown'],
        isFinished: true,
      },
    ]);
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['that lacks everything', {}],
    ['whose steps are a text', { ...ENTRY, steps: { S: 'all' } }],
    ['with a number that JavaScript cannot hold', { ...ENTRY, at_ms: { N: '1e99' } }],
  ])('shows an entry %s at the time of its key, and hides no other', async (_what, item) => {
    const { items } = await (await historyWith(item)).list({ limit: 10 });

    expect(items).toMatchObject([
      {
        action: 'unknown',
        atMs: Date.UTC(2026, 4, 1, 12, 0, 0, 985),
        cause: { name: 'a' },
        isFinished: false,
      },
      { action: 'rollback_worker' },
    ]);
  });
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
