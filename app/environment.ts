import { z } from 'zod';
import { LOG_LEVELS } from './logger';
import type { JobName } from './store/job-store';
import { DEFAULT_TABLE_NAMES, type TableNames } from './store/table';

/*
 * What the environments of our processes are made of. Each process has one schema, parsed once at start; the
 * infrastructure's container definitions are typed by the same schemas.
 */

/** EX_CONFIG of sysexits(3): the process cannot run with this configuration, restarting it will not help. */
export const EXIT_CODE_BAD_CONFIG = 78;

/** A variable that holds a whole number, before it has a default. */
export type WholeNumber = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;

/** The lowest and the highest value of each {@link wholeNumber}: the infrastructure checks them before a deploy. */
export const wholeNumberRanges = z.registry<{ min: number; max: number }, WholeNumber>();

/** A whole number in a range, written in digits. */
export function wholeNumber(min: number, max: number): WholeNumber {
  const expected = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .transform((text, context) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    })
    .register(wholeNumberRanges, { min, max });
}

/** One of a few words. */
function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

const tableName = z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be 3 to 255 letters, digits, _ . or -');

/** How a process finds the table. */
export const tableEnvironment = {
  DDB_TABLE_NAME: tableName.default(DEFAULT_TABLE_NAMES.table),
  DDB_GSI1_NAME: tableName.default(DEFAULT_TABLE_NAMES.statusIndex),
  DDB_GSI2_NAME: tableName.default(DEFAULT_TABLE_NAMES.trackIndex),
  DDB_GSI3_NAME: tableName.default(DEFAULT_TABLE_NAMES.nameIndex),
  DDB_ENDPOINT_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as http://127.0.0.1:8000' })
    .optional(),
  AWS_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as us-east-1')
    .optional(),
};

/** For processes that serve on: when one that DynamoDB denies access ends, so that another one starts. */
export const accessEnvironment = {
  ACCESS_DENIED_EXIT_SEC: wholeNumber(1, 86_400).prefault('180'),
};

/** What every process of ours has. */
export const processEnvironment = {
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
};

/** What is wrong between the table's variables. One at fault itself is absent, one that is not set is `undefined`. */
export function tableFaults(env: Partial<z.infer<z.ZodObject<typeof tableEnvironment>>>): string[] {
  const isUnset = (variable: keyof typeof env): boolean => variable in env && env[variable] === undefined;
  return isUnset('AWS_REGION') && isUnset('DDB_ENDPOINT_URL')
    ? ['AWS_REGION is required, unless DDB_ENDPOINT_URL names a local engine']
    : [];
}

const SECONDS_OF_A_WEEK = 7 * 86_400;

/** As `POOL_NAME_PREFIX`: every account of the portal, said in so many words. An empty variable would say nothing. */
export const ALL_ACCOUNTS = '*';

/** The jobs and the portal, for every process that may run jobs. */
export const jobsEnvironment = {
  CSP_BASE_URL: z.url({
    protocol: /^https?$/,
    error: 'is required: the URL of the portal, such as https://portal.example.com/api',
  }),
  CSP_API_TOKEN: z
    .string({ error: "is required: the portal's API token" })
    .regex(/^[\x21-\x7e]+$/, 'must be printable characters without spaces'),
  // As sandbox names: what the API takes as a prefix in a request may begin with it.
  POOL_NAME_PREFIX: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'must be up to 100 printable ASCII characters without spaces')
    .optional(),
  CSP_TIMEOUT_CONNECT_SEC: wholeNumber(1, 60).prefault('5'),
  CSP_TIMEOUT_READ_SEC: wholeNumber(1, 300).prefault('15'),
  // More than the three attempts of one call: else a single stubborn sandbox would open the circuit in every cleanup.
  CIRCUIT_BREAKER_THRESHOLD: wholeNumber(4, 1_000).prefault('5'),
  CIRCUIT_BREAKER_TIMEOUT_SEC: wholeNumber(1, 3_600).prefault('60'),
  SYNC_INTERVAL_SEC: wholeNumber(1, SECONDS_OF_A_WEEK).prefault('600'),
  CLEANUP_INTERVAL_SEC: wholeNumber(1, SECONDS_OF_A_WEEK).prefault('300'),
  AUTO_EXPIRY_INTERVAL_SEC: wholeNumber(1, SECONDS_OF_A_WEEK).prefault('300'),
  AUTO_DELETE_STALE_INTERVAL_SEC: wholeNumber(1, SECONDS_OF_A_WEEK).prefault('86400'),
  STALE_GRACE_PERIOD_HOURS: wholeNumber(0, 24 * 365).prefault('24'),
  LAB_DURATION_HOURS: wholeNumber(1, 24 * 30).prefault('4'),
  GRACE_PERIOD_MINUTES: wholeNumber(0, 24 * 60).prefault('30'),
  CLEANUP_BATCH_SIZE: wholeNumber(1, 1_000).prefault('10'),
  CLEANUP_BATCH_DELAY_SEC: wholeNumber(0, 3_600).prefault('2'),
  CLEANUP_PER_SANDBOX_DELAY_SEC: wholeNumber(0, 3_600).prefault('0'),
  DELETION_RETRY_MAX_ATTEMPTS: wholeNumber(1, 20).prefault('3'),
  JOB_LEASE_SEC: wholeNumber(3, 3_600).prefault('60'),
};

export interface TableConfig {
  tableNames: TableNames;
  region: string;
  endpoint?: string;
}

/** How the jobs run, in our own terms. */
export interface JobsConfig {
  csp: {
    baseUrl: string;
    apiToken: string;
    connectTimeoutMs: number;
    readTimeoutMs: number;
    circuitBreaker: { threshold: number; openMs: number };
  };
  /** Begins the names of the accounts that are ours. Empty: all of them. */
  namePrefix: string;
  intervalSeconds: Record<JobName, number>;
  leaseTtlMs: number;
  labDurationSeconds: number;
  gracePeriodSeconds: number;
  staleGracePeriodSeconds: number;
  cleanup: { batchSize: number; batchDelayMs: number; perSandboxDelayMs: number; maxAttempts: number };
}

/** The table's part of a parsed environment. */
export function tableConfig(values: z.infer<z.ZodObject<typeof tableEnvironment>>): TableConfig {
  return {
    tableNames: {
      table: values.DDB_TABLE_NAME,
      statusIndex: values.DDB_GSI1_NAME,
      trackIndex: values.DDB_GSI2_NAME,
      nameIndex: values.DDB_GSI3_NAME,
    },
    // A local engine takes any region.
    region: values.AWS_REGION ?? 'us-east-1',
    endpoint: values.DDB_ENDPOINT_URL,
  };
}

/** The jobs' part of a parsed environment. */
export function jobsConfig(values: z.infer<z.ZodObject<typeof jobsEnvironment>>): JobsConfig {
  return {
    csp: {
      baseUrl: values.CSP_BASE_URL,
      apiToken: values.CSP_API_TOKEN,
      connectTimeoutMs: values.CSP_TIMEOUT_CONNECT_SEC * 1_000,
      readTimeoutMs: values.CSP_TIMEOUT_READ_SEC * 1_000,
      circuitBreaker: {
        threshold: values.CIRCUIT_BREAKER_THRESHOLD,
        openMs: values.CIRCUIT_BREAKER_TIMEOUT_SEC * 1_000,
      },
    },
    namePrefix: values.POOL_NAME_PREFIX === ALL_ACCOUNTS ? '' : (values.POOL_NAME_PREFIX ?? ''),
    intervalSeconds: {
      sync: values.SYNC_INTERVAL_SEC,
      cleanup: values.CLEANUP_INTERVAL_SEC,
      'auto-expiry': values.AUTO_EXPIRY_INTERVAL_SEC,
      'auto-delete-stale': values.AUTO_DELETE_STALE_INTERVAL_SEC,
    },
    leaseTtlMs: values.JOB_LEASE_SEC * 1_000,
    labDurationSeconds: values.LAB_DURATION_HOURS * 3_600,
    gracePeriodSeconds: values.GRACE_PERIOD_MINUTES * 60,
    staleGracePeriodSeconds: values.STALE_GRACE_PERIOD_HOURS * 3_600,
    cleanup: {
      batchSize: values.CLEANUP_BATCH_SIZE,
      batchDelayMs: values.CLEANUP_BATCH_DELAY_SEC * 1_000,
      perSandboxDelayMs: values.CLEANUP_PER_SANDBOX_DELAY_SEC * 1_000,
      maxAttempts: values.DELETION_RETRY_MAX_ATTEMPTS,
    },
  };
}

/**
 * Parses an environment with a process's schema. An empty variable counts as one that is not set.
 *
 * @param faultsBetween what to check beyond single variables; it gets those that are fine by themselves, so that one
 * run reports everything.
 * @throws ConfigError that names every faulty variable at once.
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Record<string, string | undefined>,
  faultsBetween: (values: Partial<z.infer<z.ZodObject<Shape>>>) => string[],
): z.infer<z.ZodObject<Shape>> {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [variable, variableSchema] of Object.entries(schema.shape)) {
    const text = env[variable] === '' ? undefined : env[variable];
    const parsed = z.safeParse(variableSchema, text);
    if (parsed.success) values[variable] = parsed.data;
    else faults.push(...parsed.error.issues.map((issue) => `${variable} ${issue.message}`));
  }
  faults.push(...faultsBetween(values as Partial<z.infer<z.ZodObject<Shape>>>));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as z.infer<z.ZodObject<Shape>>;
}

/** Says of every faulty variable what it should be; never shows a value that may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}
