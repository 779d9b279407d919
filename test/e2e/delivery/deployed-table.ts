import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from '../../../app/store/table';
import { present } from '../deployment/support/deployed-broker';

/** Reads a table's definition back from the account: what it has there, not what our code says it should have. */
export async function readDeployedTable(
  awsEndpoint: string,
  region: string,
  tableName: string,
): Promise<TableDefinition> {
  const client = new DynamoDBClient({
    endpoint: awsEndpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
    return {
      name: tableName,
      ...keysOf(Table?.KeySchema),
      ttlAttribute: present(ttl.TimeToLiveDescription?.AttributeName),
      attributes: (Table?.AttributeDefinitions ?? []).map(({ AttributeName, AttributeType }) => ({
        name: present(AttributeName),
        type: present(AttributeType) as 'S' | 'N',
      })),
      indexes: (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema }) => ({
        name: present(IndexName),
        ...keysOf(KeySchema),
      })),
    };
  } finally {
    client.destroy();
  }
}

function keysOf(schema: KeySchemaElement[] = []): { hashKey: string; rangeKey: string } {
  const name = (kind: 'HASH' | 'RANGE'): string =>
    present(schema.find(({ KeyType }) => KeyType === kind)?.AttributeName);
  return { hashKey: name('HASH'), rangeKey: name('RANGE') };
}
