/** One deployment of a service, as ECS tells of it. */
export interface Deployment {
  isPrimary: boolean;
  revision: string;
  /** `IN_PROGRESS`, `COMPLETED` or `FAILED`. */
  rolloutState?: string;
  rolloutStateReason?: string;
}

/** A service as it is now. */
export interface DeployedService {
  name: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  /** `family:revision` of the task definition that it is to run. */
  revision: string;
  /** The primary one and those that it replaces. */
  deployments: Deployment[];
  /** What ECS says about it, newest first. */
  events: { atMs: number; message: string }[];
}

/** One revision of a task definition. */
export interface Revision {
  /** `family:revision`. */
  name: string;
  number: number;
  /** Only an `ACTIVE` one can be started. */
  status: string;
  image: string;
  /**
   * Image, environment and references to secrets of its containers as one text, for comparisons only: equal when two
   * revisions run the same program with the same settings. Terraform registers new revisions for less than that.
   */
  runs: string;
  registeredAtMs?: number;
}

/** The services of a cluster and the revisions that they can run. Every call ends within its own time limit. */
export interface DeployedServices {
  /** @throws ServiceNotFoundError when it does not exist or is not active; whatever the platform throws otherwise. */
  describe(service: string): Promise<DeployedService>;

  /** `undefined` if there is none of that name, `family:revision`. */
  revision(name: string): Promise<Revision | undefined>;

  /** The newest ACTIVE revisions of a family below a number, newest first, at most `limit`. */
  olderRevisions(family: string, below: number, limit: number): Promise<number[]>;

  /** The number of a family's newest ACTIVE revision; `undefined` if it has none. */
  newestRevision(family: string): Promise<number | undefined>;

  /** Makes the service run that revision: ECS starts new tasks before it ends old ones. */
  setRevision(service: string, revision: string): Promise<void>;
}

/** The two parts of `family:revision`. */
export function parseRevision(name: string): { family: string; number: number } {
  const [family = '', number = ''] = name.split(':');
  return { family, number: Number(number) };
}

/** The deployment that is to stay. */
export function primaryOf({ deployments }: DeployedService): Deployment | undefined {
  return deployments.find(({ isPrimary }) => isPrimary);
}

/** Everything that is wanted runs, and nothing else. As the AWS CLI's `services-stable`, and roll-out complete. */
export function isSteady(service: DeployedService): boolean {
  return (
    service.deployments.length <= 1 &&
    service.runningCount === service.desiredCount &&
    service.pendingCount === 0 &&
    (primaryOf(service)?.rolloutState ?? 'COMPLETED') === 'COMPLETED'
  );
}
