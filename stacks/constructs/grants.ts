import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';

/*
 * What a role may do, one narrow grant each. Every statement names its actions and its ARNs. A grant returns the policy:
 * a service depends on it, since its first task would start before its rights otherwise, and fail.
 */

interface Statement {
  actions: readonly string[];
  resources: readonly string[];
}

/** The calls that read or change one item. TransactWriteItems needs none of its own, but that of each of its parts. */
export type ItemAction = 'ConditionCheckItem' | 'DeleteItem' | 'GetItem' | 'PutItem' | 'UpdateItem';

/**
 * These calls on the table's items, and queries of the named indexes. Nobody may scan, or query the table itself: no
 * code of ours does.
 */
export function grantTableAccess(
  role: IamRole,
  table: DynamodbTable,
  access: { itemActions: readonly ItemAction[]; indexNames: readonly string[] },
): IamRolePolicy {
  return grant(role, 'use-sandbox-table', [
    { actions: access.itemActions.map((action) => `dynamodb:${action}`), resources: [table.arn] },
    {
      actions: ['dynamodb:Query'],
      resources: access.indexNames.map((name) => `${table.arn}/index/${name}`),
    },
  ]);
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
      Statement: statements.map(({ actions, resources }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resources,
      })),
    }),
  });
}
