import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type CloudwatchMetricAlarmMetricQuery,
} from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { Lb } from '@cdktf/provider-aws/lib/lb';
import type { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { Construct } from 'constructs';
import {
  ALARM_NAMES,
  ALARMS,
  type AlarmDefinition,
  type AlarmName,
  type Limit,
  type Metric,
  type MetricSource,
  type Threshold,
} from '../../alarms/definitions';
import type { DeployedNames } from '../names';
import type { ServiceVariables } from '../variables/declare-service-variables';
import { AlarmTopic } from './alarm-topic';
import { BrokerDashboard } from './broker-dashboard';
import { seriesOf, type MetricSeries, type MetricSubjects } from './cloudwatch-metrics';
import { LogMetricFilters } from './log-metric-filters';

export interface BrokerAlarmsProps {
  names: DeployedNames;
  awsRegion: string;
  variables: ServiceVariables;
  apiLogGroup: CloudwatchLogGroup;
  workerLogGroup: CloudwatchLogGroup;
  loadBalancer: Lb;
  targetGroup: LbTargetGroup;
  table: DynamodbTable;
  /** All indexes of the table. */
  indexNames: readonly string[];
}

/**
 * Every alarm of `alarms/definitions.ts`, the metrics from our logs that some of them watch, the topic that all of them
 * tell, and a dashboard. Cluster and services are watched by their fixed names, so this may be made before them, and the
 * API's service can name its deployment alarms.
 */
export class BrokerAlarms extends Construct {
  readonly topic: SnsTopic;
  readonly alarms: Record<AlarmName, CloudwatchMetricAlarm>;

  constructor(scope: Construct, id: string, props: BrokerAlarmsProps) {
    super(scope, id);
    const { names, variables } = props;
    const subjects: MetricSubjects = {
      cluster: names.cluster,
      services: { api: names.apiService, worker: names.workerService },
      loadBalancer: props.loadBalancer.arnSuffix,
      targetGroup: props.targetGroup.arnSuffix,
      table: props.table.name,
      indexNames: props.indexNames,
      logMetricNamespace: names.metricNamespace,
    };
    const valueOf = (limit: Limit): number =>
      typeof limit === 'number' ? limit : variables[limit.variable].numberValue;

    new LogMetricFilters(this, 'log-metrics', {
      namespace: names.metricNamespace,
      prefix: names.prefix,
      logGroups: { api: props.apiLogGroup, worker: props.workerLogGroup },
    });
    this.topic = new AlarmTopic(this, 'topic', {
      name: `${names.prefix}-alarms`,
      email: variables.alarmEmail,
    }).resource;
    const newAlarm = (name: AlarmName): CloudwatchMetricAlarm => {
      const definition: AlarmDefinition = ALARMS[name];
      return new CloudwatchMetricAlarm(this, kebabCase(name), {
        alarmName: `${names.prefix}-${kebabCase(name)}`,
        alarmDescription: descriptionOf(definition),
        comparisonOperator: definition.comparison,
        threshold: valueOf(limitOf(definition.threshold)),
        evaluationPeriods: definition.evaluationPeriods,
        datapointsToAlarm: definition.datapointsToAlarm,
        treatMissingData: definition.missingData,
        alarmActions: [this.topic.arn],
        okActions: [this.topic.arn],
        ...metricConfig(definition.source, definition.periodSeconds, subjects),
      });
    };
    this.alarms = Object.fromEntries(ALARM_NAMES.map((name) => [name, newAlarm(name)])) as Record<
      AlarmName,
      CloudwatchMetricAlarm
    >;
    new BrokerDashboard(this, 'dashboard', {
      name: names.prefix,
      region: props.awsRegion,
      subjects,
      alarmArns: ALARM_NAMES.map((name) => this.alarms[name].arn),
      thresholdOf: (name) => valueOf(limitOf(ALARMS[name].threshold)),
    });
  }

  /**
   * The names in CloudWatch of the alarms whose definition passes the filter. They are references: what uses them is
   * made after the alarms.
   */
  alarmNames(filter: (definition: AlarmDefinition) => boolean): string[] {
    return ALARM_NAMES.filter((name) => filter(ALARMS[name])).map((name) => this.alarms[name].alarmName);
  }
}

function descriptionOf({ meaning, systemResponse, runbook }: AlarmDefinition): string {
  return `${meaning} ${systemResponse} Runbook: ${runbook}`;
}

function limitOf(threshold: Threshold): Limit {
  return 'thresholdPercent' in threshold ? threshold.thresholdPercent : threshold.thresholdCount;
}

/** The part of an alarm's configuration that says what it looks at. */
function metricConfig(
  source: MetricSource,
  periodSeconds: number,
  subjects: MetricSubjects,
): Pick<
  CloudwatchMetricAlarmConfig,
  'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'period' | 'metricQuery'
> {
  if (source.kind === 'sum') {
    const series = source.of.flatMap((metric) => seriesOf(metric, subjects));
    const terms = series.map((one, index) => term(`m${index + 1}`, one, periodSeconds));
    const expression = terms.map(({ id }) => `FILL(${id}, 0)`).join(' + ');
    return { metricQuery: [...terms, result(expression)] };
  }
  if (source.kind === 'math') {
    const terms = Object.entries(source.terms).map(([id, metric]) =>
      term(id, onlySeriesOf(metric, subjects), periodSeconds),
    );
    return { metricQuery: [...terms, result(source.expression)] };
  }
  return { ...onlySeriesOf(source, subjects), period: periodSeconds };
}

function onlySeriesOf(metric: Metric, subjects: MetricSubjects): MetricSeries {
  const [series, ...others] = seriesOf(metric, subjects);
  if (series === undefined || others.length > 0) {
    throw new Error(`${metric.kind} has ${others.length + 1} series: add them up.`);
  }
  return series;
}

/** The one query of several whose result the alarm compares with its threshold. */
function result(expression: string): CloudwatchMetricAlarmMetricQuery {
  return { id: 'result', expression, label: 'Result', returnData: true };
}

function term(id: string, series: MetricSeries, periodSeconds: number): CloudwatchMetricAlarmMetricQuery {
  const { namespace, metricName, dimensions, statistic } = series;
  return {
    id,
    metric: { namespace, metricName, dimensions, stat: statistic, period: periodSeconds },
    returnData: false,
  };
}

function kebabCase(name: AlarmName): string {
  return name.replaceAll('_', '-');
}
