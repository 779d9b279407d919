/*
 * The metrics that CloudWatch makes from our logs. Plain data: the infrastructure makes filters from it, and tests feed
 * it lines that the real code has written, so that a renamed field breaks a test and not an alarm.
 */

/** A service, as its log group and its metrics are known. */
export type ServiceName = 'api' | 'worker';

/** What one matching line adds to its metric. */
export interface LogMetricDefinition {
  /** Whose lines are read. One metric of two log groups adds both up. */
  services: readonly ServiceName[];
  /**
   * CloudWatch's filter syntax for JSON lines.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
   */
  pattern: string;
  /** `each_line` counts lines; `field` takes a number out of the line. */
  value: { kind: 'each_line' } | { kind: 'field'; selector: `$.${string}` };
  /**
   * What a minute with log lines, none of them matching, reports: 0 for counts, so that they are known to be zero.
   * `undefined` for levels: a pool that nobody has counted is not empty.
   */
  defaultValue: 0 | undefined;
}

const BOTH = ['api', 'worker'] as const;

function lineCount(services: readonly ServiceName[], pattern: string): LogMetricDefinition {
  return { services, pattern, value: { kind: 'each_line' }, defaultValue: 0 };
}

function poolLevel(status: string): LogMetricDefinition {
  return level(`$.pool.${status}`);
}

/** How late a job is, as each API process sees it in the table. */
function overdueSeconds(job: string): LogMetricDefinition {
  return level(`$.overdue_seconds.${job}`);
}

/** A number of the API's status line. Comparing it leaves out lines in which it is missing. */
function level(selector: `$.${string}`): LogMetricDefinition {
  return {
    services: ['api'],
    pattern: `{ $.action = "status" && ${selector} >= 0 }`,
    value: { kind: 'field', selector },
    defaultValue: undefined,
  };
}

/** The metrics by their names in CloudWatch. */
export const LOG_METRICS = {
  // The word of JobRunner on each run, in whichever process.
  JobRuns: lineCount(BOTH, '{ $.action = "job" }'),
  JobRunsSucceeded: lineCount(BOTH, '{ $.action = "job" && $.outcome = "success" }'),
  // A run that the table kept from its work says nothing about the portal, and the other way round.
  JobRunsUnavailable: lineCount(
    BOTH,
    '{ $.action = "job" && $.outcome = "unavailable" && $.cause = "portal" }',
  ),
  JobRunsWithoutTable: lineCount(
    BOTH,
    '{ $.action = "job" && $.outcome = "unavailable" && $.cause = "table" }',
  ),
  WorkerJobFailures: lineCount(['worker'], '{ $.action = "job" && $.outcome = "failed" }'),
  ApiJobFailures: lineCount(['api'], '{ $.action = "job" && $.outcome = "failed" }'),
  CleanupsUnavailable: lineCount(
    BOTH,
    '{ $.action = "job" && $.job = "cleanup" && $.outcome = "unavailable" && $.cause = "portal" }',
  ),
  SyncsGuarded: lineCount(BOTH, '{ $.action = "job" && $.job = "sync" && $.outcome = "guarded" }'),
  // At the end of each cleanup that leaves any. What is younger may be a portal that takes its time.
  DeletionsUnconfirmedLong: lineCount(
    BOTH,
    '{ $.action = "deletion" && $.outcome = "unconfirmed" && $.oldest_age_seconds >= 3600 }',
  ),
  // At the beginning of each cleanup: 0 when nothing waits.
  DeletionBacklogAgeSeconds: {
    services: BOTH,
    pattern: '{ $.action = "deletion" && $.outcome = "backlog" && $.oldest_age_seconds >= 0 }',
    value: { kind: 'field', selector: '$.oldest_age_seconds' },
    defaultValue: undefined,
  },
  DeletionsGivenUp: lineCount(BOTH, '{ $.action = "deletion" && $.outcome = "given_up" }'),
  // At the end of each sync or cleanup that left accounts or rows out.
  RunsWithSkippedItems: lineCount(BOTH, '{ $.outcome = "items_skipped" }'),
  DeletedAccountsListed: {
    services: BOTH,
    pattern: '{ $.action = "job" && $.job = "sync" && $.counts.listed_after_deletion >= 0 }',
    value: { kind: 'field', selector: '$.counts.listed_after_deletion' },
    defaultValue: undefined,
  },
  PortalCircuitOpened: lineCount(BOTH, '{ $.action = "circuit" && $.outcome = "open" }'),
  // StatusReport, from each API process.
  ApiNotReady: lineCount(['api'], '{ $.action = "status" && $.outcome = "not_ready" }'),
  PoolAvailable: poolLevel('available'),
  PoolAllocated: poolLevel('allocated'),
  PoolPendingDeletion: poolLevel('pending_deletion'),
  PoolDeletionUnconfirmed: poolLevel('deletion_unconfirmed'),
  PoolDeletionFailed: poolLevel('deletion_failed'),
  PoolStale: poolLevel('stale'),
  OverdueSecondsSync: overdueSeconds('sync'),
  OverdueSecondsCleanup: overdueSeconds('cleanup'),
  OverdueSecondsAutoExpiry: overdueSeconds('auto_expiry'),
  OverdueSecondsAutoDeleteStale: overdueSeconds('auto_delete_stale'),
  // The line of each request.
  Allocations: lineCount(['api'], '{ $.action = "allocate" && $.outcome = "allocated" }'),
  AllocationsPoolEmpty: lineCount(
    ['api'],
    '{ $.action = "allocate" && $.outcome = "no_sandboxes_available" }',
  ),
  AllocationsContended: lineCount(['api'], '{ $.action = "allocate" && $.outcome = "allocation_contended" }'),
} as const satisfies Record<string, LogMetricDefinition>;

export type LogMetricName = keyof typeof LOG_METRICS;
