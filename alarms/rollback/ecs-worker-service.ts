import { DescribeServicesCommand, UpdateServiceCommand, type ECSClient } from '@aws-sdk/client-ecs';
import type { CallOptions } from '../../app/store/sandbox-store';
import { namingWhatIsMissing } from './naming-what-is-missing';
import { ECS_CALL_MS } from './time-budget';
import { ServiceNotFoundError, type ServiceState, type WorkerService } from './worker-service';

/** The {@link WorkerService} on ECS. */
export class EcsWorkerService implements WorkerService {
  constructor(
    private readonly client: ECSClient,
    private readonly names: { cluster: string; service: string },
  ) {}

  async describe(options?: CallOptions): Promise<ServiceState> {
    const { cluster, service } = this.names;
    const answer = await this.#naming(() =>
      this.client.send(new DescribeServicesCommand({ cluster, services: [service] }), {
        abortSignal: options?.signal ?? AbortSignal.timeout(ECS_CALL_MS),
      }),
    );
    const found = answer.services?.[0];
    // ECS goes on telling of a service that was deleted, as INACTIVE, with the counts that it had.
    if (found?.status !== 'ACTIVE') throw this.#notFound(found?.status ?? 'missing');
    const { desiredCount, runningCount = 0, pendingCount = 0 } = found;
    if (desiredCount === undefined) throw new Error('ECS told no desired count');
    return { desiredCount, runningCount, pendingCount };
  }

  async setDesiredCount(desiredCount: number): Promise<void> {
    const { cluster, service } = this.names;
    await this.#naming(() =>
      this.client.send(new UpdateServiceCommand({ cluster, service, desiredCount }), {
        abortSignal: AbortSignal.timeout(ECS_CALL_MS),
      }),
    );
  }

  #naming<T>(send: () => Promise<T>): Promise<T> {
    return namingWhatIsMissing(send, (why) => this.#notFound(why));
  }

  #notFound(why: string): ServiceNotFoundError {
    const { cluster, service } = this.names;
    return new ServiceNotFoundError(`no active service ${service} in the cluster ${cluster} (${why})`);
  }
}
