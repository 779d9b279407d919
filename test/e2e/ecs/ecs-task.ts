import { execFile } from 'node:child_process';
import { ManagedProcess, type ProcessExit } from '../../../local/processes/managed-process';
import type { Watchdog } from '../../../local/processes/watchdog';
import type { DeployedTaskDefinition } from './deployed-task-definition';

/** Where and as what a task runs; all that its task definition does not say. */
export interface TaskHost {
  /** The image's working folder, unpacked. The task cannot write there. */
  imageFolder: string;
  /** What the image itself sets, such as the PATH on which its Node.js is. */
  imageEnvironment: Record<string, string>;
  /** The loaded network of a task, readable by its user. */
  networkPreload: string;
  /** The only way in which a task's environment differs from Fargate's: where AWS is. */
  awsEndpoints: Record<string, string>;
  /** As whom it runs, where we may choose. */
  user?: { uid: number; gid: number };
  /** Seconds of a health check last so many seconds here: below 1, tests wait less. */
  healthCheckTimeScale: number;
  watchdog: Watchdog;
}

export type TaskHealth = 'unknown' | 'healthy' | 'unhealthy';

export interface EcsTaskOptions {
  id: string;
  /** Its own address on this machine. */
  address: string;
  definition: DeployedTaskDefinition;
  /** The task definition's environment, with its secrets resolved. */
  environment: Record<string, string>;
  credentialsUrl: string;
  host: TaskHost;
}

/** One task of a service: a process with exactly what its task definition gives it, and the health check around it. */
export class EcsTask {
  readonly id: string;
  readonly address: string;
  readonly definition: DeployedTaskDefinition;
  health: TaskHealth = 'unknown';
  status: 'running' | 'stopping' | 'stopped' = 'running';
  exit?: ProcessExit;
  readonly #process: ManagedProcess;
  readonly #environment: Record<string, string>;
  #whenStopped?: () => Promise<void>;
  #healthTimer?: NodeJS.Timeout;
  #failures = 0;
  #startedAtMs = 0;

  constructor(private readonly options: EcsTaskOptions) {
    const { id, address, definition, environment, credentialsUrl, host } = options;
    this.id = id;
    this.address = address;
    this.definition = definition;
    const ports = definition.container.portMappings?.map(({ containerPort }) => containerPort) ?? [];
    this.#environment = {
      ...host.imageEnvironment,
      ...environment,
      // What every container on Fargate finds.
      AWS_CONTAINER_CREDENTIALS_FULL_URI: credentialsUrl,
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      ...host.awsEndpoints,
      // A network of its own, beside the options that the container has.
      NODE_OPTIONS: `${environment.NODE_OPTIONS ?? ''} --require ${host.networkPreload}`.trim(),
      TASK_ADDRESS: address,
      TASK_PORTS: [...ports, environment.PORT, environment.WORKER_PORT].filter(Boolean).join(','),
    };
    const [program = '', ...args] = definition.container.command;
    this.#process = new ManagedProcess({
      role: id,
      command: program,
      args,
      env: this.#environment,
      cwd: host.imageFolder,
      user: host.user,
      isReady: () => Promise.resolve(true),
      stopTimeoutMs: definition.stopTimeoutSeconds * 1_000,
      watchdog: host.watchdog,
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stdout(): string {
    return this.#process.stdout;
  }

  get stderr(): string {
    return this.#process.stderr;
  }

  /** Starts the process and its health checks. Resolves when it runs, healthy or not. */
  async start(): Promise<void> {
    this.#process.onUnexpectedExit(() => void this.#ended());
    this.#startedAtMs = Date.now();
    try {
      await this.#process.start();
    } catch {
      // It ended at once; its output says why.
      await this.#ended();
      return;
    }
    this.#scheduleHealthCheck();
  }

  /** Stops it as ECS does: SIGTERM, the stop timeout, SIGKILL. */
  async stop(): Promise<ProcessExit | undefined> {
    if (this.status !== 'running') return this.exit;
    this.status = 'stopping';
    clearTimeout(this.#healthTimer);
    await this.#process.stop();
    await this.#ended();
    return this.exit;
  }

  /** What is to be done once it has stopped; `stop` waits for it. */
  onStopped(whenStopped: () => Promise<void>): void {
    this.#whenStopped = whenStopped;
    if (this.status === 'stopped') void whenStopped();
  }

  /** An accident: the process dies, and nobody here has asked for it. */
  crash(signal: NodeJS.Signals = 'SIGKILL'): void {
    if (this.pid !== undefined) process.kill(this.pid, signal);
  }

  async #ended(): Promise<void> {
    clearTimeout(this.#healthTimer);
    this.exit = this.#process.lastExit;
    // From now on nobody sends it requests; it has stopped when the last of its output is away.
    this.status = 'stopping';
    await this.#whenStopped?.();
    this.status = 'stopped';
  }

  #scheduleHealthCheck(): void {
    const { intervalSeconds } = this.definition.healthCheck;
    const intervalMs = intervalSeconds * 1_000 * this.options.host.healthCheckTimeScale;
    this.#healthTimer = setTimeout(() => void this.#checkHealth(), intervalMs);
  }

  async #checkHealth(): Promise<void> {
    const { retries, startPeriodSeconds } = this.definition.healthCheck;
    const isWell = await this.#runHealthCheck();
    if (this.status !== 'running') return;
    // Not scaled: a busy machine takes as long to start a task as it takes.
    const startPeriodMs = startPeriodSeconds * 1_000;
    if (isWell) {
      this.#failures = 0;
      this.health = 'healthy';
    } else if (this.health !== 'unknown' || Date.now() - this.#startedAtMs >= startPeriodMs) {
      // Failures in the start period do not count.
      this.#failures++;
      if (this.#failures >= retries) this.health = 'unhealthy';
    }
    this.#scheduleHealthCheck();
  }

  #runHealthCheck(): Promise<boolean> {
    const { command, timeoutSeconds } = this.definition.healthCheck;
    const { imageFolder, user } = this.options.host;
    const [program = '', ...args] = command;
    return new Promise((resolve) => {
      execFile(
        program,
        args,
        { cwd: imageFolder, env: this.#environment, ...user, timeout: timeoutSeconds * 1_000 },
        (error) => {
          resolve(error === null);
        },
      );
    });
  }
}
