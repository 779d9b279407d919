import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { DescribeTaskDefinitionCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { Fn, TerraformStack } from 'cdktf';
import { FargateTask } from '../../../stacks/constructs/service/fargate-task';
import { TaskRoles } from '../../../stacks/constructs/service/task-roles';
import { synthesizeStack } from '../../stacks/synthesized';
import { accountClients } from './support/account-clients';
import { only, present } from './support/deployed-broker';
import { startDeploymentBed, type DeploymentBed } from './support/deployment-bed';
import type { ResourceChange } from './support/stack-plan';
import { describeDeployment } from './support/tools';

/*
 * What "no changes" is worth: task definitions that spell something otherwise than ECS keeps it, beside ours. They are
 * applied, and planned again without a change to anything.
 */

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(300_000);

type Container = FargateTask['container'];
interface Size {
  cpu: string;
  memory: string;
}

const SIZE: Size = { cpu: '256', memory: '512' };

interface Spelling {
  container: object;
  size?: Size;
}

/** Each one is a change at every plan, although nobody changes anything. */
const PLANTED: Record<string, (container: Container) => Spelling> = {
  'capabilities that do not say that none is added': (container) => ({
    container: { ...container, linuxParameters: { capabilities: { drop: ['ALL'] } } },
  }),
  'capabilities that say nothing': (container) => ({
    container: { ...container, linuxParameters: { capabilities: {} } },
  }),
  'a size in vCPU and GB': (container) => ({ container, size: { cpu: '.25 vCPU', memory: '0.5 GB' } }),
};

/** These the provider itself compares in ECS's form: the plants above differ in nothing but what they are about. */
const FORGIVEN: Record<string, (container: Container) => Spelling> = {
  'a health check without its numbers': (container) => ({
    container: { ...container, healthCheck: { command: container.healthCheck.command } },
  }),
  'a port without its host port and protocol': (container) => ({
    container: { ...container, portMappings: [{ containerPort: 8080 }] },
  }),
  'neither a share of CPU nor empty lists': (container) => ({
    container: without(container, ['cpu', 'essential', 'mountPoints', 'systemControls', 'volumesFrom']),
  }),
};

const SPELLINGS = { ...PLANTED, ...FORGIVEN };

function configuration(): object {
  const stack = synthesizeStack((app) => {
    const built = new TerraformStack(app, 'task-definitions');
    new AwsProvider(built, 'aws', { region: 'us-east-1' });
    const roles = new TaskRoles(built, 'roles', { serviceName: 'broker', accountId: '123456789012' });
    const task = new FargateTask(built, 'ours', {
      family: 'ours',
      cpuUnits: SIZE.cpu,
      memoryMib: SIZE.memory,
      cpuArchitecture: 'ARM64',
      roles,
      containerName: 'api',
      image: 'registry.example.com/broker:1.0.0',
      command: ['node', 'dist/api.js'],
      port: 8080,
      isCalled: true,
      environment: ['PORT', 'LOG_LEVEL', 'NODE_ENV'].map((name) => ({ name, value: 'some' })),
      secrets: ['A_TOKEN', 'B_TOKEN'].map((name) => ({ name, valueFrom: `arn:aws:ssm:::parameter/${name}` })),
      logGroup: new CloudwatchLogGroup(built, 'logs', { name: '/broker/api' }),
      awsRegion: 'us-east-1',
    });
    Object.values(SPELLINGS).forEach((spell, index) => {
      const { container, size = SIZE } = spell(task.container);
      new EcsTaskDefinition(built, `other-${index}`, {
        family: `other-${index}`,
        ...size,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        executionRoleArn: roles.execution.arn,
        containerDefinitions: Fn.jsonencode([container]),
      });
    });
    return built;
  });
  // Its own folder holds the state.
  return { ...stack, terraform: without(stack.terraform, ['backend']) };
}

function without(object: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

describeDeployment('the second plan of a task definition', () => {
  let bed: DeploymentBed;
  let changes: ResourceChange[];

  beforeAll(async () => {
    bed = await startDeploymentBed();
    const project = bed.terraformProject('task-definitions', configuration());
    await project.apply();
    changes = (await project.plan()).changes;
  });

  afterAll(() => (bed as DeploymentBed | undefined)?.stop());

  const familyOf = (name: string): string => `other-${Object.keys(SPELLINGS).indexOf(name)}`;
  const actionsOn = (family: string): string[] | undefined =>
    changes.find(({ address }) => address === `aws_ecs_task_definition.${family}`)?.actions;
  const answerFor = async (family: string): Promise<TaskDefinition> => {
    const { ecs } = accountClients(bed.account.url);
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family }));
    return present(taskDefinition);
  };

  it('has nothing to do for ours', () => {
    expect(changes.filter(({ address }) => !address.includes('.other-'))).toEqual([]);
  });

  it.each(Object.keys(PLANTED))('replaces one with %s', (name) => {
    expect(actionsOn(familyOf(name))).toEqual(['delete', 'create']);
  });

  it.each(Object.keys(FORGIVEN))('has nothing to do for one with %s, which the provider forgives', (name) => {
    expect(actionsOn(familyOf(name))).toBeUndefined();
  });

  it.each(Object.keys(FORGIVEN))('is of what ECS keeps, not of what it got: %s', async (name) => {
    const ours = only((await answerFor('ours')).containerDefinitions);
    const other = only((await answerFor(familyOf(name))).containerDefinitions);

    expect({ ...other, healthCheck: undefined }).toEqual({ ...ours, healthCheck: undefined });
    expect(other.healthCheck).toMatchObject({
      interval: expect.any(Number) as number,
      retries: 3,
      timeout: 5,
    });
    // Not in the order in which they were written.
    expect(other.environment?.map((variable) => variable.name)).toEqual([
      'PORT',
      'NODE_OPTIONS',
      'NODE_ENV',
      'LOG_LEVEL',
    ]);
  });
});
