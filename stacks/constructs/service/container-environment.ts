import { Fn } from 'cdktf';
import type { z } from 'zod';
import { apiEnvironmentSchema } from '../../../app/config';
import { workerEnvironmentSchema } from '../../../worker/config';
import { ALARM_NAMES, cloudWatchAlarmName, ROLLBACK_ALARM_NAMES } from '../../../alarms/definitions';
import type { Environment } from '../../environments';
import { deployedNames } from '../../names';
import { API_PORT, WORKER_PORT } from '../../ports';
import type { ServiceVariables } from '../../variables/declare-service-variables';
import { CONTAINER_SETTINGS, type ContainerSetting } from '../../variables/container-settings';
import { typedEnvironment, type ContainerEnvironment } from '../typed-environment';

/**
 * For how long an API task goes on serving after SIGTERM, until the load balancer has stopped sending it requests.
 * The load balancer's deregistration delay and the container's stop timeout are set by it.
 */
export const API_DRAIN_SECONDS = 30;

/** A secret, as far as a container needs to know it. */
interface Secret {
  arn: string;
}

/** What the containers' environments are made of. */
export interface ContainerEnvironmentValues {
  environment: Environment;
  variables: Pick<ServiceVariables, 'corsAllowedOrigins' | 'cspBaseUrl' | ContainerSetting>;
  secrets: { brokerApiToken: Secret; brokerAdminToken: Secret; cspApiToken: Secret };
}

/** What the alarms of an environment are called in CloudWatch, those of the rollback stack too. */
export function alarmNamesIn(environment: Pick<Environment, 'name'>): string[] {
  const { prefix } = deployedNames(environment);
  return [...ALARM_NAMES, ...ROLLBACK_ALARM_NAMES].map((name) => cloudWatchAlarmName(prefix, name));
}

/** The environment of the API's container. */
export function apiContainerEnvironment(values: ContainerEnvironmentValues): ContainerEnvironment {
  return typedEnvironment(
    apiEnvironmentSchema,
    {
      ...fixedVariables(values),
      ...chosenSettings(apiEnvironmentSchema, values.variables),
      PORT: String(API_PORT),
      DRAIN_SECONDS: String(API_DRAIN_SECONDS),
      CORS_ALLOWED_ORIGINS: values.variables.corsAllowedOrigins.stringValue,
      ENVIRONMENT_NAME: values.environment.name,
      ALARM_NAMES: alarmNamesIn(values.environment).join(','),
    },
    {
      BROKER_API_TOKEN: values.secrets.brokerApiToken.arn,
      BROKER_ADMIN_TOKEN: values.secrets.brokerAdminToken.arn,
      CSP_API_TOKEN: values.secrets.cspApiToken.arn,
    },
  );
}

/** The environment of the worker's container. It knows no token of the API. */
export function workerContainerEnvironment(
  values: Omit<ContainerEnvironmentValues, 'secrets'> & {
    secrets: Pick<ContainerEnvironmentValues['secrets'], 'cspApiToken'>;
  },
): ContainerEnvironment {
  return typedEnvironment(
    workerEnvironmentSchema,
    {
      ...fixedVariables(values),
      ...chosenSettings(workerEnvironmentSchema, values.variables),
      WORKER_PORT: String(WORKER_PORT),
    },
    { CSP_API_TOKEN: values.secrets.cspApiToken.arn },
  );
}

/** What both processes run with, whatever a deployment chooses: the table and the portal. */
function fixedVariables({ environment, variables }: Omit<ContainerEnvironmentValues, 'secrets'>) {
  const { tableNames } = environment;
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    AWS_REGION: environment.awsRegion,
    DDB_TABLE_NAME: tableNames.table,
    DDB_GSI1_NAME: tableNames.statusIndex,
    DDB_GSI2_NAME: tableNames.trackIndex,
    DDB_GSI3_NAME: tableNames.nameIndex,
    CSP_BASE_URL: variables.cspBaseUrl.stringValue,
  } as const;
}

/** Those settings of a deployment that the process with this schema knows. */
function chosenSettings<Schema extends z.ZodObject>(
  { shape }: Schema,
  variables: ContainerEnvironmentValues['variables'],
): Record<ContainerSetting & keyof z.input<Schema>, string> {
  const known = CONTAINER_SETTINGS.filter((setting) => setting in shape);
  // ECS takes texts only, and Terraform would write a number into the definition as one.
  const values = known.map((setting) => [setting, Fn.tostring(variables[setting].value)] as const);
  return Object.fromEntries(values) as Record<ContainerSetting & keyof z.input<Schema>, string>;
}
