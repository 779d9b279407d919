import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { Lb } from '@cdktf/provider-aws/lib/lb';
import type { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { Construct } from 'constructs';
import {
  ALARM_NAMES,
  ALARMS,
  cloudWatchAlarmName,
  type AlarmDefinition,
  type AlarmName,
  type Limit,
  type ServiceMetric,
} from '../../../alarms/definitions';
import type { DeployedNames } from '../../names';
import type { ServiceVariables } from '../../variables/declare-service-variables';
import { AlarmTopic } from './alarm-topic';
import { BrokerDashboard } from './broker-dashboard';
import { seriesOf, type MetricSubjects } from './cloudwatch-metrics';
import { LogMetricFilters } from './log-metric-filters';
import { limitOf, MetricAlarm } from './metric-alarm';

export interface BrokerAlarmsProps {
  names: DeployedNames;
  awsRegion: string;
  variables: ServiceVariables;
  apiLogGroup: CloudwatchLogGroup;
  workerLogGroup: CloudwatchLogGroup;
  loadBalancer: Lb;
  targetGroup: LbTargetGroup;
  /** The name of the firewall's own metrics. */
  webAclMetricName: string;
  table: DynamodbTable;
  /** All indexes of the table. */
  indexNames: readonly string[];
}

/**
 * Every alarm on the services, as `alarms/definitions.ts` says it, the metrics from our logs that some of them watch, the topic that all of them
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
      webAcl: props.webAclMetricName,
      awsRegion: props.awsRegion,
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
      const definition: AlarmDefinition<ServiceMetric> = ALARMS[name];
      const alarmName = cloudWatchAlarmName(names.prefix, name);
      return new MetricAlarm(this, name.replaceAll('_', '-'), {
        alarmName,
        definition,
        threshold: valueOf(limitOf(definition.threshold)),
        seriesOf: (metric) => seriesOf(metric, subjects),
        topic: this.topic,
      }).resource;
    };
    this.alarms = Object.fromEntries(ALARM_NAMES.map((name) => [name, newAlarm(name)])) as Record<
      AlarmName,
      CloudwatchMetricAlarm
    >;
    new BrokerDashboard(this, 'dashboard', {
      name: names.prefix,
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
