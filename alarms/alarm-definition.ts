import type { LogMetricName, ServiceName } from './log-metrics';

/** `p99`: what one value in a hundred is above. */
export type Statistic = 'Average' | 'Sum' | 'Minimum' | 'Maximum' | 'p99';

/** A metric of the services, of AWS or of ours. Its kind says which dimensions it has. */
export type ServiceMetric =
  | {
      /** Dimensions: cluster and service. */
      kind: 'ecs_service';
      service: ServiceName;
      metricName: 'CPUUtilization' | 'MemoryUtilization';
      statistic: Statistic;
    }
  | {
      /** Of Container Insights. Dimensions: cluster and service. */
      kind: 'ecs_tasks';
      service: ServiceName;
      metricName: 'DesiredTaskCount' | 'RunningTaskCount';
      statistic: Statistic;
    }
  | {
      /** Of the firewall with all of its rules. Dimensions: web ACL, region and rule. */
      kind: 'firewall';
      metricName: 'BlockedRequests';
      statistic: Statistic;
    }
  | {
      /** Dimension: load balancer alone; what it answers itself belongs to no target group. */
      kind: 'load_balancer';
      metricName: 'RequestCount' | 'HTTPCode_ELB_5XX_Count' | 'HTTPCode_Target_5XX_Count';
      statistic: Statistic;
    }
  | {
      /** Dimensions: target group and load balancer. */
      kind: 'target_group';
      metricName: 'UnHealthyHostCount' | 'TargetResponseTime';
      statistic: Statistic;
    }
  | {
      /** Dimension: table; or, one series for each index, table and index. The table's own series leaves indexes out. */
      kind: 'dynamodb_table' | 'dynamodb_indexes';
      metricName: 'ReadThrottleEvents' | 'WriteThrottleEvents';
      statistic: Statistic;
    }
  | {
      /** Of our namespace, without dimensions. */
      kind: 'log';
      metric: LogMetricName;
      statistic: Statistic;
    };

/** A metric of what carries out the rollback. */
export type RollbackMetric =
  | {
      /** Dimension: function. */
      kind: 'rollback_function';
      metricName: 'Errors' | 'Throttles' | 'DestinationDeliveryFailures';
      statistic: Statistic;
    }
  | {
      /** Dimension: rule alone, as it is on the default event bus. */
      kind: 'rollback_rule';
      metricName: 'FailedInvocations' | 'InvocationsFailedToBeSentToDlq';
      statistic: Statistic;
    }
  | {
      /** Dimension: queue. */
      kind: 'dead_letters';
      metricName: 'ApproximateNumberOfMessagesVisible';
      statistic: Statistic;
    };

export type Metric = ServiceMetric | RollbackMetric;

/**
 * What an alarm looks at: one metric, the sum of several (0 in a period in which none has data), or CloudWatch's
 * arithmetic over several, by the names of their terms.
 */
export type MetricSource<M extends Metric = Metric> =
  M | { kind: 'sum'; of: readonly M[] } | { kind: 'math'; expression: string; terms: Record<string, M> };

/** The deployment variables that set a threshold. */
export type ThresholdVariable =
  | 'workerCpuThresholdPercent'
  | 'workerMemoryThresholdPercent'
  | 'apiCpuThresholdPercent'
  | 'apiMemoryThresholdPercent'
  | 'poolAvailableThreshold'
  | 'allocationRateThreshold';

/** A fixed number, or the variable that the person who deploys may set. */
export type Limit = number | { variable: ThresholdVariable };

/** Where the alarm begins, with the unit that the metric has. */
export type Threshold = { thresholdPercent: Limit } | { thresholdCount: Limit } | { thresholdSeconds: Limit };

export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What a period without data says: all is well, nothing is well, or nothing new. */
export type MissingData = 'notBreaching' | 'breaching' | 'ignore';

/** Everything that is to be known of an alarm. It is written for the person whom it wakes. */
export interface AlarmDefinition<M extends Metric = Metric> {
  /** What it means, in one sentence. */
  meaning: string;
  /** What the system does about it by itself, in one sentence. */
  systemResponse: string;
  /** What to do, as a path in this repository. */
  runbook: `docs/runbooks/${string}.md`;
  source: MetricSource<M>;
  threshold: Threshold;
  comparison: Comparison;
  periodSeconds: 60 | 300;
  /** How many of the last periods are looked at, … */
  evaluationPeriods: number;
  /** … and how many of those must be over the threshold. */
  datapointsToAlarm: number;
  missingData: MissingData;
  /** Entering ALARM sends the worker to sleep and hands the jobs to the API. */
  triggersRollback: boolean;
  /** Entering ALARM while the API runs the jobs takes them from it: serving students comes first. */
  stopsApiJobs: boolean;
  /** Entering ALARM during a deployment of the API makes ECS go back to the version before. */
  isDeploymentAlarm: boolean;
}
