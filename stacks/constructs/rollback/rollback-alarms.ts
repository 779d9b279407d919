import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { Construct } from 'constructs';
import {
  cloudWatchAlarmName,
  ROLLBACK_ALARM_NAMES,
  ROLLBACK_ALARMS,
  type AlarmDefinition,
  type RollbackMetric,
} from '../../../alarms/definitions';
import { rollbackSeriesOf, type RollbackSubjects } from '../alarms/cloudwatch-metrics';
import { limitOf, MetricAlarm } from '../alarms/metric-alarm';

export interface RollbackAlarmsProps {
  /** Begins the name of every alarm. */
  prefix: string;
  subjects: RollbackSubjects;
  topic: SnsTopic;
}

/** The alarms on the rollback itself. They tell the topic that the services' alarms tell. */
export class RollbackAlarms extends Construct {
  constructor(scope: Construct, id: string, { prefix, subjects, topic }: RollbackAlarmsProps) {
    super(scope, id);
    for (const name of ROLLBACK_ALARM_NAMES) {
      const definition: AlarmDefinition<RollbackMetric> = ROLLBACK_ALARMS[name];
      const threshold = limitOf(definition.threshold);
      if (typeof threshold !== 'number') throw new Error(`The threshold of ${name} must be a number.`);
      new MetricAlarm(this, name.replaceAll('_', '-'), {
        alarmName: cloudWatchAlarmName(prefix, name),
        definition,
        threshold,
        seriesOf: (metric) => [rollbackSeriesOf(metric, subjects)],
        topic,
      });
    }
  }
}
