import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  PutItemCommand,
  QueryCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DEFAULT_TABLE_NAMES, tableDefinition, type TableNames } from '../../../app/store/table';
import { startEngine, type Engine } from '../../../local/engine/engine';
import { describeTable, localDynamoClient } from '../../../local/engine/ensure-table';
import { createTableInput } from '../../../local/engine/table-schema';
import { isAlive } from '../wait-until';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(30_000);

const OTHER_NAMES: TableNames = {
  table: 'OtherPool',
  statusIndex: 'ByStatus',
  trackIndex: 'ByTrack',
  nameIndex: 'ByName',
};

let engine: Engine;
let client: DynamoDBClient;

beforeEach(async () => {
  engine = await startEngine();
  client = localDynamoClient(engine.endpoint);
});

afterEach(async () => {
  client.destroy();
  await engine.stop();
});

async function expectUsable(names: TableNames): Promise<void> {
  await client.send(
    new PutItemCommand({
      TableName: names.table,
      Item: {
        PK: { S: 'SBX#1' },
        SK: { S: 'META' },
        status_shard: { S: 'available#0' },
        status_order: { N: '7' },
        allocated_to_track: { S: 'student-1' },
        allocated_at: { N: '8' },
        name: { S: 'csp-sandbox-0001' },
        extra: { S: 'projected' },
      },
    }),
  );
  for (const index of tableDefinition(names).indexes) {
    const value = index.hashKey === 'status_shard' ? 'available#0' : 'student-1';
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: names.table,
        IndexName: index.name,
        KeyConditionExpression: '#key = :value',
        ExpressionAttributeNames: { '#key': index.hashKey },
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
    expect(items.map((item) => item.extra?.S)).toEqual(['projected']);
  }
  const { TimeToLiveDescription: ttl } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: names.table }),
  );
  expect(ttl).toEqual({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
}

it('starts with an empty table whose indexes and TTL work', async () => {
  expect((await describeTable(client, DEFAULT_TABLE_NAMES.table))?.ItemCount).toBe(0);
  await expectUsable(DEFAULT_TABLE_NAMES);
});

it('ends its process when it is stopped', async () => {
  const pid = engine.process?.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  await engine.stop();
  expect(isAlive(pid)).toBe(false);
});

it('creates the table in an engine that runs already, and leaves that running', async () => {
  const choice = { kind: 'endpoint', url: engine.endpoint } as const;
  const other = await startEngine({ choice, tableNames: OTHER_NAMES });
  await expectUsable(OTHER_NAMES);

  await other.stop();
  // What is there is used as it is.
  await startEngine({ choice, tableNames: OTHER_NAMES });
  expect((await describeTable(client, OTHER_NAMES.table))?.ItemCount).toBe(1);
});

it('refuses a table that lacks an index', async () => {
  const definition = tableDefinition(OTHER_NAMES);
  const lesser = createTableInput({ ...definition, indexes: definition.indexes.slice(0, 1) });
  lesser.AttributeDefinitions = lesser.AttributeDefinitions?.slice(0, 4);
  await client.send(new DeleteTableCommand({ TableName: DEFAULT_TABLE_NAMES.table }));
  await client.send(new CreateTableCommand(lesser));

  await expect(
    startEngine({ choice: { kind: 'endpoint', url: engine.endpoint }, tableNames: OTHER_NAMES }),
  ).rejects.toThrow(/not its indexes ByTrack, ByName/);
});

it('says so when nobody answers at DDB_ENDPOINT_URL', async () => {
  await engine.stop();
  await expect(startEngine({ choice: { kind: 'endpoint', url: engine.endpoint } })).rejects.toThrow(
    /No DynamoDB engine answers at DDB_ENDPOINT_URL=http.*ECONNREFUSED/,
  );
});

it('says so when the program is none', async () => {
  await expect(startEngine({ choice: { kind: 'binary', path: __filename } })).rejects.toThrow(
    /engine cannot be run.*EACCES/,
  );
});
