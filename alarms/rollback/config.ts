import { z } from 'zod';
import {
  parseEnvironment,
  processEnvironment,
  tableConfig,
  tableEnvironment,
  tableFaults,
  type TableConfig,
} from '../../app/environment';
import type { LogLevel } from '../../app/logger';
import { JOBS_CONTROL_PARTITION, ROLLBACK_PARTITION } from '../../app/store/items';
import type { RollbackJobsRunner } from './rollback-dependencies';

/** A variable that has no sensible default: a rollback that acts on the wrong thing is worse than none. */
function required(pattern: RegExp, expected: string): z.ZodString {
  return z.string({ error: `is required: ${expected}` }).regex(pattern, `must be ${expected}`);
}

/** What the rollback and the on-call command line need to find the worker. */
export const workerTargetEnvironment = {
  ECS_CLUSTER: required(/^[A-Za-z0-9_-]{1,255}$/, 'the name of the ECS cluster'),
  WORKER_SERVICE: required(/^[A-Za-z0-9_-]{1,255}$/, "the name of the worker's ECS service"),
  WORKER_DESIRED_COUNT_PARAMETER: required(/^\/[A-Za-z0-9_./-]{1,1010}$/, "the SSM parameter's name"),
};

const JOBS_RUNNERS_OF_A_ROLLBACK: readonly RollbackJobsRunner[] = ['api', 'none'];

/** The whole environment of the rollback function. */
export const rollbackEnvironmentSchema = z.object({
  ...workerTargetEnvironment,
  ALARM_TOPIC_ARN: required(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, "the SNS topic's ARN"),
  ALARM_NAME_PREFIX: required(
    /^[a-z0-9-]{1,100}$/,
    'what the names of all alarms of this environment begin with',
  ),
  SANDBOX_BROKER_ENV: required(
    /^[a-z][a-z0-9-]{0,30}$/,
    "the environment's name, for the commands that people are told",
  ),
  ROLLBACK_JOBS_RUNNER: z.enum(JOBS_RUNNERS_OF_A_ROLLBACK, { error: 'must be api or none' }).default('api'),
  ...tableEnvironment,
  LOG_LEVEL: processEnvironment.LOG_LEVEL,
});

export type RollbackEnvironment = z.infer<typeof rollbackEnvironmentSchema>;

/** All of the table that the function reads and writes, item by item. Its role is given no more. */
export const ROLLBACK_TABLE_ACCESS = {
  itemActions: ['GetItem', 'PutItem'],
  partitions: [JOBS_CONTROL_PARTITION, ROLLBACK_PARTITION],
} as const;

/** Where the worker runs, and where its desired count is kept. */
export interface WorkerTarget {
  cluster: string;
  service: string;
  desiredCountParameter: string;
}

/** What the rollback function runs with, in our own terms. */
export interface RollbackConfig {
  worker: WorkerTarget;
  topicArn: string;
  alarmNamePrefix: string;
  environmentName: string;
  jobsRunner: RollbackJobsRunner;
  table: TableConfig;
  logLevel: LogLevel;
}

/**
 * Reads the function's environment.
 *
 * @throws ConfigError that names every faulty variable at once.
 */
export function parseRollbackConfig(env: Record<string, string | undefined>): RollbackConfig {
  const values = parseEnvironment(rollbackEnvironmentSchema, env, tableFaults);
  return {
    worker: {
      cluster: values.ECS_CLUSTER,
      service: values.WORKER_SERVICE,
      desiredCountParameter: values.WORKER_DESIRED_COUNT_PARAMETER,
    },
    topicArn: values.ALARM_TOPIC_ARN,
    alarmNamePrefix: values.ALARM_NAME_PREFIX,
    environmentName: values.SANDBOX_BROKER_ENV,
    jobsRunner: values.ROLLBACK_JOBS_RUNNER,
    table: tableConfig(values),
    logLevel: values.LOG_LEVEL,
  };
}
