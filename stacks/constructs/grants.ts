import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import type { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import type { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';

/*
 * What a role may do, one narrow grant each. Every statement names its actions and its ARNs. A grant returns the policy:
 * a service depends on it, since its first task would start before its rights otherwise, and fail.
 */

interface Statement {
  actions: readonly string[];
  resources: readonly string[];
  /** As IAM writes it: operator, key, values. */
  condition?: Record<string, Record<string, readonly string[]>>;
}

/** The calls that read or change one item. TransactWriteItems needs none of its own, but that of each of its parts. */
export type ItemAction = 'ConditionCheckItem' | 'DeleteItem' | 'GetItem' | 'PutItem' | 'UpdateItem';

/**
 * These calls on the table's items, and queries of the named indexes. A role that initialises a table may also scan it:
 * the guards of all accounts come before the first row is added (docs/adr/0014).
 */
export function grantTableAccess(
  role: IamRole,
  table: DynamodbTable,
  access: { itemActions: readonly ItemAction[]; indexNames: readonly string[]; mayScan?: boolean },
): IamRolePolicy {
  return grant(role, 'use-sandbox-table', [
    { actions: access.itemActions.map((action) => `dynamodb:${action}`), resources: [table.arn] },
    // Its id tells a table from a copy that was restored under the same name.
    {
      actions: ['dynamodb:DescribeTable', ...(access.mayScan === true ? ['dynamodb:Scan'] : [])],
      resources: [table.arn],
    },
    {
      actions: ['dynamodb:Query'],
      resources: access.indexNames.map((name) => `${table.arn}/index/${name}`),
    },
  ]);
}

/** These calls on the items of some partitions of the table, and on no others. */
export function grantPartitionAccess(
  role: IamRole,
  table: DynamodbTable,
  access: { itemActions: readonly ItemAction[]; partitions: readonly string[] },
): IamRolePolicy {
  return grant(role, 'use-partitions', [
    {
      actions: access.itemActions.map((action) => `dynamodb:${action}`),
      resources: [table.arn],
      condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': access.partitions } },
    },
  ]);
}

/**
 * Changing how many tasks one service wants, and looking at it. IAM cannot tell that from other changes of the same
 * service; another task definition needs the right to pass its roles besides.
 */
export function grantScaleService(role: IamRole, service: EcsService): IamRolePolicy {
  // The id of a service is its ARN.
  return grant(role, 'scale-service', [
    { actions: ['ecs:DescribeServices', 'ecs:UpdateService'], resources: [service.id] },
  ]);
}

/** Reading and writing the value of one parameter. */
export function grantReadWriteParameter(role: IamRole, parameter: SsmParameter): IamRolePolicy {
  return grant(role, 'use-parameter', [
    { actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [parameter.arn] },
  ]);
}

/**
 * Reading the items of some partitions of the table itself, in order. The condition asks that every partition of a call is
 * one of these; a call that named none would pass it, but a query always names one.
 */
export function grantQueryPartitions(
  role: IamRole,
  table: DynamodbTable,
  partitions: readonly string[],
): IamRolePolicy {
  return grant(role, 'query-partitions', [
    {
      actions: ['dynamodb:Query'],
      resources: [table.arn],
      condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitions } },
    },
  ]);
}

/**
 * Reading the states of exactly these alarms, asked for by name. To ask by prefix a role would need the right to see all
 * alarms of the account.
 */
export function grantDescribeAlarms(role: IamRole, alarmArns: readonly string[]): IamRolePolicy {
  return grant(role, 'describe-alarms', [{ actions: ['cloudwatch:DescribeAlarms'], resources: alarmArns }]);
}

/** Publishing on one topic. */
export function grantPublish(role: IamRole, topic: SnsTopic): IamRolePolicy {
  return grant(role, 'publish', [{ actions: ['sns:Publish'], resources: [topic.arn] }]);
}

/** Putting messages into one queue. */
export function grantSend(role: IamRole, queue: SqsQueue): IamRolePolicy {
  return grant(role, 'send', [{ actions: ['sqs:SendMessage'], resources: [queue.arn] }]);
}

/** Reading the values of exactly these secrets. */
export function grantReadSecrets(role: IamRole, secrets: readonly SecretsmanagerSecret[]): IamRolePolicy {
  return grant(role, 'read-secrets', [
    { actions: ['secretsmanager:GetSecretValue'], resources: secrets.map((secret) => secret.arn) },
  ]);
}

/** Pulling images from one repository. */
export function grantPull(role: IamRole, repository: EcrRepository): IamRolePolicy {
  return grant(role, 'pull-image', [
    // The one action that knows no resource: it lets the role log in to the registry, and see nothing yet.
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [repository.arn],
    },
  ]);
}

/** Writing to the streams of one log group; not creating groups, whose retention would be forever. */
export function grantWriteLogs(role: IamRole, logGroup: CloudwatchLogGroup): IamRolePolicy {
  return grant(role, 'write-logs', [
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${logGroup.arn}:*`] },
  ]);
}

function grant(role: IamRole, name: string, statements: readonly Statement[]): IamRolePolicy {
  return new IamRolePolicy(role, name, {
    name,
    role: role.name,
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map(({ actions, resources, condition }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resources,
        Condition: condition,
      })),
    }),
  });
}
