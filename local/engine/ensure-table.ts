import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { boundedAwsClient } from '../../app/aws/bounded-aws-client';
import type { TableDefinition } from '../../app/store/table';
import { LOCAL_AWS_ENVIRONMENT } from './local-credentials';
import { createTableInput } from './table-schema';

const CREATE_TIMEOUT_SECONDS = 30;

/** Creating a table with three indexes takes an engine some seconds on a busy machine. */
const ENGINE_LIMITS = {
  connectionTimeoutMs: 5_000,
  requestTimeoutMs: 30_000,
  bodyTimeoutMs: 10_000,
  callTimeoutMs: 60_000,
  maxAttempts: 3,
};

/** A client for an engine on this machine, or next to it. */
export function localDynamoClient(endpoint: string): DynamoDBClient {
  const location = {
    endpoint,
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    credentials: {
      accessKeyId: LOCAL_AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_AWS_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
  };
  return boundedAwsClient(DynamoDBClient, location, ENGINE_LIMITS);
}

/**
 * Sees to it that the table is there, with its indexes and its TTL; a table that is there is used as it is. Throws if
 * that one lacks an index.
 */
export async function ensureTable(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const table = (await describeTable(client, definition.name)) ?? (await createTable(client, definition));
  const found = new Set(table.GlobalSecondaryIndexes?.map((index) => index.IndexName));
  const missing = definition.indexes.map((index) => index.name).filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new Error(
      `The table ${definition.name} is there, but not its indexes ${missing.join(', ')}: delete it first`,
    );
  }
  await enableTimeToLive(client, definition);
}

/** The table as the engine sees it; `undefined` if it has none of that name. */
export async function describeTable(
  client: DynamoDBClient,
  name: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function createTable(client: DynamoDBClient, definition: TableDefinition): Promise<TableDescription> {
  try {
    await client.send(new CreateTableCommand(createTableInput(definition)));
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists(
    { client, maxWaitTime: CREATE_TIMEOUT_SECONDS, minDelay: 1, maxDelay: 1 },
    { TableName: definition.name },
  );
  const created = await describeTable(client, definition.name);
  if (created === undefined)
    throw new Error(`The table ${definition.name} vanished while it was being created`);
  return created;
}

async function enableTimeToLive(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const { TimeToLiveDescription: state } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: definition.name }),
  );
  if (state?.TimeToLiveStatus === 'ENABLED' || state?.TimeToLiveStatus === 'ENABLING') return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: definition.name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: definition.ttlAttribute },
    }),
  );
}
