import type { CreateTableCommandInput, KeySchemaElement, TableDescription } from '@aws-sdk/client-dynamodb';
import type { KeyDefinition, TableDefinition } from '../../app/store/table';

/** The table as DynamoDB's `CreateTable` wants it. */
export function createTableInput(definition: TableDefinition): CreateTableCommandInput {
  return { ...commonParts(definition), BillingMode: 'PAY_PER_REQUEST' };
}

/** The table as DynamoDB's `DescribeTable` answers it, which is what the embedded engine reads its schema from. */
export function describeTableOutput(definition: TableDefinition): { Table: TableDescription } {
  return { Table: { ...commonParts(definition), BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } };
}

function commonParts(
  definition: TableDefinition,
): Pick<
  CreateTableCommandInput,
  'TableName' | 'KeySchema' | 'AttributeDefinitions' | 'GlobalSecondaryIndexes'
> {
  return {
    TableName: definition.name,
    KeySchema: keySchema(definition),
    AttributeDefinitions: definition.attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    GlobalSecondaryIndexes: definition.indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index),
      Projection: { ProjectionType: 'ALL' },
    })),
  };
}

function keySchema({ hashKey, rangeKey }: KeyDefinition): KeySchemaElement[] {
  return [
    { AttributeName: hashKey, KeyType: 'HASH' },
    { AttributeName: rangeKey, KeyType: 'RANGE' },
  ];
}
