import { apiEnvironmentSchema, type ApiEnvironment } from '../../app/config';
import { ALL_ACCOUNTS, wholeNumberRanges, type WholeNumber } from '../../app/environment';
import type { Environment } from '../environments';
import { matches, wholeNumberBetween } from './rule';
import { numberVariable, textVariable, type VariableDefinition } from './variable-definition';

/** One whole number of the processes, as a deployment sets it. */
interface NumberSetting {
  /** For Terraform: a sentence. */
  description: string;
  /** Where a deployed system does not bear all that the process would take: the lowest and the highest value. */
  within?: readonly [min: number, max: number];
}

/*
 * Limits that the process does not know. An interval may not be longer than the alarms in alarms/definitions.ts take for
 * granted, because a job that runs less often looks to them like one that has stopped. A run that makes no progress for
 * 300 s counts as stalled (app/jobs/stall-limit.ts): the longest pause and the three attempts of the call after it stay
 * below that.
 */
const LONGEST_PAUSE_SECONDS = 60;
const LONGEST_CONNECT_SECONDS = 10;
const LONGEST_READ_SECONDS = 60;
/** Below this the reads of the table are a cost of their own. */
const SHORTEST_INTERVAL_SECONDS = 30;

/** The whole numbers that a deployment may set. Default and range are the process's own, if not said otherwise. */
const NUMBER_SETTINGS = {
  LAB_DURATION_HOURS: { description: 'Hours from an allocation to its expires_at.' },
  GRACE_PERIOD_MINUTES: { description: 'Minutes after expires_at until a sandbox may be taken away.' },
  ALLOCATE_TIME_BUDGET_MS: { description: 'Milliseconds for which one allocation tries.' },
  ADMIN_WAIT_SEC: { description: 'Seconds after which an admin call answers that its work goes on.' },
  RATE_LIMIT_PER_SECOND: { description: 'Requests per second of one caller, for each task.' },
  RATE_LIMIT_BURST: { description: 'Requests that one caller may make at once, for each task.' },
  RATE_LIMIT_PER_IP_PER_SECOND: { description: 'Requests per second of one address, for each task.' },
  RATE_LIMIT_PER_IP_BURST: { description: 'Requests that one address may make at once, for each task.' },
  METRICS_CACHE_SECONDS: { description: 'Seconds for which /metrics may show the same count of the pool.' },
  STATUS_REPORT_SEC: { description: 'Seconds between two status lines in the log of an API task.' },
  POOL_REPORT_SEC: { description: 'Age in seconds that the count of the pool in a status line may have.' },
  ACCESS_DENIED_EXIT_SEC: {
    description: 'Seconds of denied access to DynamoDB after which a task ends, for another one to start.',
  },
  CSP_TIMEOUT_CONNECT_SEC: {
    description: 'Seconds for a connection to the portal, in each attempt.',
    within: [1, LONGEST_CONNECT_SECONDS],
  },
  CSP_TIMEOUT_READ_SEC: {
    description: 'Seconds for an answer of the portal, in each attempt.',
    within: [1, LONGEST_READ_SECONDS],
  },
  CIRCUIT_BREAKER_THRESHOLD: {
    description: 'Failed attempts in a row after which the portal is left alone.',
  },
  CIRCUIT_BREAKER_TIMEOUT_SEC: { description: 'Seconds for which the portal is left alone.' },
  SYNC_INTERVAL_SEC: {
    description: 'Seconds between two runs of sync.',
    // items_skipped counts on ten runs in two hours.
    within: [SHORTEST_INTERVAL_SECONDS, 600],
  },
  CLEANUP_INTERVAL_SEC: {
    description: 'Seconds between two runs of cleanup.',
    // cleanup_unavailable counts on eight runs in an hour, and jobs_not_reporting on one in each ten minutes.
    within: [SHORTEST_INTERVAL_SECONDS, 300],
  },
  AUTO_EXPIRY_INTERVAL_SEC: {
    description: 'Seconds between two runs of auto-expiry.',
    within: [SHORTEST_INTERVAL_SECONDS, 3_600],
  },
  AUTO_DELETE_STALE_INTERVAL_SEC: {
    description: 'Seconds between two runs of auto-delete-stale.',
    within: [3_600, 7 * 86_400],
  },
  STALE_GRACE_PERIOD_HOURS: { description: 'Hours for which a stale row is kept.' },
  CLEANUP_BATCH_SIZE: { description: 'Deletions between two pauses of cleanup.' },
  CLEANUP_BATCH_DELAY_SEC: {
    description: 'Seconds of the pause after a batch of deletions.',
    within: [0, LONGEST_PAUSE_SECONDS],
  },
  CLEANUP_PER_SANDBOX_DELAY_SEC: {
    description: 'Seconds of the pause after each deletion within a batch.',
    within: [0, LONGEST_PAUSE_SECONDS],
  },
  DELETION_RETRY_MAX_ATTEMPTS: {
    description: 'Attempts to delete a sandbox, until it is left for a person.',
  },
  JOB_LEASE_SEC: {
    description: 'Seconds for which a process that was killed blocks its job.',
    // The first renewal comes after a third of it; and a job whose process was killed must not become overdue (900 s).
    within: [15, 600],
  },
} as const satisfies Partial<Record<keyof ApiEnvironment, NumberSetting>>;

/** A variable of the containers that a deployment sets under the same name in lower case. */
export type ContainerSetting = keyof typeof NUMBER_SETTINGS | 'POOL_NAME_PREFIX';

/** Their names, as the containers know them. */
export const CONTAINER_SETTINGS = [
  ...Object.keys(NUMBER_SETTINGS),
  'POOL_NAME_PREFIX',
] as readonly ContainerSetting[];

/** The Terraform variables of the containers' settings in one environment. */
export function containerSettingVariables(
  environment: Environment,
): Record<ContainerSetting, VariableDefinition> {
  const ownDefaults: Partial<Record<ContainerSetting, number>> = {
    CLEANUP_BATCH_DELAY_SEC: environment.cleanupBatchDelaySeconds,
  };
  const numbers = Object.entries(NUMBER_SETTINGS).map(([setting, { description, ...limits }]) => {
    const name = setting as keyof typeof NUMBER_SETTINGS;
    const schema = apiEnvironmentSchema.shape[name];
    const [min, max] = 'within' in limits ? limits.within : rangeOf(schema.unwrap());
    const definition = numberVariable({
      name: terraformName(name),
      description,
      default: ownDefaults[name] ?? schema.parse(undefined),
      rules: [wholeNumberBetween(min, max)],
    });
    return [name, definition] as const;
  });
  return {
    ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBER_SETTINGS, VariableDefinition>),
    POOL_NAME_PREFIX: textVariable({
      name: terraformName('POOL_NAME_PREFIX'),
      description: `What the names of this environment's accounts in the portal begin with. ${ALL_ACCOUNTS}: all accounts.`,
      // Not the empty text: a pipeline that lost its value must not widen the pool.
      default: environment.poolNamePrefix ?? ALL_ACCOUNTS,
      rules: [
        matches(
          /^[!-~]{1,100}$/,
          `must be up to 100 printable ASCII characters without spaces, or ${ALL_ACCOUNTS} for all accounts`,
        ),
      ],
    }),
  };
}

/** How Terraform calls a variable of the containers. */
function terraformName(setting: ContainerSetting): string {
  return setting.toLowerCase();
}

function rangeOf(schema: WholeNumber): readonly [number, number] {
  const range = wholeNumberRanges.get(schema);
  if (range === undefined)
    throw new Error('A whole number of the environment has no range: use wholeNumber().');
  return [range.min, range.max];
}
