import { BOOTSTRAP_PATH } from '../../../names';
import type { PolicyScope, PolicyStatement } from './policy-statement';

/**
 * Roles, within the boundary only. The condition is met by the boundary that a new role is given, and by the one that a role
 * has whose policies are changed; a role without it is out of reach. The denials at the end hold whatever else somebody
 * lets the deploy role do. Source: IAM user guide, "Delegating responsibility to others using permissions boundaries".
 */
export function roleStatements({ names, accountId, boundaryArn }: PolicyScope): PolicyStatement[] {
  const roles = [`arn:aws:iam::${accountId}:role/${names.prefix}-*`];
  return [
    {
      actions: [
        'iam:CreateRole',
        'iam:DeleteRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
      ],
      resources: roles,
      condition: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn } },
    },
    {
      actions: [
        'iam:DeleteRole',
        // Asked before a role is deleted.
        'iam:ListInstanceProfilesForRole',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
      ],
      resources: roles,
    },
    {
      actions: ['iam:PassRole'],
      resources: roles,
      condition: {
        StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'] },
      },
    },
    {
      effect: 'Deny',
      actions: ['iam:DeleteRolePermissionsBoundary'],
      resources: ['*'],
    },
    {
      effect: 'Deny',
      actions: ['iam:PutRolePermissionsBoundary'],
      resources: ['*'],
      condition: { StringNotEquals: { 'iam:PermissionsBoundary': boundaryArn } },
    },
    {
      effect: 'Deny',
      actions: ['iam:*'],
      resources: [
        `arn:aws:iam::${accountId}:policy${BOOTSTRAP_PATH}*`,
        `arn:aws:iam::${accountId}:role${BOOTSTRAP_PATH}*`,
        `arn:aws:iam::${accountId}:oidc-provider/*`,
      ],
    },
  ];
}
