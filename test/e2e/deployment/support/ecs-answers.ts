type Json = Record<string, unknown>;

/*
 * How ECS answers what it was given: it keeps a definition in a form of its own, and a configuration that spells it
 * differently is a change to Terraform at every plan. The emulator gives back what it got, which hides that.
 *
 * Sources, by rule. [params]: ECS developer guide, "Task definition parameters for Fargate" and API reference. [provider]:
 * `internal/service/ecs/container_definitions.go` of hashicorp/terraform-provider-aws, which forgives some of these
 * before it compares, and its issues. What is not here ECS keeps as given, as far as reports show: `logConfiguration`
 * without `secretOptions`, `linuxParameters` without `devices` and `tmpfs`, `startPeriod`, `stopTimeout`, `user`.
 */

/** Lists that ECS answers for every container, empty where none was given [provider: consul-ecs issue 318]. */
const ALWAYS_LISTED = ['environment', 'mountPoints', 'portMappings', 'systemControls', 'volumesFrom'];

/** Of a check that names no others [params: healthCheck; terraform-aws-ecs issue 148]. `startPeriod` has no default. */
const HEALTH_CHECK_DEFAULTS = { interval: 30, timeout: 5, retries: 3 };

/** Of a service that names no others [API reference: CreateService, DeploymentConfiguration]. */
const SERVICE_DEFAULTS = {
  deploymentController: { type: 'ECS' },
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  loadBalancers: [],
  placementConstraints: [],
  placementStrategy: [],
  propagateTags: 'NONE',
  schedulingStrategy: 'REPLICA',
  serviceRegistries: [],
};
const DEPLOYMENT_DEFAULTS = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  strategy: 'ROLLING',
};

/** The answer for a task definition that was registered as the emulator tells it. */
export function taskDefinitionAsEcsAnswers(taskDefinition: Json): Json {
  const { containerDefinitions = [], networkMode, cpu, memory, ...others } = taskDefinition;
  return withoutNulls({
    placementConstraints: [],
    volumes: [],
    ...others,
    networkMode,
    // "1 vCPU" and "2 GB" are converted to numbers of CPU units and MiB [params: task size].
    cpu: inSmallUnits(cpu, /^([\d.]+)\s*vcpu$/i),
    memory: inSmallUnits(memory, /^([\d.]+)\s*gb$/i),
    containerDefinitions: (containerDefinitions as Json[]).map((one) =>
      containerAsEcsAnswers(one, networkMode),
    ),
  });
}

/** The answer for a service with the fields that the emulator knows, and those that it was given. */
export function serviceAsEcsAnswers(service: Json): Json {
  const { deploymentConfiguration, launchType, loadBalancers, ...others } = service;
  const isBehindLoadBalancer = Array.isArray(loadBalancers) && loadBalancers.length > 0;
  return withoutNulls({
    ...SERVICE_DEFAULTS,
    ...(launchType === 'FARGATE' ? { platformFamily: 'Linux', platformVersion: 'LATEST' } : {}),
    ...(isBehindLoadBalancer ? { healthCheckGracePeriodSeconds: 0 } : {}),
    ...withoutNulls(others),
    launchType,
    loadBalancers,
    deploymentConfiguration: { ...DEPLOYMENT_DEFAULTS, ...(deploymentConfiguration as Json | undefined) },
  });
}

function containerAsEcsAnswers(container: Json, networkMode: unknown): Json {
  const given = withoutNulls(container);
  const { environment, secrets, healthCheck, linuxParameters, portMappings = [] } = given;
  return {
    cpu: 0,
    essential: true,
    ...Object.fromEntries(ALWAYS_LISTED.map((name) => [name, []])),
    ...given,
    // In an order of its own [provider]: here never the one in which a configuration wrote them.
    ...(environment === undefined ? {} : { environment: reordered(environment as Json[]) }),
    ...(secrets === undefined ? {} : { secrets: reordered(secrets as Json[]) }),
    ...(healthCheck === undefined
      ? {}
      : { healthCheck: { ...HEALTH_CHECK_DEFAULTS, ...(healthCheck as Json) } }),
    ...(linuxParameters === undefined
      ? {}
      : { linuxParameters: linuxParametersAsEcsAnswers(linuxParameters as Json) }),
    portMappings: (portMappings as Json[]).map((mapping) => ({
      protocol: 'tcp',
      // A task with a network interface of its own has no ports of a host [params: hostPort].
      ...(networkMode === 'awsvpc' ? { hostPort: mapping.containerPort } : { hostPort: 0 }),
      ...withoutNulls(mapping),
    })),
  };
}

/**
 * Both lists of capabilities, when one was given (braintrust-data-plane pull request 335: `{add: [], drop: ["ALL"]}`);
 * no capabilities at all, when neither was (TerraConstructs pull request 158).
 */
function linuxParametersAsEcsAnswers({ capabilities, ...others }: Json): Json {
  const { add, drop } = (capabilities ?? {}) as { add?: unknown; drop?: unknown };
  if (add === undefined && drop === undefined) return others;
  return { ...others, capabilities: { add: add ?? [], drop: drop ?? [] } };
}

function inSmallUnits(size: unknown, inLargeUnits: RegExp): unknown {
  const amount = inLargeUnits.exec(String(size))?.[1];
  return amount === undefined ? size : String(Number(amount) * 1024);
}

function reordered(list: readonly Json[]): Json[] {
  return [...list].sort((one, other) => String(other.name).localeCompare(String(one.name)));
}

/** The API knows no null: what has no value is left out. */
function withoutNulls(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).filter(([, value]) => value !== null && value !== undefined),
  );
}
