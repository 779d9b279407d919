import type { RollbackMetric, ServiceMetric, ServiceName } from '../../../alarms/definitions';

/** What the services' metrics are about, by the names that CloudWatch knows it by. They may hold Terraform's references. */
export interface MetricSubjects {
  cluster: string;
  services: Record<ServiceName, string>;
  /** The ends of the two ARNs, as CloudWatch wants them: `app/<name>/<id>` and `targetgroup/<name>/<id>`. */
  loadBalancer: string;
  targetGroup: string;
  /** The firewall, by the name of its own metrics, and the region that it is in. */
  webAcl: string;
  awsRegion: string;
  table: string;
  /** Of the table's indexes. */
  indexNames: readonly string[];
  /** Of the metrics that are made from our logs. */
  logMetricNamespace: string;
}

/** One series of CloudWatch's: the names of its dimensions and their values are exactly those that it is kept under. */
export interface MetricSeries {
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  statistic: string;
}

/**
 * The series behind a metric of the services: one, or one for each index. Another set of dimensions would be another series, and an
 * alarm on one that nobody writes never goes off. Sources: the metric tables in the documentation of Amazon ECS,
 * Container Insights, Application Load Balancer, AWS WAF and DynamoDB.
 */
export function seriesOf(metric: ServiceMetric, subjects: MetricSubjects): MetricSeries[] {
  const { statistic } = metric;
  switch (metric.kind) {
    case 'ecs_service': {
      const dimensions = { ClusterName: subjects.cluster, ServiceName: subjects.services[metric.service] };
      return [{ namespace: 'AWS/ECS', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'ecs_tasks': {
      const dimensions = { ClusterName: subjects.cluster, ServiceName: subjects.services[metric.service] };
      return [{ namespace: 'ECS/ContainerInsights', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'firewall': {
      const dimensions = { WebACL: subjects.webAcl, Region: subjects.awsRegion, Rule: 'ALL' };
      return [{ namespace: 'AWS/WAFV2', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'load_balancer': {
      const dimensions = { LoadBalancer: subjects.loadBalancer };
      return [{ namespace: 'AWS/ApplicationELB', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'target_group': {
      const dimensions = { TargetGroup: subjects.targetGroup, LoadBalancer: subjects.loadBalancer };
      return [{ namespace: 'AWS/ApplicationELB', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'dynamodb_table': {
      const dimensions = { TableName: subjects.table };
      return [{ namespace: 'AWS/DynamoDB', metricName: metric.metricName, dimensions, statistic }];
    }
    case 'dynamodb_indexes':
      return subjects.indexNames.map((index) => ({
        namespace: 'AWS/DynamoDB',
        metricName: metric.metricName,
        dimensions: { TableName: subjects.table, GlobalSecondaryIndexName: index },
        statistic,
      }));
    case 'log':
      return [
        { namespace: subjects.logMetricNamespace, metricName: metric.metric, dimensions: {}, statistic },
      ];
  }
}

/** What the rollback's metrics are about, by the names that CloudWatch knows it by. */
export interface RollbackSubjects {
  functionName: string;
  ruleName: string;
  deadLetterQueueName: string;
}

/**
 * The one series behind a metric of the rollback. Sources: the metric tables in the documentation of AWS Lambda, Amazon
 * EventBridge (a rule of the default event bus) and Amazon SQS.
 */
export function rollbackSeriesOf(metric: RollbackMetric, subjects: RollbackSubjects): MetricSeries {
  const { metricName, statistic } = metric;
  switch (metric.kind) {
    case 'rollback_function': {
      const dimensions = { FunctionName: subjects.functionName };
      return { namespace: 'AWS/Lambda', metricName, dimensions, statistic };
    }
    case 'rollback_rule': {
      const dimensions = { RuleName: subjects.ruleName };
      return { namespace: 'AWS/Events', metricName, dimensions, statistic };
    }
    case 'dead_letters': {
      const dimensions = { QueueName: subjects.deadLetterQueueName };
      return { namespace: 'AWS/SQS', metricName, dimensions, statistic };
    }
  }
}
