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

/** What a request in AWS's JSON protocol needs to be allowed. A call that names no resource needs `*`. */
export function permissionsOf(
  service: string,
  operation: string,
  body: string,
  context: ArnContext,
): { action: string; resource: string }[] {
  const action = `${service}:${operation}`;
  const { region, accountId } = context;
  switch (service) {
    case 'dynamodb':
      return dynamoDbPermissions(operation, JSON.parse(body) as DynamoDbRequest, context);
    case 'secretsmanager':
      return [{ action, resource: (JSON.parse(body) as { SecretId: string }).SecretId }];
    case 'logs': {
      const { logGroupName, logStreamName } = JSON.parse(body) as Record<string, string>;
      const group = `arn:aws:logs:${region}:${accountId}:log-group:${logGroupName ?? ''}`;
      return [{ action, resource: `${group}:log-stream:${logStreamName ?? ''}` }];
    }
    case 'ecr': {
      const { repositoryName } = JSON.parse(body) as { repositoryName?: string };
      const repository = `arn:aws:ecr:${region}:${accountId}:repository/${repositoryName ?? ''}`;
      return [{ action, resource: repositoryName === undefined ? '*' : repository }];
    }
    default:
      return [{ action, resource: '*' }];
  }
}

/**
 * What a DynamoDB request needs to be allowed: a transaction needs the action of each of its parts, a query of an
 * index the index. Source: DynamoDB developer guide, "IAM and DynamoDB transactions" and "Using IAM policy conditions".
 */
function dynamoDbPermissions(
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
