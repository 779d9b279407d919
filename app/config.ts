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
} from './environment';
import type { LogLevel } from './logger';
import type { StatusReportIntervals } from './status-report';
import { ROLLBACK_PARTITION } from './store/items';

/*
 * The environment of the API process: one schema, parsed once at start. Other processes' schemas are made of the same
 * parts, and the infrastructure's container definitions are typed by them.
 */

const MIN_PRODUCTION_TOKEN_LENGTH = 16;

/** The longest that an admin call may be told to wait: the load balancer gives up on an answer after 60 s. */
export const MAX_ADMIN_WAIT_SECONDS = 45;

/** What the API queries of the table itself, beside the indexes: the infrastructure gives it the right to no more. */
export const API_QUERIED_PARTITIONS = [ROLLBACK_PARTITION] as const;

/** Words that stand in documentation and samples instead of a secret. */
const EXAMPLE_TOKEN =
  /example|change[-_ ]?me|replace[-_ ]?me|your[-_ ]|placeholder|secret[-_]?token|^(test|dummy|local|dev)\b|^(?<one>.)\k<one>+$/i;

/** Tokens, comma-separated: two while one replaces the other. */
const tokenList = z
  .string({ error: 'is required: one token, or two separated by a comma during rotation' })
  .transform((text, context) => {
    const tokens = text.split(',').map((token) => token.trim());
    const isFine = tokens.length <= 2 && tokens.every((token) => /^[A-Za-z0-9\-._~+/]+=*$/.test(token));
    if (isFine) return tokens;
    context.issues.push({
      code: 'custom',
      message: 'must be one token, or two separated by a comma, of letters, digits and -._~+/= only',
      input: '(not shown)',
    });
    return z.NEVER;
  });

/** Origins as the browser sends them, comma-separated, or `*`. */
const originList = z.string().transform((text, context) => {
  const origins = text.split(',').map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === '*') return '*' as const;
  const wrong = origins.findIndex((origin) => !isOrigin(origin));
  if (wrong === -1) return origins;
  // By its place: a secret set on the wrong variable would be in the log.
  context.issues.push({
    code: 'custom',
    message: `must be * or origins such as https://play.instruqt.com, separated by commas; number ${wrong + 1} is not an origin`,
    input: '(not shown)',
  });
  return z.NEVER;
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** Names, comma-separated; none when there are none. */
const nameList = z
  .string()
  .regex(/^[\w.-]{1,255}(,[\w.-]{1,255}){0,99}$/, 'must be up to 100 names, separated by commas')
  .transform((text) => text.split(','));

/** The whole environment of the API process, with the defaults of a development machine. */
export const apiEnvironmentSchema = z.object({
  BROKER_API_TOKEN: tokenList,
  BROKER_ADMIN_TOKEN: tokenList,
  API_BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must begin with / and not end with it, such as /v1')
    .default('/v1'),
  PORT: wholeNumber(0, 65_535).prefault('8080'),
  ...tableEnvironment,
  ...accessEnvironment,
  CORS_ALLOWED_ORIGINS: originList.prefault('*'),
  RATE_LIMIT_PER_SECOND: wholeNumber(1, 1_000_000).prefault('50'),
  RATE_LIMIT_BURST: wholeNumber(1, 1_000_000).prefault('200'),
  RATE_LIMIT_PER_IP_PER_SECOND: wholeNumber(1, 1_000_000).prefault('500'),
  RATE_LIMIT_PER_IP_BURST: wholeNumber(1, 1_000_000).prefault('2000'),
  METRICS_CACHE_SECONDS: wholeNumber(1, 3_600).prefault('60'),
  // The alarms look at each minute for a status, and at five for a pool.
  STATUS_REPORT_SEC: wholeNumber(1, 60).prefault('60'),
  POOL_REPORT_SEC: wholeNumber(1, 300).prefault('300'),
  ALLOCATE_TIME_BUDGET_MS: wholeNumber(100, 30_000).prefault('2000'),
  // Below the load balancer's idle timeout of 60 s, and by default below the 15 s that clients/typescript waits.
  ADMIN_WAIT_SEC: wholeNumber(1, MAX_ADMIN_WAIT_SECONDS).prefault('12'),
  DRAIN_SECONDS: wholeNumber(0, 100).prefault('30'),
  // For people: what the console says that it acts on, and the alarms that it shows.
  ENVIRONMENT_NAME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a name such as dev: lower-case letters, digits and -')
    .default('local'),
  ALARM_NAMES: nameList.optional(),
  // The API runs the jobs when it is told to, and when an admin asks for one.
  ...jobsEnvironment,
  ...processEnvironment,
});

export type ApiEnvironment = z.infer<typeof apiEnvironmentSchema>;

/** What is wrong between variables that are each fine; those that are not are left out. */
function apiEnvironmentFaults(env: Partial<ApiEnvironment>): string[] {
  const faults = tableFaults(env);
  if (env.BROKER_API_TOKEN?.some((token) => env.BROKER_ADMIN_TOKEN?.includes(token))) {
    faults.push(
      'BROKER_ADMIN_TOKEN must not share a token with BROKER_API_TOKEN: every track would be an admin',
    );
  }
  if (env.NODE_ENV !== 'production') return faults;
  for (const variable of ['BROKER_API_TOKEN', 'BROKER_ADMIN_TOKEN'] as const) {
    const tokens = env[variable] ?? [];
    if (tokens.some((token) => token.length < MIN_PRODUCTION_TOKEN_LENGTH)) {
      faults.push(`${variable} must have at least ${MIN_PRODUCTION_TOKEN_LENGTH} characters in production`);
    }
    if (tokens.some((token) => EXAMPLE_TOKEN.test(token))) {
      faults.push(`${variable} looks like an example; generate one, e.g. with: openssl rand -hex 32`);
    }
  }
  return faults;
}

export interface RateLimit {
  perSecond: number;
  burst: number;
}

/** What the API process runs with, in our own terms. */
export interface ApiConfig {
  apiTokens: string[];
  adminTokens: string[];
  basePath: string;
  port: number;
  table: TableConfig;
  /** How long DynamoDB denies access without another outcome before the process ends. */
  accessDeniedExitMs: number;
  jobs: JobsConfig;
  labDurationSeconds: number;
  gracePeriodSeconds: number;
  corsAllowedOrigins: '*' | string[];
  rateLimitPerCaller: RateLimit;
  rateLimitPerIp: RateLimit;
  metricsCacheMs: number;
  statusReport: StatusReportIntervals;
  allocateTimeBudgetMs: number;
  /** After which an admin call answers that its work goes on, or is not complete. */
  adminWaitMs: number;
  drainMs: number;
  environmentName: string;
  /** As CloudWatch calls them; none where there is no AWS. */
  alarmNames: string[];
  logLevel: LogLevel;
  isProduction: boolean;
}

/**
 * Reads the API's environment.
 *
 * @throws ConfigError that names every faulty variable at once.
 */
export function parseApiConfig(env: Record<string, string | undefined>): ApiConfig {
  const values = parseEnvironment(apiEnvironmentSchema, env, apiEnvironmentFaults);
  return {
    apiTokens: values.BROKER_API_TOKEN,
    adminTokens: values.BROKER_ADMIN_TOKEN,
    basePath: values.API_BASE_PATH,
    port: values.PORT,
    table: tableConfig(values),
    accessDeniedExitMs: values.ACCESS_DENIED_EXIT_SEC * 1_000,
    jobs: jobsConfig(values),
    labDurationSeconds: values.LAB_DURATION_HOURS * 3_600,
    gracePeriodSeconds: values.GRACE_PERIOD_MINUTES * 60,
    corsAllowedOrigins: values.CORS_ALLOWED_ORIGINS,
    rateLimitPerCaller: { perSecond: values.RATE_LIMIT_PER_SECOND, burst: values.RATE_LIMIT_BURST },
    rateLimitPerIp: { perSecond: values.RATE_LIMIT_PER_IP_PER_SECOND, burst: values.RATE_LIMIT_PER_IP_BURST },
    metricsCacheMs: values.METRICS_CACHE_SECONDS * 1_000,
    statusReport: {
      intervalMs: values.STATUS_REPORT_SEC * 1_000,
      maxPoolAgeMs: values.POOL_REPORT_SEC * 1_000,
    },
    allocateTimeBudgetMs: values.ALLOCATE_TIME_BUDGET_MS,
    adminWaitMs: values.ADMIN_WAIT_SEC * 1_000,
    drainMs: values.DRAIN_SECONDS * 1_000,
    environmentName: values.ENVIRONMENT_NAME,
    alarmNames: values.ALARM_NAMES ?? [],
    logLevel: values.LOG_LEVEL,
    isProduction: values.NODE_ENV === 'production',
  };
}
