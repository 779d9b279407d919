/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { present, taskDefinitionOf } from '../../deployment/support/deployed-broker';
import type { DeployedSystem } from '../deployed-system';
import { DeployedRole } from '../policy-simulator';

/** Granted although no call of this run needed it, each with its reason. */
const GRANTED_FOR_LATER: Record<string, string> = {
  'dynamodb:ConditionCheckItem': 'the guard of a row that an earlier release wrote; there are none here',
  'ecr:BatchCheckLayerAvailability': 'a real pull asks for it, beside the image; there are no layers here',
  'logs:CreateLogStream': 'Lambda writes the logs of a function; here nobody does',
  'logs:PutLogEvents': 'Lambda writes the logs of a function; here nobody does',
  'sqs:SendMessage': 'Lambda itself sends what failed for good to the dead letters',
  'ecr:GetDownloadUrlForLayer': 'a real pull asks for it, beside the image; there are no layers here',
};

type RoleName = 'api-task' | 'api-execution' | 'worker-task' | 'worker-execution' | 'rollback function';

const TASK_ROLES: RoleName[] = ['api-task', 'api-execution', 'worker-task', 'worker-execution'];
const ALL_ROLES: RoleName[] = [...TASK_ROLES, 'rollback function'];

/** That every role may do what was asked of AWS with it while the system ran, and nothing else. */
export function describeLeastPrivilege(system: () => DeployedSystem): void {
  const roles = new Map<RoleName, DeployedRole>();
  const role = (name: RoleName): DeployedRole => present(roles.get(name));

  beforeAll(async () => {
    const { broker } = system();
    for (const kind of ['api', 'worker'] as const) {
      const definition = await taskDefinitionOf(broker, `${kind}Service`);
      const { iam } = broker.clients;
      roles.set(`${kind}-task`, await DeployedRole.read(iam, present(definition.taskRoleArn)));
      roles.set(`${kind}-execution`, await DeployedRole.read(iam, present(definition.executionRoleArn)));
    }
    const { roleArn } = system().rollback;
    roles.set('rollback function', await DeployedRole.read(broker.clients.iam, roleArn));
  });

  it('knows whose every call was', () => {
    expect([...system().front.strangers]).toEqual([]);
  });

  it.each(ALL_ROLES)('allows the %s role every call that was made with it', async (name) => {
    const calls = system()
      .front.calls()
      .filter(({ roleArn }) => roleArn === role(name).arn);
    expect(calls.length).toBeGreaterThan(0);

    const refused: string[] = [];
    for (const call of calls) {
      const context: Record<string, string[]> =
        call.partition === undefined ? {} : { 'dynamodb:LeadingKeys': [call.partition] };
      if (!(await role(name).mayDo(call, context))) refused.push(`${call.action} on ${call.resource}`);
    }
    expect(refused).toEqual([]);
  });

  it.each(ALL_ROLES)('grants the %s role no action that nobody needed', (name) => {
    const calls = system()
      .front.calls()
      .filter(({ roleArn }) => roleArn === role(name).arn);
    const needed = new Set(calls.map(({ action }) => action));
    const unneeded = role(name)
      .grantedActions()
      .filter((action) => !needed.has(action) && !(action in GRANTED_FOR_LATER));

    expect(unneeded).toEqual([]);
  });

  it.each(TASK_ROLES)('refuses the %s role what would harm', async (name) => {
    const { broker, accountId } = system();
    const { awsRegion: region, tableNames } = broker.environment;
    const arn = (service: string, rest: string): string =>
      `arn:aws:${service}:${region}:${accountId}:${rest}`;
    const harm: { action: string; resource: string; context?: Record<string, string[]> }[] = [
      { action: 'dynamodb:DeleteTable', resource: arn('dynamodb', `table/${tableNames.table}`) },
      { action: 'dynamodb:Scan', resource: arn('dynamodb', 'table/SomebodyElses') },
      ...(name === 'api-task'
        ? []
        : [{ action: 'dynamodb:Scan', resource: arn('dynamodb', `table/${tableNames.table}`) }]),
      { action: 'dynamodb:PutItem', resource: arn('dynamodb', 'table/SomebodyElses') },
      { action: 'dynamodb:Query', resource: arn('dynamodb', `table/${tableNames.table}/index/Other`) },
      {
        action: 'dynamodb:Query',
        resource: arn('dynamodb', `table/${tableNames.table}`),
        context: { 'dynamodb:LeadingKeys': ['SBX#2009521'] },
      },
      { action: 'cloudwatch:DescribeAlarms', resource: arn('cloudwatch', 'alarm:somebody-elses') },
      {
        action: 'cloudwatch:DisableAlarmActions',
        resource: arn('cloudwatch', `alarm:${broker.names.prefix}-worker-cpu-high`),
      },
      { action: 'secretsmanager:GetSecretValue', resource: arn('secretsmanager', 'secret:other-AbCdEf') },
      {
        action: 'ecs:UpdateService',
        resource: arn('ecs', `service/${broker.names.cluster}/${broker.names.workerService}`),
      },
      {
        action: 'ssm:PutParameter',
        resource: arn('ssm', `parameter${broker.names.workerDesiredCountParameter}`),
      },
      { action: 'iam:PassRole', resource: role(name).arn },
      { action: 'iam:PutRolePolicy', resource: role(name).arn },
      { action: 'logs:DeleteLogGroup', resource: arn('logs', `log-group:${broker.names.apiLogGroup}:*`) },
    ];

    const allowed: string[] = [];
    for (const { context, ...call } of harm) {
      if (await role(name).mayDo(call, context)) allowed.push(call.action);
    }
    expect(allowed).toEqual([]);
  });

  it('keeps the tokens of the API from the worker', async () => {
    const definition = await taskDefinitionOf(system().broker, 'apiService');
    const secrets = present(definition.containerDefinitions?.[0]?.secrets);
    const readable: string[] = [];
    for (const { name, valueFrom } of secrets) {
      const call = { action: 'secretsmanager:GetSecretValue', resource: present(valueFrom) };
      if (await role('worker-execution').mayDo(call)) readable.push(present(name));
    }

    expect(readable).toEqual(['CSP_API_TOKEN']);
  });
}
