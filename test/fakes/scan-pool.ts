import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { claimFromItem, sandboxFromItem, type Item } from '../../app/store/items';
import type { PoolContents } from './pool-invariants';

/** Reads every sandbox and claim of a table, page by page. */
export async function scanPool(client: DynamoDBClient, table: string): Promise<PoolContents> {
  const contents: PoolContents = { sandboxes: [], claims: [] };
  let startKey: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: startKey }),
    );
    for (const item of page.Items ?? []) {
      if (item.PK?.S?.startsWith('SBX#')) contents.sandboxes.push(sandboxFromItem(item));
      if (item.PK?.S?.startsWith('CLAIM#')) contents.claims.push(claimFromItem(item));
    }
    startKey = page.LastEvaluatedKey;
  } while (startKey);
  return contents;
}
