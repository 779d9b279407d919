import type { LogMetricName, ServiceName } from '../../../alarms/definitions';
import type { MetricSubjects } from './cloudwatch-metrics';

/** Namespace, metric, dimension names and values in turn, and how to draw it. */
export type GraphLine = (string | { stat: string; label: string })[];

/** Makes the lines of a dashboard's graphs, each with all the dimensions that its metric is kept under. */
export interface GraphLines {
  /** Of the load balancer, whatever became of the request. */
  balancer: (metric: string, stat: string, label: string) => GraphLine;
  targets: (metric: string, stat: string, label: string) => GraphLine;
  service: (name: ServiceName, metric: 'CPUUtilization' | 'MemoryUtilization', label: string) => GraphLine;
  /** How many tasks run, or are wanted. */
  tasks: (name: ServiceName, metric: 'RunningTaskCount' | 'DesiredTaskCount', label: string) => GraphLine;
  /** Requests that all rules of the firewall, or one of them, have blocked or only counted. */
  firewall: (metric: 'BlockedRequests' | 'CountedRequests', rule: string, label: string) => GraphLine;
  log: (metric: LogMetricName, stat: string, label: string) => GraphLine;
  /** One for the table and one for each index. */
  throttles: (metric: 'ReadThrottleEvents' | 'WriteThrottleEvents', label: string) => GraphLine[];
  /** Of one DynamoDB operation. */
  latency: (operation: string) => GraphLine;
}

/** Lines about these subjects. */
export function graphLinesOf(subjects: MetricSubjects): GraphLines {
  const { cluster, services, loadBalancer, targetGroup, table, indexNames, logMetricNamespace } = subjects;
  const { webAcl, awsRegion } = subjects;
  return {
    balancer: (metric, stat, label) => [
      'AWS/ApplicationELB',
      metric,
      'LoadBalancer',
      loadBalancer,
      { stat, label },
    ],
    targets: (metric, stat, label) => [
      'AWS/ApplicationELB',
      metric,
      'TargetGroup',
      targetGroup,
      'LoadBalancer',
      loadBalancer,
      { stat, label },
    ],
    service: (name, metric, label) => [
      'AWS/ECS',
      metric,
      'ClusterName',
      cluster,
      'ServiceName',
      services[name],
      { stat: 'Average', label },
    ],
    // Container Insights' metric: AWS/ECS itself does not count tasks.
    tasks: (name, metric, label) => [
      'ECS/ContainerInsights',
      metric,
      'ClusterName',
      cluster,
      'ServiceName',
      services[name],
      { stat: 'Average', label },
    ],
    firewall: (metric, rule, label) => [
      'AWS/WAFV2',
      metric,
      'WebACL',
      webAcl,
      'Region',
      awsRegion,
      'Rule',
      rule,
      { stat: 'Sum', label },
    ],
    log: (metric, stat, label) => [logMetricNamespace, metric, { stat, label }],
    throttles: (metric, label) => [
      ['AWS/DynamoDB', metric, 'TableName', table, { stat: 'Sum', label: `${label}: table` }],
      ...indexNames.map((index): GraphLine => [
        'AWS/DynamoDB',
        metric,
        'TableName',
        table,
        'GlobalSecondaryIndexName',
        index,
        { stat: 'Sum', label: `${label}: ${index}` },
      ]),
    ],
    latency: (operation) => [
      'AWS/DynamoDB',
      'SuccessfulRequestLatency',
      'TableName',
      table,
      'Operation',
      operation,
      { stat: 'p99', label: `${operation} p99` },
    ],
  };
}
