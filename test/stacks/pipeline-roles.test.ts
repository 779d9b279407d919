import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { ACCOUNT_ID, boundaryOf, namesIn, pipelineRole, synthesizeBootstrapStack } from './bootstrap-fixture';
import { RolePolicies, type PolicyDocument, type Request } from './role-policies';
import { synthesizeRollbackStack, synthesizeServiceStack } from './service-stack-fixture';
import { resources } from './synthesized';

const dev = synthesizeBootstrapStack();
const NAMES = deployedNames(ENVIRONMENTS.dev);
const { bucket: BUCKET } = namesIn(dev);

const arn = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT_ID}:${rest}`;
const iam = (rest: string): string => `arn:aws:iam::${ACCOUNT_ID}:${rest}`;
const BOUNDARY = iam('policy/sandbox-broker/bootstrap/sandbox-broker-dev-boundary');
const TABLE = arn('dynamodb', `table/${ENVIRONMENTS.dev.tableNames.table}`);

describe('the plan role', () => {
  const role = pipelineRole(dev, 'plan');

  it('grants nothing by a pattern of actions', () => {
    expect(role.grantedActions().filter((action) => action.includes('*'))).toEqual([]);
  });

  it('only describes, gets and lists', () => {
    expect(role.grantedActions().filter((action) => !/:(Describe|Get|List)[A-Z]/.test(action))).toEqual([]);
  });

  it('reads no row, message, log line, secret, image or state of others', async () => {
    const requests: Request[] = [
      // PartiQL reads and writes items under names of its own.
      { action: 'dynamodb:PartiQLSelect', resource: TABLE },
      { action: 'dynamodb:PartiQLUpdate', resource: TABLE },
      { action: 'dynamodb:GetItem', resource: TABLE },
      { action: 'dynamodb:BatchGetItem', resource: TABLE },
      { action: 'dynamodb:Query', resource: TABLE },
      { action: 'dynamodb:Query', resource: `${TABLE}/index/StatusIndex` },
      { action: 'dynamodb:Scan', resource: TABLE },
      { action: 'dynamodb:GetRecords', resource: `${TABLE}/stream/2026-11-28T00:00:00.000` },
      { action: 'dynamodb:ExportTableToPointInTime', resource: TABLE },
      ...['GetLogEvents', 'FilterLogEvents', 'StartQuery', 'StartLiveTail'].map((call) => ({
        action: `logs:${call}`,
        resource: arn('logs', `log-group:${NAMES.apiLogGroup}:*`),
      })),
      { action: 'logs:GetQueryResults', resource: '*' },
      { action: 'logs:GetLogRecord', resource: '*' },
      { action: 'logs:Unmask', resource: arn('logs', `log-group:${NAMES.apiLogGroup}:*`) },
      { action: 'sqs:ReceiveMessage', resource: arn('sqs', NAMES.rollbackDeadLetters) },
      {
        action: 'secretsmanager:GetSecretValue',
        resource: arn('secretsmanager', 'secret:sandbox-broker/dev/csp-api-token-AbCdEf'),
      },
      { action: 'ecr:BatchGetImage', resource: arn('ecr', `repository/${NAMES.prefix}`) },
      { action: 'ssm:GetParameter', resource: arn('ssm', 'parameter/somebody/elses') },
      { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/bootstrap.tfstate` },
      { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/prod/data.tfstate` },
      { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/elses/network.tfstate` },
      { action: 's3:GetObject', resource: 'arn:aws:s3:::somebody-elses/sandbox-broker/dev/data.tfstate' },
      { action: 's3:GetObjectVersion', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/data.tfstate` },
      { action: 's3:ListBucket', resource: 'arn:aws:s3:::somebody-elses' },
      { action: 'kms:Decrypt', resource: arn('kms', 'key/11111111-2222-3333-4444-555555555555') },
      { action: 'sts:AssumeRole', resource: iam('role/anything') },
    ];

    expect(await role.allowed(requests)).toEqual([]);
  });

  it('changes nothing, not even a state', async () => {
    const state = `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/data.tfstate`;

    expect(
      await role.allowed([
        { action: 's3:PutObject', resource: state },
        { action: 's3:PutObject', resource: `${state}.tflock` },
        { action: 's3:DeleteObject', resource: state },
        { action: 'ecs:UpdateService', resource: arn('ecs', `service/${NAMES.cluster}/${NAMES.apiService}`) },
        { action: 'iam:PassRole', resource: iam(`role/${NAMES.apiService}-task`) },
      ]),
    ).toEqual([]);
  });

  it('reads the states of its environment', async () => {
    const states = ['network', 'data', 'service', 'rollback'].map((component) => ({
      action: 's3:GetObject',
      resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/${component}.tfstate`,
    }));

    expect(await role.refused(states)).toEqual([]);
  });
});

describe('the deploy role', () => {
  const role = pipelineRole(dev, 'deploy');
  const taskRole = iam(`role/${NAMES.apiService}-task`);
  const within = { 'iam:PermissionsBoundary': BOUNDARY };

  it('makes a role and changes its policies within the boundary', async () => {
    expect(
      await role.refused([
        { action: 'iam:CreateRole', resource: taskRole, context: within },
        { action: 'iam:PutRolePolicy', resource: taskRole, context: within },
        { action: 'iam:DeleteRolePolicy', resource: taskRole, context: within },
        { action: 'iam:PutRolePermissionsBoundary', resource: taskRole, context: within },
      ]),
    ).toEqual([]);
  });

  it.each([
    ['no boundary', {}],
    ['another boundary', { 'iam:PermissionsBoundary': iam('policy/AdministratorAccess') }],
    ['the boundary of production', { 'iam:PermissionsBoundary': BOUNDARY.replace('-dev-', '-prod-') }],
  ])('makes and changes no role with %s', async (_what, context) => {
    const actions = ['CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'PutRolePermissionsBoundary'];
    const requests = actions.map((action) => ({ action: `iam:${action}`, resource: taskRole, context }));

    expect(await role.allowed(requests)).toEqual([]);
  });

  it('neither takes the boundary from a role nor edits it', async () => {
    const onPolicy = [
      'CreatePolicyVersion',
      'SetDefaultPolicyVersion',
      'DeletePolicyVersion',
      'DeletePolicy',
    ];

    expect(
      await role.allowed([
        { action: 'iam:DeleteRolePermissionsBoundary', resource: taskRole, context: within },
        ...onPolicy.map((action) => ({ action: `iam:${action}`, resource: BOUNDARY })),
        { action: 'iam:CreatePolicy', resource: iam('policy/sandbox-broker-dev-other') },
        { action: 'iam:TagPolicy', resource: BOUNDARY },
      ]),
    ).toEqual([]);
  });

  it('cannot change the roles of the pipelines, nor whom they trust', async () => {
    const actions = [
      'CreateRole',
      'PutRolePolicy',
      'AttachRolePolicy',
      'UpdateAssumeRolePolicy',
      'DeleteRole',
      'PutRolePermissionsBoundary',
      'PassRole',
    ];
    const roles = ['deploy', 'plan'].map((name) =>
      iam(`role/sandbox-broker/bootstrap/${NAMES.prefix}-${name}`),
    );
    const requests = roles.flatMap((resource) =>
      actions.map((action) => ({ action: `iam:${action}`, resource, context: within })),
    );

    expect(
      await role.allowed([
        ...requests,
        {
          action: 'iam:UpdateOpenIDConnectProviderThumbprint',
          resource: iam('oidc-provider/token.actions.githubusercontent.com'),
        },
        {
          action: 'iam:AddClientIDToOpenIDConnectProvider',
          resource: iam('oidc-provider/token.actions.githubusercontent.com'),
        },
      ]),
    ).toEqual([]);
  });

  it('makes no user, no key and no role outside the names of the environment', async () => {
    expect(
      await role.allowed([
        { action: 'iam:CreateUser', resource: iam('user/somebody') },
        { action: 'iam:CreateAccessKey', resource: iam('user/somebody') },
        { action: 'iam:CreateRole', resource: iam('role/somebody'), context: within },
        { action: 'iam:CreateRole', resource: iam('role/sandbox-broker-prod-api-task'), context: within },
        { action: 'sts:AssumeRole', resource: taskRole },
      ]),
    ).toEqual([]);
  });

  it('hands roles to the services that run our code only', async () => {
    const handing = (service: string): Request => ({
      action: 'iam:PassRole',
      resource: taskRole,
      context: { 'iam:PassedToService': service },
    });

    expect(
      await role.refused(['ecs-tasks', 'lambda'].map((name) => handing(`${name}.amazonaws.com`))),
    ).toEqual([]);
    expect(await role.allowed(['ec2', 'glue'].map((name) => handing(`${name}.amazonaws.com`)))).toEqual([]);
  });

  it('reads no row, message, log line or secret, and no state of others', async () => {
    expect(
      await role.allowed([
        { action: 'dynamodb:GetItem', resource: TABLE },
        { action: 'dynamodb:PartiQLSelect', resource: TABLE },
        { action: 'dynamodb:Scan', resource: TABLE },
        { action: 'sqs:ReceiveMessage', resource: arn('sqs', NAMES.rollbackDeadLetters) },
        { action: 'logs:GetLogEvents', resource: arn('logs', `log-group:${NAMES.apiLogGroup}:*`) },
        {
          action: 'secretsmanager:GetSecretValue',
          resource: arn('secretsmanager', 'secret:sandbox-broker/dev/csp-api-token-AbCdEf'),
        },
        { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/bootstrap.tfstate` },
        { action: 's3:PutObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/bootstrap.tfstate` },
        { action: 's3:PutBucketPolicy', resource: `arn:aws:s3:::${BUCKET}` },
        { action: 's3:DeleteBucket', resource: `arn:aws:s3:::${BUCKET}` },
        { action: 's3:DeleteObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/data.tfstate` },
      ]),
    ).toEqual([]);
  });
});

describe('the image role', () => {
  it('pushes to the repository of its environment, and to no other', async () => {
    const role = pipelineRole(dev, 'image');
    const push = (repository: string): Request[] =>
      ['PutImage', 'UploadLayerPart', 'DescribeImages'].map((action) => ({
        action: `ecr:${action}`,
        resource: arn('ecr', `repository/${repository}`),
      }));

    expect(
      await role.refused([...push(NAMES.prefix), { action: 'ecr:GetAuthorizationToken', resource: '*' }]),
    ).toEqual([]);
    expect(await role.allowed(push('sandbox-broker-prod'))).toEqual([]);
    expect(
      await role.allowed([
        { action: 'ecr:DeleteRepository', resource: arn('ecr', `repository/${NAMES.prefix}`) },
      ]),
    ).toEqual([]);
  });
});

describe('the boundary', () => {
  const everything = {
    name: 'everything',
    policy: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  };
  const role = new RolePolicies(iam(`role/${NAMES.apiService}-task`), [everything], boundaryOf(dev));

  it('keeps a role from IAM and from other environments, whatever its policies say', async () => {
    expect(
      await role.allowed([
        { action: 'iam:CreateUser', resource: iam('user/somebody') },
        { action: 'iam:PassRole', resource: iam(`role/${NAMES.apiService}-task`) },
        { action: 'sts:AssumeRole', resource: iam('role/somebody') },
        { action: 'dynamodb:GetItem', resource: arn('dynamodb', 'table/SandboxPool') },
        { action: 'dynamodb:DeleteTable', resource: TABLE },
        { action: 'dynamodb:Scan', resource: arn('dynamodb', 'table/SandboxPool') },
        {
          action: 'secretsmanager:GetSecretValue',
          resource: arn('secretsmanager', 'secret:sandbox-broker/prod/csp-api-token-AbCdEf'),
        },
        { action: 'ecs:RunTask', resource: arn('ecs', `task-definition/${NAMES.apiService}:1`) },
        { action: 's3:GetObject', resource: `arn:aws:s3:::${BUCKET}/sandbox-broker/dev/data.tfstate` },
      ]),
    ).toEqual([]);
  });

  it('leaves every action that the stacks grant to a role of theirs, and no other', () => {
    const granted = [synthesizeServiceStack(), synthesizeRollbackStack()].flatMap((stack) =>
      Object.values(resources<{ policy: string }>(stack, 'aws_iam_role_policy')).flatMap(({ policy }) =>
        (JSON.parse(policy) as PolicyDocument).Statement.flatMap(({ Action }) => Action),
      ),
    );
    const left = boundaryOf(dev).policy.Statement.flatMap(({ Action }) => Action);

    expect([...new Set(left)].sort()).toEqual([...new Set(granted)].sort());
  });
});
