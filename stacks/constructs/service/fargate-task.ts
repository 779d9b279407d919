import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { nodeOptions } from './node-heap';
import type { TaskRoles } from './task-roles';

/** The most that Fargate grants between SIGTERM and SIGKILL (ECS developer guide, `stopTimeout`). */
export const MAX_STOP_TIMEOUT_SECONDS = 120;

/** The user `node` of the Node.js images, by number: ECS need not trust the image's own list of users. */
const NODE_USER = '1000:1000';

export interface FargateTaskProps {
  family: string;
  /** CPU units, 1024 to a vCPU; with the memory one of the pairs that Fargate offers. */
  cpuUnits: string;
  memoryMib: string;
  /** `ARM64` or `X86_64`, as the image was built. */
  cpuArchitecture: string;
  roles: TaskRoles;
  /** The container's name, and the first part of the names of its log streams. */
  containerName: string;
  image: string;
  command: readonly string[];
  /** Where the process listens, and answers `/healthz`. */
  port: number;
  /** Whether anybody but the container's own health check calls that port. */
  isCalled: boolean;
  /** All but `NODE_OPTIONS`, which comes of the memory. */
  environment: readonly { name: string; value: string }[];
  secrets: readonly { name: string; valueFrom: string }[];
  logGroup: CloudwatchLogGroup;
  awsRegion: string;
}

/**
 * The task definition of one of our processes on Fargate. It promises a container that is not root, can write nothing
 * to its own disk, has no Linux capabilities, ends its drain in peace, and is replaced when `/healthz` fails. Revisions
 * are kept when they are replaced: there must be one to go back to.
 */
export class FargateTask extends Construct {
  readonly resource: EcsTaskDefinition;
  readonly containerName: string;
  readonly port: number;
  /** What is written as JSON into the resource, for tests and readers. */
  readonly container: ReturnType<typeof containerDefinition>;

  constructor(scope: Construct, id: string, props: FargateTaskProps) {
    super(scope, id);
    this.containerName = props.containerName;
    this.port = props.port;
    this.container = containerDefinition(props);
    this.resource = new EcsTaskDefinition(this, 'Default', {
      family: props.family,
      cpu: props.cpuUnits,
      memory: props.memoryMib,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { cpuArchitecture: props.cpuArchitecture, operatingSystemFamily: 'LINUX' },
      executionRoleArn: props.roles.execution.arn,
      taskRoleArn: props.roles.task.arn,
      // Terraform's own jsonencode: it sorts the keys, and a quote in a variable stays a quote in a string.
      containerDefinitions: Fn.jsonencode([this.container]),
      skipDestroy: true,
    });
  }
}

/** Says what AWS would fill in by itself, too: else every plan would show it as a change. */
function containerDefinition(props: FargateTaskProps) {
  const { containerName, image, command, port, isCalled, memoryMib, environment, secrets } = props;
  const { logGroup, awsRegion } = props;
  return {
    name: containerName,
    image,
    command,
    essential: true,
    cpu: 0,
    user: NODE_USER,
    readonlyRootFilesystem: true,
    linuxParameters: {
      // ECS answers both lists: without `add` every plan would replace the task definition.
      capabilities: { add: [], drop: ['ALL'] },
      // Node.js as process 1 would not reap its children, nor die of a signal that it does not handle.
      initProcessEnabled: true,
    },
    // An upper limit, not a wait: a process ends as soon as its drain is over. The longest one is that of a job's last
    // portal call with its retries (some 95 s by its timeouts), and an API task that runs the jobs has the same.
    stopTimeout: MAX_STOP_TIMEOUT_SECONDS,
    healthCheck: {
      command: ['CMD', 'node', 'dist/health-check.js', `http://127.0.0.1:${port}/healthz`],
      interval: 15,
      timeout: 5,
      retries: 3,
      // Until the first contact with the table `/healthz` is 503. A failure counts only after this.
      startPeriod: 60,
    },
    portMappings: isCalled ? [{ containerPort: port, hostPort: port, protocol: 'tcp' }] : [],
    // Not of the app's making, so not in its schema. Sorted as the rest is: the order must not make a new revision.
    environment: [...environment, { name: 'NODE_OPTIONS', value: nodeOptions(memoryMib) }].sort(
      (left, right) => (left.name < right.name ? -1 : 1),
    ),
    secrets,
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup.name,
        'awslogs-region': awsRegion,
        'awslogs-stream-prefix': containerName,
        // A slow CloudWatch must not stop the process at its next log line; what overflows the buffer is lost.
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      },
    },
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
  };
}
