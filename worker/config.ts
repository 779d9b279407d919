import { z } from 'zod';
import {
  accessEnvironment,
  jobsConfig,
  jobsEnvironment,
  parseEnvironment,
  processEnvironment,
  tableConfig,
  tableEnvironment,
  tableFaults,
  wholeNumber,
  type JobsConfig,
  type TableConfig,
} from '../app/environment';
import type { LogLevel } from '../app/logger';

/** The whole environment of the worker process, with the defaults of a development machine. */
export const workerEnvironmentSchema = z.object({
  WORKER_PORT: wholeNumber(0, 65_535).prefault('9090'),
  ...tableEnvironment,
  ...accessEnvironment,
  ...jobsEnvironment,
  ...processEnvironment,
});

export type WorkerEnvironment = z.infer<typeof workerEnvironmentSchema>;

/** What the worker process runs with, in our own terms. */
export interface WorkerConfig {
  port: number;
  table: TableConfig;
  /** How long DynamoDB denies access without another outcome before the process ends. */
  accessDeniedExitMs: number;
  jobs: JobsConfig;
  logLevel: LogLevel;
}

/**
 * Reads the worker's environment.
 *
 * @throws ConfigError that names every faulty variable at once.
 */
export function parseWorkerConfig(env: Record<string, string | undefined>): WorkerConfig {
  const values = parseEnvironment(workerEnvironmentSchema, env, tableFaults);
  return {
    port: values.WORKER_PORT,
    table: tableConfig(values),
    accessDeniedExitMs: values.ACCESS_DENIED_EXIT_SEC * 1_000,
    jobs: jobsConfig(values),
    logLevel: values.LOG_LEVEL,
  };
}
