import type { AlarmName } from '../../../alarms/definitions';
import type { MetricSubjects } from './cloudwatch-metrics';
import { graphLinesOf, type GraphLine } from './graph-lines';

/** One graph, before it has a place. */
export interface Graph {
  title: string;
  metrics: GraphLine[];
  /** What the vertical axis shows. */
  unit?: string;
  /** The alarm whose threshold belongs into the picture. */
  threshold?: AlarmName;
}

/** The graphs in rows, each row about one thing: what students notice first, then what lies behind it. */
export function graphRows(subjects: MetricSubjects): Graph[][] {
  const { balancer, targets, firewall, service, tasks, log, throttles, latency } = graphLinesOf(subjects);
  return [
    [
      {
        title: 'Requests',
        unit: 'a minute',
        metrics: [
          balancer('RequestCount', 'Sum', 'Requests'),
          balancer('HTTPCode_Target_5XX_Count', 'Sum', '5xx of the API'),
          balancer('HTTPCode_ELB_5XX_Count', 'Sum', '5xx of the load balancer'),
        ],
      },
      {
        title: 'Answer time',
        unit: 'seconds',
        metrics: [targets('TargetResponseTime', 'p50', 'p50'), targets('TargetResponseTime', 'p99', 'p99')],
        threshold: 'api_latency_high',
      },
      {
        title: 'Allocations',
        unit: 'a minute',
        metrics: [
          log('Allocations', 'Sum', 'Allocated'),
          log('AllocationsPoolEmpty', 'Sum', 'Pool empty (409)'),
          log('AllocationsContended', 'Sum', 'Contended (503)'),
        ],
      },
      {
        title: 'Firewall',
        unit: 'requests a minute',
        metrics: [
          firewall('BlockedRequests', 'ALL', 'Blocked'),
          firewall(
            'BlockedRequests',
            `${subjects.webAcl}-rate-per-address`,
            'Blocked: too many from one address',
          ),
          firewall('CountedRequests', 'ALL', 'Counted only'),
        ],
      },
    ],
    [
      {
        title: 'API tasks',
        metrics: [
          tasks('api', 'RunningTaskCount', 'Running'),
          tasks('api', 'DesiredTaskCount', 'Wanted'),
          targets('HealthyHostCount', 'Minimum', 'Healthy'),
          targets('UnHealthyHostCount', 'Maximum', 'Unhealthy'),
          log('ApiNotReady', 'Sum', 'Not ready'),
        ],
      },
      {
        title: 'API CPU',
        unit: 'percent',
        metrics: [service('api', 'CPUUtilization', 'CPU')],
        threshold: 'api_cpu_high',
      },
      {
        title: 'API memory',
        unit: 'percent',
        metrics: [service('api', 'MemoryUtilization', 'Memory')],
        threshold: 'api_memory_high',
      },
    ],
    [
      {
        title: 'Worker tasks',
        metrics: [
          tasks('worker', 'RunningTaskCount', 'Running'),
          tasks('worker', 'DesiredTaskCount', 'Wanted'),
        ],
      },
      {
        title: 'Worker CPU',
        unit: 'percent',
        metrics: [service('worker', 'CPUUtilization', 'CPU')],
        threshold: 'worker_cpu_high',
      },
      {
        title: 'Worker memory',
        unit: 'percent',
        metrics: [service('worker', 'MemoryUtilization', 'Memory')],
        threshold: 'worker_memory_high',
      },
    ],
    [
      {
        title: 'Pool: available',
        unit: 'sandboxes',
        metrics: [log('PoolAvailable', 'Minimum', 'Available')],
        threshold: 'pool_nearly_empty',
      },
      {
        title: 'Pool: everything else',
        unit: 'sandboxes',
        metrics: [
          log('PoolAllocated', 'Maximum', 'Allocated'),
          log('PoolPendingDeletion', 'Maximum', 'Pending deletion'),
          log('PoolDeletionUnconfirmed', 'Maximum', 'Deletion unconfirmed'),
          log('PoolDeletionFailed', 'Maximum', 'Deletion failed'),
          log('PoolStale', 'Maximum', 'Stale'),
        ],
      },
      {
        title: 'Deletions: the oldest one due',
        unit: 'seconds',
        metrics: [log('DeletionBacklogAgeSeconds', 'Maximum', 'Due for')],
        threshold: 'deletion_backlog_old',
      },
    ],
    [
      {
        title: 'Job runs by outcome',
        metrics: [
          log('JobRuns', 'Sum', 'All'),
          log('JobRunsSucceeded', 'Sum', 'Succeeded'),
          log('JobRunsUnavailable', 'Sum', 'Portal unavailable'),
          log('JobRunsWithoutTable', 'Sum', 'Table unavailable'),
          log('SyncsGuarded', 'Sum', 'Sync refused to mark'),
          log('WorkerJobFailures', 'Sum', 'Failed in the worker'),
          log('ApiJobFailures', 'Sum', 'Failed in the API'),
        ],
      },
      {
        title: 'Jobs: overdue',
        unit: 'seconds',
        metrics: [
          log('OverdueSecondsSync', 'Maximum', 'Sync'),
          log('OverdueSecondsCleanup', 'Maximum', 'Cleanup'),
          log('OverdueSecondsAutoExpiry', 'Maximum', 'Expiry'),
          log('OverdueSecondsAutoDeleteStale', 'Maximum', 'Removal of stale rows'),
        ],
        threshold: 'sync_not_reporting',
      },
      {
        title: 'Portal',
        metrics: [
          log('PortalCircuitOpened', 'Sum', 'Circuit opened'),
          log('CleanupsUnavailable', 'Sum', 'Cleanups ended early'),
          log('DeletionsGivenUp', 'Sum', 'Deletions given up'),
          log('DeletionsUnconfirmedLong', 'Sum', 'Cleanups with deletions unconfirmed for an hour'),
          log('DeletedAccountsListed', 'Maximum', 'Deleted accounts still listed'),
          log('RunsWithSkippedItems', 'Sum', 'Runs with skipped items'),
        ],
      },
    ],
    [
      {
        title: 'DynamoDB: turned down',
        metrics: [...throttles('ReadThrottleEvents', 'Reads'), ...throttles('WriteThrottleEvents', 'Writes')],
      },
      {
        title: 'DynamoDB: answer time',
        unit: 'milliseconds',
        metrics: ['GetItem', 'Query', 'UpdateItem', 'TransactWriteItems'].map(latency),
      },
    ],
  ];
}
