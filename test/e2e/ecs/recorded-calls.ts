/** One thing that was asked of AWS, in the terms of IAM. */
export interface RecordedCall {
  roleArn: string;
  /** e.g. `dynamodb:PutItem`. */
  action: string;
  /** The ARN that a policy must allow. */
  resource: string;
}

/** Where the resources are that requests name without their ARN. */
export interface ArnContext {
  region: string;
  accountId: string;
}

interface DynamoDbRequest {
  TableName?: string;
  IndexName?: string;
  TransactItems?: Partial<Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', { TableName: string }>>[];
  RequestItems?: Record<string, unknown>;
}

/** IAM's name for each part of a TransactWriteItems; there is no permission for the transaction itself. */
const ACTION_OF_PART = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

/**
 * What a DynamoDB request needs to be allowed: a transaction needs the action of each of its parts, a query of an
 * index the index. Source: DynamoDB developer guide, "IAM and DynamoDB transactions" and "Using IAM policy conditions".
 */
export function dynamoDbPermissions(
  operation: string,
  body: DynamoDbRequest,
  { region, accountId }: ArnContext,
): { action: string; resource: string }[] {
  const table = (name: string): string => `arn:aws:dynamodb:${region}:${accountId}:table/${nameOf(name)}`;
  if (body.TransactItems) {
    return body.TransactItems.flatMap((part) =>
      Object.entries(part).map(([kind, { TableName }]) => ({
        action: `dynamodb:${ACTION_OF_PART[kind as keyof typeof ACTION_OF_PART]}`,
        resource: table(TableName),
      })),
    );
  }
  const names = body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName ?? '*'];
  return names.map((name) => ({
    action: `dynamodb:${operation}`,
    resource: body.IndexName === undefined ? table(name) : `${table(name)}/index/${body.IndexName}`,
  }));
}

/** A table may be named by its ARN as well. */
function nameOf(table: string): string {
  return table.split('/').pop() ?? table;
}
