import type { Environment } from '../environments';
import { FARGATE_SIZES } from './fargate-sizes';
import { containerSettingVariables, type ContainerSetting } from './container-settings';
import { atLeast, atMost, exactlyOr, oneOf, oneOfWhen, wholeNumberBetween } from './rule';
import {
  architectureRules,
  BOUNDARY_RULE,
  certificateRules,
  corsRules,
  cspUrlRules,
  emailRules,
  imageRules,
  LOG_RETENTION_RULE,
} from './value-rules';
import {
  numberVariable as number,
  textVariable as text,
  type Variable,
  type VariableDefinition,
} from './variable-definition';

/**
 * How the code names the variables; Terraform has the same names in snake_case. What only goes to a container as it is
 * has the container's name for it.
 */
export type ServiceVariableName =
  | 'containerImage'
  | 'cspBaseUrl'
  | 'corsAllowedOrigins'
  | 'certificateArn'
  | 'alarmEmail'
  | 'permissionsBoundaryArn'
  | 'apiCpu'
  | 'apiMemory'
  | 'apiDesiredCount'
  | 'apiAutoscalingMin'
  | 'apiAutoscalingMax'
  | 'workerCpu'
  | 'workerMemory'
  | 'cpuArchitecture'
  | 'logRetentionDays'
  | 'workerCpuThresholdPercent'
  | 'workerMemoryThresholdPercent'
  | 'apiCpuThresholdPercent'
  | 'apiMemoryThresholdPercent'
  | 'poolAvailableThreshold'
  | 'allocationRateThreshold'
  | 'wafRateLimit'
  | 'waitForSteadyState'
  | 'rollbackJobsRunner'
  | 'rollbackReservedConcurrency'
  | ContainerSetting;

/** The variables of the service and rollback stacks in one environment. One comes after those that its rules read. */
export function serviceVariableDefinitions(
  environment: Environment,
): Record<ServiceVariableName, VariableDefinition> {
  const { isProduction } = environment;
  return {
    containerImage: text({
      name: 'container_image',
      description: 'Image of the API and the worker, with a tag or a digest.',
      isNeededAtSynth: false,
      rules: imageRules(environment),
    }),
    cspBaseUrl: text({
      name: 'csp_base_url',
      description: "URL of the vendor's portal.",
      isNeededAtSynth: false,
      rules: cspUrlRules(environment),
    }),
    corsAllowedOrigins: text({
      name: 'cors_allowed_origins',
      description: 'Origins whose web pages may call the API, separated by commas.',
      ...(isProduction ? {} : { default: '*' }),
      rules: corsRules(environment),
    }),
    certificateArn: text({
      name: 'certificate_arn',
      description: 'ARN of the ACM certificate of the load balancer. Empty: plain HTTP.',
      ...(isProduction ? {} : { default: '' }),
      rules: certificateRules(environment),
    }),
    alarmEmail: text({
      name: 'alarm_email',
      description: 'Address that gets the alarms, once it has confirmed.',
      ...(isProduction ? {} : { default: '' }),
      rules: emailRules(environment),
    }),
    permissionsBoundaryArn: text({
      name: 'permissions_boundary_arn',
      description: 'ARN of the policy that limits every role (bootstrap stack). Empty: none.',
      default: '',
      rules: [BOUNDARY_RULE],
    }),
    apiCpu: cpuUnits('api', 512),
    apiMemory: memoryMib('api', 1_024),
    apiAutoscalingMax: number({
      name: 'api_autoscaling_max',
      description: 'Most API tasks.',
      default: 10,
      rules: [WHOLE_TASKS],
    }),
    apiAutoscalingMin: number({
      name: 'api_autoscaling_min',
      description: 'Fewest API tasks.',
      default: 2,
      rules: [WHOLE_TASKS, atMost('api_autoscaling_max')],
    }),
    apiDesiredCount: number({
      name: 'api_desired_count',
      description: 'API tasks of a new service. Later deploys leave the number to the autoscaling.',
      default: 2,
      rules: [WHOLE_TASKS, atLeast('api_autoscaling_min'), atMost('api_autoscaling_max')],
    }),
    workerCpu: cpuUnits('worker', 256),
    workerMemory: memoryMib('worker', 512),
    cpuArchitecture: text({
      name: 'cpu_architecture',
      description: 'Processor that the image is built for.',
      default: 'ARM64',
      rules: architectureRules(environment),
    }),
    logRetentionDays: number({
      name: 'log_retention_days',
      description: 'Days for which logs are kept.',
      default: 30,
      rules: [LOG_RETENTION_RULE],
    }),
    workerCpuThresholdPercent: thresholdPercent('worker', 'cpu', 'CPU'),
    workerMemoryThresholdPercent: thresholdPercent('worker', 'memory', 'memory'),
    apiCpuThresholdPercent: thresholdPercent('api', 'cpu', 'CPU'),
    apiMemoryThresholdPercent: thresholdPercent('api', 'memory', 'memory'),
    poolAvailableThreshold: number({
      name: 'pool_available_threshold',
      description: 'Available sandboxes below which an alarm goes off.',
      default: 20,
      rules: [wholeNumberBetween(0, 1_000_000)],
    }),
    allocationRateThreshold: number({
      name: 'allocation_rate_threshold',
      description: 'Sandboxes given out within 5 minutes, from which on an alarm goes off.',
      // Twice the class of 500 for which the defaults are made (docs/scaling.md).
      default: 1_000,
      rules: [wholeNumberBetween(1, 1_000_000)],
    }),
    wafRateLimit: number({
      name: 'waf_rate_limit',
      description: 'Requests from one address in 5 minutes, above which the firewall blocks it.',
      default: 20_000,
      // Source: AWS WAF API Reference, RateBasedStatement.
      rules: [wholeNumberBetween(10, 2_000_000_000)],
    }),
    waitForSteadyState: {
      name: 'wait_for_steady_state',
      type: 'bool',
      description: 'Whether a deploy ends only when the new tasks run and answer.',
      default: true,
      isNeededAtSynth: true,
      rules: [],
    },
    rollbackJobsRunner: text({
      name: 'rollback_jobs_runner',
      description: 'Who runs the jobs of a worker that the rollback has stopped.',
      default: 'api',
      rules: [oneOf(['api', 'none'], 'must be api or none')],
    }),
    rollbackReservedConcurrency: number({
      name: 'rollback_reserved_concurrency',
      description: 'Concurrent runs kept free for the rollback function. -1: it shares those of the account.',
      // An account keeps 100 for the functions that reserve nothing, and a new one has 10 in all: it cannot reserve any.
      // Source: AWS Lambda Developer Guide, "Configuring reserved concurrency".
      default: -1,
      rules: [
        // 0 would keep the function from ever running.
        exactlyOr(-1, wholeNumberBetween(1, 1_000), 'must be a whole number from 1 to 1000, or -1 for none'),
      ],
    }),
    ...containerSettingVariables(environment),
  };
}

/** Source: Amazon ECS service quotas, tasks per service. */
const WHOLE_TASKS = wholeNumberBetween(1, 5_000);

function cpuUnits(service: 'api' | 'worker', units: number): Variable<'number', number> {
  const offered = FARGATE_SIZES.map((size) => size.cpuUnits);
  return number({
    name: `${service}_cpu`,
    description: `CPU units of a task of the ${service}; 1024 are one vCPU.`,
    default: units,
    rules: [oneOf(offered, `must be a number of CPU units that Fargate offers: ${inWords(offered)}`)],
  });
}

function memoryMib(service: 'api' | 'worker', mib: number): Variable<'number', number> {
  const cpu = `${service}_cpu`;
  return number({
    name: `${service}_memory`,
    description: `Memory of a task of the ${service}, in MiB. Fargate offers certain pairs of CPU and memory.`,
    default: mib,
    rules: FARGATE_SIZES.map((size) =>
      oneOfWhen(
        cpu,
        size.cpuUnits,
        size.memoryMib,
        `must be ${inWords(size.memoryMib)} (MiB) when ${cpu} is ${size.cpuUnits}`,
      ),
    ),
  });
}

function thresholdPercent(
  service: 'api' | 'worker',
  resource: 'cpu' | 'memory',
  words: string,
): Variable<'number', number> {
  return number({
    name: `${service}_${resource}_threshold_percent`,
    description: `Percent of its ${words} above which an alarm of the ${service} goes off.`,
    default: 80,
    rules: [wholeNumberBetween(1, 100)],
  });
}

/** "1, 2 or 3". */
function inWords(numbers: readonly number[]): string {
  return `${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}`;
}
