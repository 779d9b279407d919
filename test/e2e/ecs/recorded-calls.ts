/** One thing that was asked of AWS, in the terms of IAM. */
export interface RecordedCall {
  roleArn: string;
  /** e.g. `dynamodb:PutItem`. */
  action: string;
  /** The ARN that a policy must allow. */
  resource: string;
  /** The partition of the item, where a policy may ask for it (`dynamodb:LeadingKeys`). */
  partition?: string;
}

type Permission = Omit<RecordedCall, 'roleArn'>;

/** Where the resources are that requests name without their ARN. */
export interface ArnContext {
  region: string;
  accountId: string;
}

interface DynamoDbRequest {
  TableName?: string;
  IndexName?: string;
  Key?: { PK?: { S?: string } };
  Item?: { PK?: { S?: string } };
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

/** What a request needs to be allowed. A call that names no resource needs `*`. */
export function permissionsOf(
  service: string,
  operation: string,
  parameters: Record<string, unknown>,
  context: ArnContext,
): Permission[] {
  const action = `${service}:${operation}`;
  const text = (name: string): string => {
    const value = parameters[name];
    return typeof value === 'string' ? value : '';
  };
  const arn = (rest: string): string => `arn:aws:${service}:${context.region}:${context.accountId}:${rest}`;
  switch (service) {
    case 'dynamodb':
      return dynamoDbPermissions(operation, parameters, context);
    case 'secretsmanager':
      return [{ action, resource: text('SecretId') }];
    case 'logs': {
      const stream = `log-stream:${text('logStreamName')}`;
      return [{ action, resource: arn(`log-group:${text('logGroupName')}:${stream}`) }];
    }
    case 'ecr':
      return [
        {
          action,
          resource: 'repositoryName' in parameters ? arn(`repository/${text('repositoryName')}`) : '*',
        },
      ];
    case 'ecs': {
      const services = (parameters.services as string[] | undefined) ?? [text('service')];
      return services.map((name) => ({ action, resource: arn(`service/${text('cluster')}/${name}`) }));
    }
    case 'ssm':
      return [{ action, resource: arn(`parameter${text('Name')}`) }];
    case 'sns':
      return [{ action, resource: text('TopicArn') }];
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
): Permission[] {
  const table = (name: string): string => `arn:aws:dynamodb:${region}:${accountId}:table/${nameOf(name)}`;
  if (body.TransactItems) {
    return body.TransactItems.flatMap((part) =>
      Object.entries(part).map(([kind, { TableName }]) => ({
        action: `dynamodb:${ACTION_OF_PART[kind as keyof typeof ACTION_OF_PART]}`,
        resource: table(TableName),
      })),
    );
  }
  const partition = (body.Key ?? body.Item)?.PK?.S;
  const names = body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName ?? '*'];
  return names.map((name) => ({
    action: `dynamodb:${operation}`,
    resource: body.IndexName === undefined ? table(name) : `${table(name)}/index/${body.IndexName}`,
    ...(isShared(partition) ? { partition } : {}),
  }));
}

/** Not those of sandboxes and claims, of which there are thousands, and which no policy names. */
function isShared(partition: string | undefined): partition is string {
  return partition !== undefined && !/^(SBX|CLAIM)#/.test(partition);
}

/** A table may be named by its ARN as well. */
function nameOf(table: string): string {
  return table.split('/').pop() ?? table;
}
