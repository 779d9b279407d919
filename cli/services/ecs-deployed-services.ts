import {
  ClientException,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  paginateListTaskDefinitions,
  UpdateServiceCommand,
  type ContainerDefinition,
  type ECSClient,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { namingWhatIsMissing } from '../../alarms/rollback/naming-what-is-missing';
import { ServiceNotFoundError } from '../../alarms/rollback/worker-service';
import {
  parseRevision,
  type DeployedService,
  type DeployedServices,
  type Revision,
} from './deployed-services';

const CALL_MS = 15_000;

/** The {@link DeployedServices} on ECS. */
export class EcsDeployedServices implements DeployedServices {
  constructor(
    private readonly client: ECSClient,
    private readonly cluster: string,
  ) {}

  async describe(service: string): Promise<DeployedService> {
    const command = new DescribeServicesCommand({ cluster: this.cluster, services: [service] });
    const answer = await this.#naming(service, () => this.client.send(command, limited()));
    const found = answer.services?.[0];
    // ECS goes on telling of a service that was deleted, as INACTIVE.
    if (found?.status !== 'ACTIVE') throw this.#notFound(service, found?.status ?? 'missing');
    return {
      name: service,
      desiredCount: found.desiredCount ?? 0,
      runningCount: found.runningCount ?? 0,
      pendingCount: found.pendingCount ?? 0,
      revision: revisionName(found.taskDefinition),
      deployments: (found.deployments ?? []).map((deployment) => ({
        isPrimary: deployment.status === 'PRIMARY',
        revision: revisionName(deployment.taskDefinition),
        rolloutState: deployment.rolloutState,
        rolloutStateReason: deployment.rolloutStateReason,
      })),
      events: (found.events ?? []).map(({ createdAt, message = '' }) => ({
        atMs: createdAt?.getTime() ?? 0,
        message,
      })),
    };
  }

  async revision(name: string): Promise<Revision | undefined> {
    try {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition: name });
      const { taskDefinition } = await this.client.send(command, limited());
      return taskDefinition && toRevision(taskDefinition);
    } catch (error) {
      // ECS has no error of its own for it: ClientException, "Unable to describe task definition."
      if (error instanceof ClientException && /unable to describe/i.test(error.message)) return undefined;
      throw error;
    }
  }

  olderRevisions(family: string, below: number, limit: number): Promise<number[]> {
    return this.#activeRevisions(family, limit, (number) => number < below);
  }

  async newestRevision(family: string): Promise<number | undefined> {
    return (await this.#activeRevisions(family, 1, () => true))[0];
  }

  async setRevision(service: string, revision: string): Promise<void> {
    const command = new UpdateServiceCommand({ cluster: this.cluster, service, taskDefinition: revision });
    await this.#naming(service, () => this.client.send(command, limited()));
  }

  async #activeRevisions(
    family: string,
    limit: number,
    isWanted: (number: number) => boolean,
  ): Promise<number[]> {
    const found: number[] = [];
    const request = { familyPrefix: family, status: 'ACTIVE', sort: 'DESC' } as const;
    for await (const page of paginateListTaskDefinitions({ client: this.client }, request, limited())) {
      for (const arn of page.taskDefinitionArns ?? []) {
        const revision = parseRevision(revisionName(arn));
        if (revision.family === family && isWanted(revision.number)) found.push(revision.number);
      }
      if (found.length >= limit) break;
    }
    return found.sort((one, other) => other - one).slice(0, limit);
  }

  #naming<T>(service: string, send: () => Promise<T>): Promise<T> {
    return namingWhatIsMissing(send, (why) => this.#notFound(service, why));
  }

  #notFound(service: string, why: string): ServiceNotFoundError {
    return new ServiceNotFoundError(`no active service ${service} in the cluster ${this.cluster} (${why})`);
  }
}

/** `family:revision`, the last part of the ARN. */
function revisionName(arn: string | undefined): string {
  return arn?.split('/').pop() ?? 'unknown';
}

function toRevision(definition: TaskDefinition): Revision {
  const {
    taskDefinitionArn,
    revision = 0,
    status = 'unknown',
    containerDefinitions,
    registeredAt,
  } = definition;
  return {
    name: revisionName(taskDefinitionArn),
    number: revision,
    status,
    image: containerDefinitions?.[0]?.image ?? 'unknown',
    runs: runsOf(containerDefinitions ?? []),
    registeredAtMs: registeredAt?.getTime(),
  };
}

/** ECS answers variables and secrets in no order. */
function runsOf(containers: readonly ContainerDefinition[]): string {
  const what = containers.map(({ name, image, environment = [], secrets = [] }) => ({
    name,
    image,
    environment: environment.map((variable) => `${variable.name}=${variable.value}`).sort(),
    secrets: secrets.map((secret) => `${secret.name}=${secret.valueFrom}`).sort(),
  }));
  return JSON.stringify(what.sort((one, other) => String(one.name).localeCompare(String(other.name))));
}

function limited(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(CALL_MS) };
}
