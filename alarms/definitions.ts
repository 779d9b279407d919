import type { AlarmDefinition, ServiceMetric } from './alarm-definition';
import {
  AGAIN_AND_AGAIN,
  API_OVERLOAD,
  DEPLOYMENT,
  FIVE_MINUTES_SECONDS,
  NO_REACTION,
  OVERDUE,
  ROLLBACK,
  ROLLBACK_RESPONSE,
  THREE_OF_FIVE_MINUTES,
  USE_FOR_TEN_MINUTES,
} from './alarm-shapes';
import { CAPACITY_ALARMS } from './capacity-alarms';
import { NO_DATA_IS_ZERO } from './formulas';
import type { RollbackAlarmName } from './rollback-alarms';
import { STUDENT_ALARMS } from './student-alarms';

export type * from './alarm-definition';
export { NO_DATA_IS_ZERO } from './formulas';
export { LOG_METRICS, type LogMetricDefinition, type LogMetricName, type ServiceName } from './log-metrics';
export { ROLLBACK_ALARM_NAMES, ROLLBACK_ALARMS, type RollbackAlarmName } from './rollback-alarms';

/*
 * The alarms on the services. Those on counts that one bad moment can raise ask for several periods, because jobs run every five or ten
 * minutes and the portal fails in bursts that pass; nobody is to be woken by what mends itself.
 */

/** So many failed requests in a minute are no accident, whatever their share: one of two at night wakes nobody. */
const MINIMUM_FAILED_REQUESTS = 5;

const FAILED_REQUESTS = `(${NO_DATA_IS_ZERO} + target5xx + elb5xx)`;

/** The alarms by name. In CloudWatch they are called `<prefix>-<name with hyphens>`. */
export const ALARMS = {
  worker_cpu_high: {
    meaning: "The worker's CPU use has been over the threshold for ten minutes.",
    systemResponse: ROLLBACK_RESPONSE,
    runbook: 'docs/runbooks/worker-cpu-high.md',
    source: { kind: 'ecs_service', service: 'worker', metricName: 'CPUUtilization', statistic: 'Average' },
    threshold: { thresholdPercent: { variable: 'workerCpuThresholdPercent' } },
    ...USE_FOR_TEN_MINUTES,
    ...ROLLBACK,
  },
  worker_memory_high: {
    meaning: "The worker's memory use has been over the threshold for ten minutes.",
    systemResponse: ROLLBACK_RESPONSE,
    runbook: 'docs/runbooks/worker-memory-high.md',
    source: { kind: 'ecs_service', service: 'worker', metricName: 'MemoryUtilization', statistic: 'Average' },
    threshold: { thresholdPercent: { variable: 'workerMemoryThresholdPercent' } },
    ...USE_FOR_TEN_MINUTES,
    ...ROLLBACK,
  },
  // Runs that end `unavailable` do not count: the API would meet the same portal, or the same table.
  worker_job_failures: {
    meaning:
      'Jobs that the worker runs keep failing, and not because the portal or the table is out of reach.',
    systemResponse: ROLLBACK_RESPONSE,
    runbook: 'docs/runbooks/worker-job-failures.md',
    source: { kind: 'log', metric: 'WorkerJobFailures', statistic: 'Sum' },
    ...AGAIN_AND_AGAIN,
    ...ROLLBACK,
  },
  api_cpu_high: {
    meaning: "The API's CPU use has been over the threshold for ten minutes.",
    systemResponse:
      'Autoscaling adds tasks up to its maximum, and jobs that the API runs are taken from it until a person unfreezes them.',
    runbook: 'docs/runbooks/api-cpu-high.md',
    source: { kind: 'ecs_service', service: 'api', metricName: 'CPUUtilization', statistic: 'Average' },
    threshold: { thresholdPercent: { variable: 'apiCpuThresholdPercent' } },
    ...USE_FOR_TEN_MINUTES,
    ...API_OVERLOAD,
  },
  api_memory_high: {
    meaning: "The API's memory use has been over the threshold for ten minutes.",
    systemResponse:
      'Autoscaling adds tasks up to its maximum, ECS replaces a task that runs out of memory, and jobs that the API ' +
      'runs are taken from it until a person unfreezes them.',
    runbook: 'docs/runbooks/api-memory-high.md',
    source: { kind: 'ecs_service', service: 'api', metricName: 'MemoryUtilization', statistic: 'Average' },
    threshold: { thresholdPercent: { variable: 'apiMemoryThresholdPercent' } },
    ...USE_FOR_TEN_MINUTES,
    ...API_OVERLOAD,
  },
  // Only a change of the API itself moves these two so soon after a deployment; a full pool, a slow portal or a busy
  // worker says nothing about the new version, and must not stop it.
  api_5xx_rate_high: {
    meaning: 'More than one in twenty requests is answered with a 5xx, by the API or by the load balancer.',
    systemResponse: 'A deployment of the API that is under way is rolled back.',
    runbook: 'docs/runbooks/api-5xx-rate-high.md',
    source: {
      kind: 'math',
      // RequestCount leaves out what the load balancer answered without choosing a target, so that is added.
      expression:
        `IF(${FAILED_REQUESTS} >= ${MINIMUM_FAILED_REQUESTS}, ` +
        `100 * ${FAILED_REQUESTS} / (${NO_DATA_IS_ZERO} + requests + elb5xx), 0)`,
      terms: {
        requests: { kind: 'load_balancer', metricName: 'RequestCount', statistic: 'Sum' },
        target5xx: { kind: 'load_balancer', metricName: 'HTTPCode_Target_5XX_Count', statistic: 'Sum' },
        elb5xx: { kind: 'load_balancer', metricName: 'HTTPCode_ELB_5XX_Count', statistic: 'Sum' },
      },
    },
    threshold: { thresholdPercent: 5 },
    comparison: 'GreaterThanThreshold',
    ...THREE_OF_FIVE_MINUTES,
    missingData: 'notBreaching',
    ...DEPLOYMENT,
  },
  unhealthy_targets: {
    meaning: "At least one API task fails the load balancer's health check.",
    systemResponse:
      'The load balancer sends it no requests, ECS replaces it, and a deployment that is under way is rolled back.',
    runbook: 'docs/runbooks/unhealthy-targets.md',
    source: { kind: 'target_group', metricName: 'UnHealthyHostCount', statistic: 'Maximum' },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    ...THREE_OF_FIVE_MINUTES,
    // No target at all reports nothing; api_not_ready watches for that.
    missingData: 'notBreaching',
    ...DEPLOYMENT,
  },
  api_not_ready: {
    meaning: 'An API task cannot reach its DynamoDB table, or no API task reports at all.',
    systemResponse: 'The tasks go on trying and recover by themselves once the table answers.',
    runbook: 'docs/runbooks/api-not-ready.md',
    source: { kind: 'log', metric: 'ApiNotReady', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    ...THREE_OF_FIVE_MINUTES,
    // Every task writes its status each minute: silence means that none is left.
    missingData: 'breaching',
    ...NO_REACTION,
  },
  ...CAPACITY_ALARMS,
  ...STUDENT_ALARMS,
  pool_nearly_empty: {
    meaning: 'Fewer sandboxes are available than the threshold: soon students will be turned away.',
    systemResponse: 'Sync adds new accounts of the portal every ten minutes; nothing here creates accounts.',
    runbook: 'docs/runbooks/pool-nearly-empty.md',
    // Each API task counts the same pool, so nothing may be added up.
    source: { kind: 'log', metric: 'PoolAvailable', statistic: 'Minimum' },
    threshold: { thresholdCount: { variable: 'poolAvailableThreshold' } },
    comparison: 'LessThanThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // A pool that cannot be counted is as full as it was. api_not_ready says that it cannot be counted.
    missingData: 'ignore',
    ...NO_REACTION,
  },
  jobs_not_reporting: {
    meaning: 'No job has run for twenty minutes, in the worker or in the API.',
    systemResponse:
      'ECS restarts a worker whose jobs have stalled; jobs that a person has frozen stay frozen.',
    runbook: 'docs/runbooks/jobs-not-reporting.md',
    // Of any outcome: what goes wrong in a run has alarms of its own.
    source: { kind: 'log', metric: 'JobRuns', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    comparison: 'LessThanThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    // Cleanup and expiry run every 300 to 330 s, so one empty period means nothing, and four a standstill.
    evaluationPeriods: 4,
    datapointsToAlarm: 4,
    missingData: 'breaching',
    ...NO_REACTION,
  },
  sync_not_reporting: {
    meaning: 'Sync has been due for fifteen minutes and has not run, so the pool does not follow the portal.',
    source: { kind: 'log', metric: 'OverdueSecondsSync', statistic: 'Maximum' },
    ...OVERDUE,
  },
  cleanup_not_reporting: {
    meaning: 'Cleanup has been due for fifteen minutes and has not run, so used accounts stay in the portal.',
    source: { kind: 'log', metric: 'OverdueSecondsCleanup', statistic: 'Maximum' },
    ...OVERDUE,
  },
  auto_expiry_not_reporting: {
    meaning:
      'Expiry has been due for fifteen minutes and has not run, so nothing that was not given back is taken back.',
    source: { kind: 'log', metric: 'OverdueSecondsAutoExpiry', statistic: 'Maximum' },
    ...OVERDUE,
  },
  auto_delete_stale_not_reporting: {
    meaning:
      'The daily removal of stale rows has been due for fifteen minutes and has not run, so they stay in the table.',
    source: { kind: 'log', metric: 'OverdueSecondsAutoDeleteStale', statistic: 'Maximum' },
    ...OVERDUE,
  },
  api_job_failures: {
    meaning:
      'Jobs that the API runs, since the worker was rolled back or because an admin asked, keep failing.',
    systemResponse: 'Each is tried again when it is next due; allocation goes on without them.',
    runbook: 'docs/runbooks/api-job-failures.md',
    source: { kind: 'log', metric: 'ApiJobFailures', statistic: 'Sum' },
    ...AGAIN_AND_AGAIN,
    ...NO_REACTION,
  },
  sync_guarded: {
    meaning:
      'Sync keeps refusing to mark what is missing: the list is not plausible, or the table is not bound to this portal.',
    systemResponse:
      'Nothing is taken out of the pool until the list is plausible; without a binding nothing is added or deleted either.',
    runbook: 'docs/runbooks/sync-guarded.md',
    source: { kind: 'log', metric: 'SyncsGuarded', statistic: 'Sum' },
    ...AGAIN_AND_AGAIN,
    ...NO_REACTION,
  },
  deletion_backlog_old: {
    meaning: 'A sandbox that was given back has been due for its deletion in the portal for six hours.',
    systemResponse: 'Each cleanup goes on deleting in random order; no student gets what waits.',
    runbook: 'docs/runbooks/deletion-backlog-old.md',
    // Each cleanup tells it of the same rows, so nothing may be added up.
    source: { kind: 'log', metric: 'DeletionBacklogAgeSeconds', statistic: 'Maximum' },
    threshold: { thresholdSeconds: 21_600 },
    comparison: 'GreaterThanOrEqualToThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    // Without a cleanup the backlog is as old as it was, and cleanup_not_reporting says that none runs.
    missingData: 'ignore',
    ...NO_REACTION,
  },
  deletions_given_up: {
    meaning:
      'A sandbox could not be deleted in the portal and will not be tried again: its account lives on.',
    systemResponse:
      'It is kept as deletion_failed; this returns to OK after an hour, although it still waits for a person.',
    runbook: 'docs/runbooks/deletions-given-up.md',
    source: { kind: 'log', metric: 'DeletionsGivenUp', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    evaluationPeriods: 12,
    datapointsToAlarm: 1,
    missingData: 'notBreaching',
    ...NO_REACTION,
  },
  deletion_unconfirmed: {
    meaning:
      'For an hour or longer the portal has listed an account whose deletion it accepted, or its list cannot be believed.',
    systemResponse:
      'The deletion is requested again in each cleanup, and the sandbox stays out of the pool until a list confirms it.',
    runbook: 'docs/runbooks/deletion-unconfirmed.md',
    source: { kind: 'log', metric: 'DeletionsUnconfirmedLong', statistic: 'Sum' },
    ...AGAIN_AND_AGAIN,
    ...NO_REACTION,
  },
  deleted_accounts_listed: {
    meaning: 'The portal lists accounts that count as deleted: they are alive, and may cost money.',
    systemResponse: 'Their tombstones are kept for ever, so no student gets one of them.',
    runbook: 'docs/runbooks/deleted-accounts-listed.md',
    // Each sync counts the same accounts, so nothing may be added up.
    source: { kind: 'log', metric: 'DeletedAccountsListed', statistic: 'Maximum' },
    ...AGAIN_AND_AGAIN,
    ...NO_REACTION,
  },
  items_skipped: {
    meaning:
      'For two hours sync or cleanup has skipped accounts or rows that contradict each other or are odd.',
    systemResponse: 'They are neither given out nor deleted; everything else is worked on.',
    runbook: 'docs/runbooks/items-skipped.md',
    source: { kind: 'log', metric: 'RunsWithSkippedItems', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    // Sync runs every 10 to 11 minutes: ten times at least in two hours.
    evaluationPeriods: 24,
    datapointsToAlarm: 9,
    missingData: 'notBreaching',
    ...NO_REACTION,
  },
  // Three stubborn sandboxes alone end every cleanup like this without opening the circuit (docs/adr/0006).
  cleanup_unavailable: {
    meaning: 'Nearly every cleanup of the last hour has ended before it was done, because deletions failed.',
    systemResponse: 'Each run tries again in another order, and no sandbox loses an attempt by it.',
    runbook: 'docs/runbooks/cleanup-unavailable.md',
    source: { kind: 'log', metric: 'CleanupsUnavailable', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    periodSeconds: FIVE_MINUTES_SECONDS,
    evaluationPeriods: 12,
    datapointsToAlarm: 8,
    missingData: 'notBreaching',
    ...NO_REACTION,
  },
  portal_circuit_open: {
    meaning: 'The portal has failed so often in a row, again and again, that calls to it are held back.',
    systemResponse: 'Deletions and sync wait and go on once it answers; allocation does not need it.',
    runbook: 'docs/runbooks/portal-circuit-open.md',
    source: { kind: 'log', metric: 'PortalCircuitOpened', statistic: 'Sum' },
    ...AGAIN_AND_AGAIN,
    ...NO_REACTION,
  },
  dynamodb_throttling: {
    meaning: 'DynamoDB has been turning down reads or writes of the table or an index for minutes.',
    systemResponse:
      'Reads and writes are repeated with growing delays; on-demand capacity grows with the load.',
    runbook: 'docs/runbooks/dynamodb-throttling.md',
    source: {
      // Its series leave a period without a throttled call empty, and an alarm on AWS/DynamoDB alone would ignore that,
      // whatever is asked for, and never end: only a sum that is 0 then does (formulas.ts).
      kind: 'sum',
      of: [
        { kind: 'dynamodb_table', metricName: 'ReadThrottleEvents', statistic: 'Sum' },
        { kind: 'dynamodb_table', metricName: 'WriteThrottleEvents', statistic: 'Sum' },
        { kind: 'dynamodb_indexes', metricName: 'ReadThrottleEvents', statistic: 'Sum' },
        { kind: 'dynamodb_indexes', metricName: 'WriteThrottleEvents', statistic: 'Sum' },
      ],
    },
    // A class that starts may meet a few in its first second, which retries absorb.
    threshold: { thresholdCount: 10 },
    comparison: 'GreaterThanOrEqualToThreshold',
    ...THREE_OF_FIVE_MINUTES,
    missingData: 'notBreaching',
    ...NO_REACTION,
  },
} as const satisfies Record<string, AlarmDefinition<ServiceMetric>>;

export type AlarmName = keyof typeof ALARMS;

/** All names, in the order in which a person reads them. */
export const ALARM_NAMES = Object.keys(ALARMS) as AlarmName[];

/** What an alarm is called in CloudWatch: fixed, so that rules, policies and people can name it. */
export function cloudWatchAlarmName(prefix: string, name: AlarmName | RollbackAlarmName): string {
  return `${prefix}-${name.replaceAll('_', '-')}`;
}
