import type { CallOptions } from '../../app/store/sandbox-store';

/** How many tasks a service wants and has. */
export interface ServiceState {
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
}

/** The worker's service, wherever it runs. Every call ends within its own time limit. */
export interface WorkerService {
  /** @throws ServiceNotFoundError when it does not exist or is not active; whatever the platform throws otherwise. */
  describe(options?: CallOptions): Promise<ServiceState>;

  /** Safe to repeat. @throws as {@link WorkerService.describe}. */
  setDesiredCount(desiredCount: number): Promise<void>;
}

/** There is no such service to act on: the names are wrong, or somebody has deleted it. */
export class ServiceNotFoundError extends Error {
  override readonly name = 'ServiceNotFoundError';
}
