import { DescribeTaskDefinitionCommand, type ContainerDefinition, type ECSClient } from '@aws-sdk/client-ecs';

/** What an agent needs to know of a task definition. Times are in seconds, as ECS keeps them. */
export interface DeployedTaskDefinition {
  arn: string;
  taskRoleArn: string;
  executionRoleArn: string;
  container: ContainerDefinition & { name: string; image: string; command: string[] };
  /** After SIGTERM; then SIGKILL. */
  stopTimeoutSeconds: number;
  healthCheck: {
    command: string[];
    intervalSeconds: number;
    timeoutSeconds: number;
    retries: number;
    startPeriodSeconds: number;
  };
}

/** ECS's own, for Fargate: API reference, ContainerDefinition and HealthCheck. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;
const DEFAULT_HEALTH_CHECK = { interval: 30, timeout: 5, retries: 3, startPeriod: 0 };

/**
 * Reads a revision back from the account. It must be one that Fargate would run: one essential container with a
 * command, both roles and a health check that needs no shell.
 */
export async function readTaskDefinition(ecs: ECSClient, arn: string): Promise<DeployedTaskDefinition> {
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
  const containers = taskDefinition?.containerDefinitions ?? [];
  const [container] = containers;
  if (containers.length !== 1 || container === undefined || container.essential === false) {
    throw new Error(`${arn} must have exactly one container, an essential one`);
  }
  const { name, image, command, healthCheck } = container;
  const { taskRoleArn, executionRoleArn } = taskDefinition ?? {};
  if (name === undefined || image === undefined || command === undefined || command.length === 0) {
    throw new Error(`${arn} lacks a name, an image or a command`);
  }
  if (taskRoleArn === undefined || executionRoleArn === undefined) throw new Error(`${arn} lacks a role`);
  const [kind, ...healthCommand] = healthCheck?.command ?? [];
  if (kind !== 'CMD' || healthCommand.length === 0) {
    throw new Error(`${arn} needs a health check of the form ["CMD", program, …]: the image has no shell`);
  }
  return {
    arn,
    taskRoleArn,
    executionRoleArn,
    container: { ...container, name, image, command },
    stopTimeoutSeconds: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
    healthCheck: {
      command: healthCommand,
      intervalSeconds: healthCheck?.interval ?? DEFAULT_HEALTH_CHECK.interval,
      timeoutSeconds: healthCheck?.timeout ?? DEFAULT_HEALTH_CHECK.timeout,
      retries: healthCheck?.retries ?? DEFAULT_HEALTH_CHECK.retries,
      startPeriodSeconds: healthCheck?.startPeriod ?? DEFAULT_HEALTH_CHECK.startPeriod,
    },
  };
}
