import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack } from 'cdktf';
import { API_DRAIN_SECONDS } from '../../../../stacks/constructs/service/container-environment';
import { FargateTask, MAX_STOP_TIMEOUT_SECONDS } from '../../../../stacks/constructs/service/fargate-task';
import { ENVIRONMENTS } from '../../../../stacks/environments';
import { FARGATE_SIZES } from '../../../../stacks/variables/fargate-sizes';
import { serviceVariableDefinitions } from '../../../../stacks/variables/service-variables';
import { TaskRoles } from '../../../../stacks/constructs/service/task-roles';
import { synthesizeServiceStack } from '../../service-stack-fixture';
import { onlyResource, resources, synthesizeStack } from '../../synthesized';

/** For how long closing the HTTP server may take: CLOSE_TIMEOUT_MS in app/http-listener.ts. */
const CLOSE_SECONDS = 10;
/** The longest drain of a job: three attempts of a portal call, with its timeouts and what comes around them. */
const JOB_DRAIN_SECONDS = 95;

/** Of the health check's process, what it does not share with the main one. */
const HEALTH_CHECK_MIB = 10;

function newTask(isCalled: boolean): { task: FargateTask; resource: Record<string, unknown> } {
  let task: FargateTask | undefined;
  const stack = synthesizeStack((app) => {
    const built = new TerraformStack(app, 'test');
    new AwsProvider(built, 'aws');
    task = new FargateTask(built, 'task', {
      family: 'broker-api',
      cpuUnits: '256',
      memoryMib: '512',
      cpuArchitecture: 'ARM64',
      roles: new TaskRoles(built, 'roles', { serviceName: 'broker-api', accountId: '123456789012' }),
      containerName: 'api',
      image: 'registry/broker:1.0.0',
      command: ['node', 'dist/api.js'],
      port: 8080,
      isCalled,
      environment: [{ name: 'PORT', value: '8080' }],
      secrets: [{ name: 'CSP_API_TOKEN', valueFrom: 'arn:secret' }],
      logGroup: new CloudwatchLogGroup(built, 'logs', { name: '/broker/api' }),
      awsRegion: 'eu-west-1',
    });
    return built;
  });
  if (task === undefined) throw new Error('No task was made.');
  return { task, resource: onlyResource<Record<string, unknown>>(stack, 'aws_ecs_task_definition') };
}

describe('a task definition', () => {
  it('is for Fargate, and its revisions stay when it is replaced', () => {
    expect(newTask(true).resource).toMatchObject({
      family: 'broker-api',
      cpu: '256',
      memory: '512',
      requires_compatibilities: ['FARGATE'],
      network_mode: 'awsvpc',
      runtime_platform: { cpu_architecture: 'ARM64', operating_system_family: 'LINUX' },
      skip_destroy: true,
    });
  });

  it('keeps the role that starts the task and the role of the code apart', () => {
    expect(newTask(true).resource).toMatchObject({
      execution_role_arn: expect.stringContaining('roles_execution') as string,
      task_role_arn: expect.stringContaining('roles_task') as string,
    });
  });

  it('is written by Terraform itself, so that a quote in a variable breaks nothing', () => {
    expect(newTask(true).resource.container_definitions).toMatch(/^\$\{jsonencode\(\[\{.*\}\]\)\}$/);
  });
});

describe('its container', () => {
  it('can do no harm: no root, no privileges, no capabilities, no disk to write on', () => {
    expect(newTask(true).task.container).toMatchObject({
      user: expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/) as string,
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { add: [], drop: ['ALL'] }, initProcessEnabled: true },
    });
  });

  it('asks itself for /healthz on its own port, without a shell, and not before it can have started', () => {
    const { healthCheck } = newTask(true).task.container;

    expect(healthCheck.command).toEqual([
      'CMD',
      'node',
      'dist/health-check.js',
      'http://127.0.0.1:8080/healthz',
    ]);
    expect(healthCheck.startPeriod).toBeGreaterThanOrEqual(30);
    // ECS's own limits: interval 5–300 s, timeout 2–60 s, retries 1–10, start period 0–300 s.
    expect(healthCheck.timeout).toBeLessThan(healthCheck.interval);
  });

  it('has its variables sorted, with the options of Node.js that come of its memory', () => {
    expect(newTask(true).task.container.environment).toEqual([
      { name: 'NODE_OPTIONS', value: expect.stringContaining('--max-old-space-size=') as string },
      { name: 'PORT', value: '8080' },
    ]);
  });

  it('has as long to end as its longest drain takes, and no longer than Fargate grants', () => {
    const { stopTimeout } = newTask(true).task.container;

    expect(stopTimeout).toBeGreaterThan(Math.max(API_DRAIN_SECONDS, JOB_DRAIN_SECONDS) + CLOSE_SECONDS);
    expect(stopTimeout).toBeLessThanOrEqual(MAX_STOP_TIMEOUT_SECONDS);
  });

  it('opens its port only when somebody calls it', () => {
    expect(newTask(true).task.container.portMappings).toEqual([
      { containerPort: 8080, hostPort: 8080, protocol: 'tcp' },
    ]);
    expect(newTask(false).task.container.portMappings).toEqual([]);
  });

  it('never waits for its log', () => {
    expect(newTask(true).task.container.logConfiguration).toMatchObject({
      logDriver: 'awslogs',
      options: { 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'api', mode: 'non-blocking' },
    });
  });
});

describe('the tasks of the two services', () => {
  interface TaskDefinition {
    family: string;
    cpu: string;
    memory: string;
    container_definitions: string;
  }

  /** The old space that V8 is given in a task of the kind, by its memory; both in MiB. As Terraform computes it. */
  function oldSpaceMib(kind: string): (memoryMib: number) => number {
    const tasks = Object.values(
      resources<TaskDefinition>(synthesizeServiceStack(), 'aws_ecs_task_definition'),
    );
    const task = tasks.find(({ family }) => family === `sandbox-broker-dev-${kind}`);
    const expression = new RegExp(
      `--max-old-space-size=\\$\\{\\(floor\\(\\(\\(var\\.${kind}_memory \\* (\\d+)\\) / (\\d+)\\)\\) - (\\d+)\\)\\} --max-semi-space-size=16`,
    );
    const numbers = expression.exec(String(task?.container_definitions))?.slice(1).map(Number);
    const [factor = NaN, divisor = NaN, less = NaN] = numbers ?? [];
    return (memoryMib) => Math.floor((memoryMib * factor) / divisor) - less;
  }

  it.each(['api', 'worker'])(
    '%s fills its memory beyond the alarm before V8 gives up, in every size',
    (kind) => {
      const threshold = kind === 'api' ? 'apiMemoryThresholdPercent' : 'workerMemoryThresholdPercent';
      const alarmAtPercent = Number(serviceVariableDefinitions(ENVIRONMENTS.prod)[threshold].default);

      const oldSpaceOf = oldSpaceMib(kind);
      for (const memoryMib of FARGATE_SIZES.flatMap((size) => size.memoryMib)) {
        const oldSpace = oldSpaceOf(memoryMib);
        // As measured (node-heap.ts): what a full heap needs at least, not counting files, and at most, counting them.
        const least = oldSpace + 28;
        const most = oldSpace * 1.02 + 78 + HEALTH_CHECK_MIB;
        expect((100 * least) / memoryMib).toBeGreaterThan(alarmAtPercent);
        expect(most).toBeLessThan(memoryMib);
      }
    },
  );

  it.each(['api', 'worker'])('%s has the size of its variables and its own program, and no other', (kind) => {
    const tasks = Object.values(
      resources<TaskDefinition>(synthesizeServiceStack(), 'aws_ecs_task_definition'),
    );
    const task = tasks.find(({ family }) => family === `sandbox-broker-dev-${kind}`);

    expect(task).toMatchObject({ cpu: `\${var.${kind}_cpu}`, memory: `\${var.${kind}_memory}` });
    expect(task?.container_definitions).toContain(`"command" = ["node", "dist/${kind}.js"]`);
    expect(task?.container_definitions).toContain('"image" = var.container_image');
    expect(task?.container_definitions).toContain(`/healthz`);
    expect(task?.container_definitions.includes('BROKER_API_TOKEN')).toBe(kind === 'api');
  });
});
