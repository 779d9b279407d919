import type { Environment } from './environments';

/** The application's name: the first part of every name, and the tag by which its costs are found. */
export const APPLICATION = 'sandbox-broker';

/**
 * Path of the roles and policies in IAM that limit pipelines and stacks. The stacks' own roles have none, so that what
 * may change those by a pattern of names never fits these.
 */
export const BOOTSTRAP_PATH = `/${APPLICATION}/bootstrap/`;

/**
 * The names that more than one stack, alarm, policy or person must agree on. They are fixed rather than generated, so
 * that an alarm can watch a service before it exists, and an on-call responder can type them.
 */
export interface DeployedNames {
  /** `sandbox-broker-<environment>`: the prefix of everything that needs no name of its own here. */
  prefix: string;
  cluster: string;
  apiService: string;
  workerService: string;
  rollbackFunction: string;
  /** The queue of events that asked for a rollback and got none. */
  rollbackDeadLetters: string;
  apiLogGroup: string;
  workerLogGroup: string;
  /** Where Lambda writes without being told to. */
  rollbackLogGroup: string;
  /** CloudWatch namespace of the metrics that are made from our logs. */
  metricNamespace: string;
  /** The SSM parameter that Terraform and the rollback share: how many workers are wanted (docs/adr/0007). */
  workerDesiredCountParameter: string;
}

/** The names in one environment. No two environments share one, so both fit into one AWS account. */
export function deployedNames(environment: Pick<Environment, 'name'>): DeployedNames {
  const prefix = `${APPLICATION}-${environment.name}`;
  const path = `/${APPLICATION}/${environment.name}`;
  return {
    prefix,
    cluster: prefix,
    apiService: `${prefix}-api`,
    workerService: `${prefix}-worker`,
    rollbackFunction: `${prefix}-rollback`,
    rollbackDeadLetters: `${prefix}-rollback-dead-letters`,
    apiLogGroup: `${path}/api`,
    workerLogGroup: `${path}/worker`,
    rollbackLogGroup: `/aws/lambda/${prefix}-rollback`,
    metricNamespace: `SandboxBroker/${environment.name}`,
    workerDesiredCountParameter: `${path}/worker/desired-count`,
  };
}

/** What a target group's name begins with: AWS makes the rest, which leaves six characters. The same in every environment. */
export const TARGET_GROUP_NAME_PREFIX = 'sbapi-';
