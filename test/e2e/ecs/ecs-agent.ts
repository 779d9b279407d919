import { DescribeServicesCommand, ECSClient, paginateListServices, type Service } from '@aws-sdk/client-ecs';
import { readTaskDefinition, type DeployedTaskDefinition } from './deployed-task-definition';
import { EcsTask, type TaskHost } from './ecs-task';
import { ExecutionRole } from './execution-role';
import type { RoleCredentialsEndpoint } from './role-credentials';

export interface EcsAgentOptions {
  /** Where ECS itself is asked what it desires. */
  accountEndpoint: string;
  /** Where the tasks, and ECS in their name, find AWS. */
  awsEndpoint: string;
  region: string;
  cluster: string;
  credentials: RoleCredentialsEndpoint;
  host: TaskHost;
  /** Told what happens, in words for people. */
  onEvent?: (message: string) => void;
}

/** AWS's limit for one DescribeServices. */
const SERVICES_PER_CALL = 10;
const POLL_MS = 300;
/** A service whose tasks end at once is tried ever more slowly. */
const FIRST_RESTART_DELAY_MS = 200;
const MAX_RESTART_DELAY_MS = 5_000;
const ADMIN = { accessKeyId: 'test', secretAccessKey: 'test' };

interface ServiceState {
  tasks: EcsTask[];
  failedStarts: number;
  notBeforeMs: number;
}

/**
 * A small ECS: reads services and task definitions back from the account, and keeps as many tasks of each as it
 * desires. A new revision replaces the old one within the deployment's minimum and maximum percentages; a task that
 * ends or is unhealthy is replaced. Rules: Amazon ECS developer guide, "Amazon ECS service deployment controllers and
 * strategies" and "Determine Amazon ECS task health using container health checks".
 */
export class EcsAgent {
  readonly #ecs: ECSClient;
  readonly #executionRole: ExecutionRole;
  readonly #services = new Map<string, ServiceState>();
  readonly #definitions = new Map<string, Promise<DeployedTaskDefinition>>();
  readonly #stopped: EcsTask[] = [];
  #loop?: Promise<void>;
  #isOver = false;
  #taskCount = 0;

  constructor(private readonly options: EcsAgentOptions) {
    const { accountEndpoint, region } = options;
    this.#ecs = new ECSClient({ endpoint: accountEndpoint, region, credentials: ADMIN });
    this.#executionRole = new ExecutionRole(options);
  }

  /** Begins to make what is desired come true, until {@link stop}. */
  start(): void {
    this.#loop = this.#run();
  }

  /** The tasks of a service that have not stopped. */
  tasksOf(service: string): EcsTask[] {
    return (this.#services.get(service)?.tasks ?? []).filter((task) => task.status !== 'stopped');
  }

  healthyTasksOf(service: string): EcsTask[] {
    return this.tasksOf(service).filter((task) => task.status === 'running' && task.health === 'healthy');
  }

  /** The tasks that have stopped since the start, oldest first. */
  stoppedTasks(): readonly EcsTask[] {
    return this.#stopped;
  }

  /** Stops every task in order. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
    await Promise.all([...this.#services.values()].flatMap(({ tasks }) => tasks.map((task) => task.stop())));
    this.#ecs.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        for (const service of await this.#desiredServices()) {
          await this.#reconcile(service).catch((error: unknown) => {
            // Such as a secret without a value. ECS tries again for ever, too.
            this.#say(`${service.serviceName ?? '?'}: a task cannot be started: ${String(error)}`);
          });
        }
      } catch (error) {
        // The account does not answer: what runs goes on, as it does when ECS's control plane is away.
        this.#say(`cannot read the services: ${String(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #desiredServices(): Promise<Service[]> {
    const { cluster } = this.options;
    const arns: string[] = [];
    for await (const page of paginateListServices({ client: this.#ecs }, { cluster })) {
      arns.push(...(page.serviceArns ?? []));
    }
    const services: Service[] = [];
    for (let index = 0; index < arns.length; index += SERVICES_PER_CALL) {
      const call = new DescribeServicesCommand({
        cluster,
        services: arns.slice(index, index + SERVICES_PER_CALL),
      });
      services.push(...((await this.#ecs.send(call)).services ?? []));
    }
    return services;
  }

  async #reconcile(service: Service): Promise<void> {
    const { serviceName: name, taskDefinition: arn, status } = service;
    if (name === undefined || arn === undefined) return;
    const state = this.#services.get(name) ?? { tasks: [], failedStarts: 0, notBeforeMs: 0 };
    this.#services.set(name, state);
    this.#forgetStopped(name, state);
    const desired = status === 'ACTIVE' ? (service.desiredCount ?? 0) : 0;
    const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration ?? {};
    const minHealthy = Math.ceil((desired * minimumHealthyPercent) / 100);
    const maxTasks = Math.floor((desired * maximumPercent) / 100);

    const running = state.tasks.filter((task) => task.status === 'running');
    for (const task of running.filter(({ health }) => health === 'unhealthy')) {
      this.#say(`${task.id} is unhealthy and is replaced`);
      void task.stop();
    }
    const current = running.filter((task) => task.definition.arn === arn && task.status === 'running');
    const old = running.filter((task) => task.definition.arn !== arn && task.status === 'running');

    for (const task of current.slice(desired)) void task.stop();
    let healthyCount = [...current, ...old].filter(({ health }) => health === 'healthy').length;
    for (const task of old) {
      const isSpare = task.health !== 'healthy' || healthyCount > minHealthy;
      if (!isSpare) continue;
      if (task.health === 'healthy') healthyCount--;
      void task.stop();
    }
    while (current.length < desired && state.tasks.length < maxTasks && Date.now() >= state.notBeforeMs) {
      const task = await this.#startTask(name, arn);
      state.tasks.push(task);
      current.push(task);
    }
  }

  #forgetStopped(name: string, state: ServiceState): void {
    for (const task of state.tasks.filter(({ status }) => status === 'stopped')) {
      const how = task.exit?.signal ?? `exit code ${task.exit?.code ?? '?'}`;
      this.#say(`${task.id} has stopped: ${how}`);
      this.#stopped.push(task);
      state.failedStarts = task.health === 'unknown' ? state.failedStarts + 1 : 0;
      if (state.failedStarts > 0) {
        const delayMs = Math.min(FIRST_RESTART_DELAY_MS * 2 ** state.failedStarts, MAX_RESTART_DELAY_MS);
        state.notBeforeMs = Date.now() + delayMs;
        this.#say(`${name}: a task ended before it was healthy; the next one starts in ${delayMs} ms`);
      }
    }
    state.tasks = state.tasks.filter(({ status }) => status !== 'stopped');
  }

  async #startTask(service: string, arn: string): Promise<EcsTask> {
    const { credentials, host } = this.options;
    const definition = await this.#definitionOf(arn);
    await this.#executionRole.findImage(definition);
    const environment = await this.#executionRole.environmentOf(definition);
    this.#taskCount++;
    const task = new EcsTask({
      id: `${service}/${this.#taskCount}`,
      address: `127.0.${1 + Math.floor(this.#taskCount / 250)}.${1 + (this.#taskCount % 250)}`,
      definition,
      environment,
      credentialsUrl: credentials.urlFor(definition.taskRoleArn),
      host,
    });
    await task.start();
    try {
      const outputs = [() => task.stdout, () => task.stderr];
      task.onStopped(await this.#executionRole.shipLogs(definition, task.id, outputs));
    } catch (error) {
      // Nobody would know of it any more.
      await task.stop();
      throw error;
    }
    this.#say(`${task.id} runs at ${task.address} (pid ${task.pid ?? 0}, ${arn.split('/').pop() ?? arn})`);
    return task;
  }

  #definitionOf(arn: string): Promise<DeployedTaskDefinition> {
    const known = this.#definitions.get(arn) ?? readTaskDefinition(this.#ecs, arn);
    this.#definitions.set(arn, known);
    return known;
  }

  #say(message: string): void {
    this.options.onEvent?.(message);
  }
}
