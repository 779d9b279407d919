import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetImageCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DeployedTaskDefinition } from './deployed-task-definition';
import type { RoleCredentialsEndpoint } from './role-credentials';

const LOG_INTERVAL_MS = 1_000;
/** AWS's limit for one PutLogEvents is 10,000 events. */
const MAX_EVENTS = 1_000;

export interface ExecutionRoleOptions {
  awsEndpoint: string;
  region: string;
  credentials: RoleCredentialsEndpoint;
}

/**
 * What ECS does for a task with the execution role, before and beside the container: finds the image, resolves the
 * secrets, ships the logs. Each call is a real one, made with that role's credentials.
 */
export class ExecutionRole {
  constructor(private readonly options: ExecutionRoleOptions) {}

  /** Logs in to the registry and reads the image's manifest. @throws Error when there is no such image. */
  async findImage(definition: DeployedTaskDefinition): Promise<void> {
    const ecr = new ECRClient(await this.#clientOptions(definition));
    const { image } = definition.container;
    const [, repositoryName = '', imageTag = ''] = /^[^/]+\/(.+):([^:]+)$/.exec(image) ?? [];
    try {
      await ecr.send(new GetAuthorizationTokenCommand());
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
      );
      if (images.length === 0) throw new Error(`CannotPullContainerError: there is no image ${image}`);
    } finally {
      ecr.destroy();
    }
  }

  /** The plain variables of a task and its secrets, as they are now. @throws Error when a secret has no value. */
  async environmentOf(definition: DeployedTaskDefinition): Promise<Record<string, string>> {
    const { environment = [], secrets = [] } = definition.container;
    const values = Object.fromEntries(environment.map(({ name, value }) => [name ?? '', value ?? '']));
    const client = new SecretsManagerClient(await this.#clientOptions(definition));
    try {
      for (const { name = '', valueFrom } of secrets) {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: valueFrom }));
        if (SecretString === undefined) throw new Error(`ResourceInitializationError: ${name} has no value`);
        values[name] = SecretString;
      }
      return values;
    } finally {
      client.destroy();
    }
  }

  /** Ships what a task prints on its standard output and error, as the awslogs driver does. Call the result when it has ended: it sends the rest. */
  async shipLogs(
    definition: DeployedTaskDefinition,
    taskId: string,
    outputs: readonly (() => string)[],
  ): Promise<() => Promise<void>> {
    const { name, logConfiguration } = definition.container;
    const { 'awslogs-group': logGroupName, 'awslogs-stream-prefix': prefix } =
      logConfiguration?.options ?? {};
    const logStreamName = `${prefix ?? ''}/${name}/${taskId.replaceAll('/', '-')}`;
    const logs = new CloudWatchLogsClient(await this.#clientOptions(definition));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const shippedLengths = outputs.map(() => 0);
    const ship = async (): Promise<void> => {
      const lines = outputs.flatMap((output, at) => {
        const text = output().slice(shippedLengths[at]);
        const complete = text.slice(0, text.lastIndexOf('\n') + 1);
        shippedLengths[at] = (shippedLengths[at] ?? 0) + complete.length;
        return complete.split('\n').filter((line) => line !== '');
      });
      for (let from = 0; from < lines.length; from += MAX_EVENTS) {
        const logEvents = lines
          .slice(from, from + MAX_EVENTS)
          .map((message) => ({ message, timestamp: Date.now() }));
        await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }
    };
    // In non-blocking mode what cannot be shipped is lost.
    let shipping = Promise.resolve();
    const timer = setInterval(() => {
      shipping = shipping.then(ship).catch(() => undefined);
    }, LOG_INTERVAL_MS);
    return async () => {
      clearInterval(timer);
      await shipping.then(ship).catch(() => undefined);
      logs.destroy();
    };
  }

  async #clientOptions({ executionRoleArn }: DeployedTaskDefinition) {
    const { awsEndpoint: endpoint, region, credentials } = this.options;
    return { endpoint, region, credentials: await credentials.assume(executionRoleArn, 'execution') };
  }
}
