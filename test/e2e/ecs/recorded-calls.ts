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
  ExpressionAttributeValues?: Record<string, { S?: string }>;
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
    case 'monitoring':
      // The endpoint's name, under which its requests are signed; IAM's name is another.
      return stringsIn(parameters, 'AlarmNames').map((name) => ({
        action: `cloudwatch:${operation}`,
        resource: `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm:${name}`,
      }));
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
  const partition = (body.Key ?? body.Item)?.PK?.S ?? queriedPartition(body);
  const names = body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName ?? '*'];
  return names.map((name) => ({
    action: `dynamodb:${operation}`,
    resource: body.IndexName === undefined ? table(name) : `${table(name)}/index/${body.IndexName}`,
    ...(isShared(partition) ? { partition } : {}),
  }));
}

/** A query of the table itself names its partition in a value of its condition. */
function queriedPartition({ IndexName, ExpressionAttributeValues }: DynamoDbRequest): string | undefined {
  return IndexName === undefined ? ExpressionAttributeValues?.[':partition']?.S : undefined;
}

/** A list in a JSON request, or in a form, where it is `<name>.member.1` and so on. */
function stringsIn(parameters: Record<string, unknown>, name: string): string[] {
  const list = parameters[name];
  if (Array.isArray(list)) return list.map(String);
  return Object.entries(parameters)
    .filter(([key]) => key.startsWith(`${name}.member.`))
    .map(([, value]) => String(value));
}

/** Not those of sandboxes and claims, of which there are thousands, and which no policy names. */
function isShared(partition: string | undefined): partition is string {
  return partition !== undefined && !/^(SBX|CLAIM)#/.test(partition);
}

/** A table may be named by its ARN as well. */
function nameOf(table: string): string {
  return table.split('/').pop() ?? table;
}
