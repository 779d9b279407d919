import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from './logger';
import { DEFAULT_TABLE_NAMES, type TableNames } from './store/table';

/*
 * The environment of the API process: one schema, parsed once at start. Other processes' schemas are made of the same
 * parts, and the infrastructure's container definitions are typed by them.
 */

/** EX_CONFIG of sysexits(3): the process cannot run with this configuration, restarting it will not help. */
export const EXIT_CODE_BAD_CONFIG = 78;

const MIN_PRODUCTION_TOKEN_LENGTH = 16;

/** Words that stand in documentation and samples instead of a secret. */
const EXAMPLE_TOKEN =
  /example|change[-_ ]?me|replace[-_ ]?me|your[-_ ]|placeholder|secret[-_]?token|^(test|dummy|local|dev)\b|^(?<one>.)\k<one>+$/i;

/** A whole number in a range, written in digits. */
function wholeNumber(min: number, max: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const expected = `must be a whole number from ${min} to ${max}`;
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.issues.push({ code: 'custom', message: expected, input: text });
    return z.NEVER;
  });
}

/** One of a few words. */
function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

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
  const wrong = origins.filter((origin) => !isOrigin(origin));
  if (wrong.length === 0) return origins;
  context.issues.push({
    code: 'custom',
    message: `must be * or origins such as https://play.instruqt.com, separated by commas; not ${JSON.stringify(wrong[0])}`,
    input: text,
  });
  return z.NEVER;
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
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

/** What every process of ours has. */
export const processEnvironment = {
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
};

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
  LAB_DURATION_HOURS: wholeNumber(1, 24 * 30).prefault('4'),
  GRACE_PERIOD_MINUTES: wholeNumber(0, 24 * 60).prefault('30'),
  CORS_ALLOWED_ORIGINS: originList.prefault('*'),
  RATE_LIMIT_PER_SECOND: wholeNumber(1, 1_000_000).prefault('50'),
  RATE_LIMIT_BURST: wholeNumber(1, 1_000_000).prefault('200'),
  RATE_LIMIT_PER_IP_PER_SECOND: wholeNumber(1, 1_000_000).prefault('500'),
  RATE_LIMIT_PER_IP_BURST: wholeNumber(1, 1_000_000).prefault('2000'),
  METRICS_CACHE_SECONDS: wholeNumber(1, 3_600).prefault('60'),
  ALLOCATE_TIME_BUDGET_MS: wholeNumber(100, 30_000).prefault('2000'),
  DRAIN_SECONDS: wholeNumber(0, 100).prefault('30'),
  ...processEnvironment,
});

export type ApiEnvironment = z.infer<typeof apiEnvironmentSchema>;

/** What is wrong between variables that are each fine; those that are not are left out. */
function apiEnvironmentFaults(env: Partial<ApiEnvironment>): string[] {
  const faults: string[] = [];
  // A variable that is at fault itself is absent; one that is not set is present, as undefined.
  const isUnset = (variable: keyof ApiEnvironment): boolean => variable in env && env[variable] === undefined;
  if (isUnset('AWS_REGION') && isUnset('DDB_ENDPOINT_URL')) {
    faults.push('AWS_REGION is required, unless DDB_ENDPOINT_URL names a local engine');
  }
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

export interface TableConfig {
  tableNames: TableNames;
  region: string;
  endpoint?: string;
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
  labDurationSeconds: number;
  gracePeriodSeconds: number;
  corsAllowedOrigins: '*' | string[];
  rateLimitPerCaller: RateLimit;
  rateLimitPerIp: RateLimit;
  metricsCacheMs: number;
  allocateTimeBudgetMs: number;
  drainMs: number;
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
    labDurationSeconds: values.LAB_DURATION_HOURS * 3_600,
    gracePeriodSeconds: values.GRACE_PERIOD_MINUTES * 60,
    corsAllowedOrigins: values.CORS_ALLOWED_ORIGINS,
    rateLimitPerCaller: { perSecond: values.RATE_LIMIT_PER_SECOND, burst: values.RATE_LIMIT_BURST },
    rateLimitPerIp: { perSecond: values.RATE_LIMIT_PER_IP_PER_SECOND, burst: values.RATE_LIMIT_PER_IP_BURST },
    metricsCacheMs: values.METRICS_CACHE_SECONDS * 1_000,
    allocateTimeBudgetMs: values.ALLOCATE_TIME_BUDGET_MS,
    drainMs: values.DRAIN_SECONDS * 1_000,
    logLevel: values.LOG_LEVEL,
    isProduction: values.NODE_ENV === 'production',
  };
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

/** Says of every faulty variable what it should be; never shows its value, which may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}
