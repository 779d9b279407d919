import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Claim, Sandbox } from '../../../app/allocation/sandbox';
import { claimFromItem, sandboxFromItem } from '../../../app/store/items';
import type { LocalSystem } from '../../../local/local-system';

/** Everything that the table holds, read to the last page. */
export interface TableContents {
  sandboxes: Sandbox[];
  claims: Claim[];
}

/** Reads the whole table of a system, past its API. */
export async function scanTable(system: LocalSystem): Promise<TableContents> {
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: system.dynamodbEndpoint });
  const contents: TableContents = { sandboxes: [], claims: [] };
  try {
    const pages = paginateScan({ client }, { TableName: system.tableNames.table, ConsistentRead: true });
    for await (const { Items: items = [] } of pages) {
      for (const item of items) {
        if (item.PK?.S?.startsWith('SBX#')) contents.sandboxes.push(sandboxFromItem(item));
        if (item.PK?.S?.startsWith('CLAIM#')) contents.claims.push(claimFromItem(item));
      }
    }
  } finally {
    client.destroy();
  }
  return contents;
}

/** A claim, or an allocation, as a text that can be compared: who holds which sandbox under which key. */
export function holdings({ sandboxes, claims }: TableContents): {
  byClaims: string[];
  bySandboxes: string[];
} {
  const asText = (caller: string, key: string, id: string): string => JSON.stringify([caller, key, id]);
  return {
    byClaims: claims
      .map(({ caller, idempotencyKey, sandboxId }) => asText(caller, idempotencyKey, sandboxId))
      .sort(),
    bySandboxes: sandboxes
      .flatMap((sandbox) =>
        sandbox.status === 'allocated'
          ? [asText(sandbox.allocation.caller, sandbox.allocation.idempotencyKey, sandbox.sandboxId)]
          : [],
      )
      .sort(),
  };
}
