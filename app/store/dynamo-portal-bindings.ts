import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { toStoreError } from './dynamo-errors';
import { DynamoTable } from './dynamo-table';
import { parseItem, PORTAL_BINDING_KEY } from './items';
import type { FoundBinding, PortalBinding, PortalBindingStore } from './portal-binding';
import { StoreUnavailableError, type CallOptions } from './sandbox-store';
import type { TableNames } from './table';

const bindingSchema = z.object({
  portal: z.string(),
  initialised_at: z.number(),
  initialised_by: z.string(),
  table_id: z.string().optional(),
});

/** The {@link PortalBindingStore} on DynamoDB. */
export class DynamoPortalBindings implements PortalBindingStore {
  readonly #table: DynamoTable;

  constructor(
    private readonly client: DynamoDBClient,
    private readonly names: TableNames,
  ) {
    this.#table = new DynamoTable(client, names);
  }

  async find(options?: CallOptions): Promise<FoundBinding> {
    const [item, tableId] = await Promise.all([
      this.#table.get(PORTAL_BINDING_KEY, 'findBinding', options),
      this.#tableId(options),
    ]);
    if (!item) return { tableId };
    const row = parseItem(bindingSchema, item);
    const binding = {
      portal: row.portal,
      initialisedAt: row.initialised_at,
      initialisedBy: row.initialised_by,
      tableId: row.table_id,
    };
    return { binding, tableId };
  }

  async bind(
    binding: PortalBinding,
    seen: PortalBinding | undefined,
    options?: CallOptions,
  ): Promise<boolean> {
    const attributes = {
      portal: binding.portal,
      initialised_at: binding.initialisedAt,
      initialised_by: binding.initialisedBy,
      table_id: binding.tableId,
    };
    const condition = seen
      ? {
          ConditionExpression: 'portal = :portal AND initialised_at = :at',
          ExpressionAttributeValues: marshall({ ':portal': seen.portal, ':at': seen.initialisedAt }),
        }
      : { ConditionExpression: 'attribute_not_exists(PK)' };
    const outcome = await this.#table.put(
      {
        Item: { ...PORTAL_BINDING_KEY, ...marshall(attributes, { removeUndefinedValues: true }) },
        ...condition,
      },
      'bind',
      options,
    );
    if (outcome.kind === 'written') return true;
    if (outcome.kind === 'changed') return false;
    throw new StoreUnavailableError('bind', { cause: new Error(outcome.kind) });
  }

  async #tableId(options?: CallOptions): Promise<string | undefined> {
    try {
      const command = new DescribeTableCommand({ TableName: this.names.table });
      const sendOptions = options?.signal ? { abortSignal: options.signal } : {};
      return (await this.client.send(command, sendOptions)).Table?.TableId;
    } catch (error) {
      throw toStoreError(error, 'describeTable');
    }
  }
}
