import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type CloudwatchMetricAlarmMetricQuery,
} from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { Construct } from 'constructs';
import {
  NO_DATA_IS_ZERO,
  type AlarmDefinition,
  type Limit,
  type Metric,
  type MetricSource,
  type Threshold,
} from '../../../alarms/definitions';
import type { MetricSeries } from './cloudwatch-metrics';

/** The series behind a metric, where the alarm is deployed. */
type SeriesOf<M extends Metric> = (metric: M) => MetricSeries[];

export interface MetricAlarmProps<M extends Metric> {
  alarmName: string;
  definition: AlarmDefinition<M>;
  /** The value of the definition's threshold: a number, or the reference to a variable. */
  threshold: number;
  seriesOf: SeriesOf<M>;
  /** Is told when the alarm begins and when it ends. */
  topic: SnsTopic;
}

/** One alarm in CloudWatch, made of its definition. */
export class MetricAlarm<M extends Metric> extends Construct {
  readonly resource: CloudwatchMetricAlarm;

  constructor(scope: Construct, id: string, props: MetricAlarmProps<M>) {
    super(scope, id);
    const { definition, topic } = props;
    this.resource = new CloudwatchMetricAlarm(this, 'Default', {
      alarmName: props.alarmName,
      alarmDescription: descriptionOf(definition),
      comparisonOperator: definition.comparison,
      threshold: props.threshold,
      evaluationPeriods: definition.evaluationPeriods,
      datapointsToAlarm: definition.datapointsToAlarm,
      treatMissingData: definition.missingData,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
      ...metricConfig(definition.source, definition.periodSeconds, props.seriesOf),
    });
  }
}

/** Where the alarm begins, whatever its unit. */
export function limitOf(threshold: Threshold): Limit {
  if ('thresholdPercent' in threshold) return threshold.thresholdPercent;
  return 'thresholdSeconds' in threshold ? threshold.thresholdSeconds : threshold.thresholdCount;
}

function descriptionOf({
  meaning,
  systemResponse,
  runbook,
}: Pick<AlarmDefinition, 'meaning' | 'systemResponse' | 'runbook'>): string {
  return `${meaning} ${systemResponse} Runbook: ${runbook}`;
}

/** The part of an alarm's configuration that says what it looks at. */
function metricConfig<M extends Metric>(
  source: MetricSource<M>,
  periodSeconds: number,
  seriesOf: SeriesOf<M>,
): Pick<
  CloudwatchMetricAlarmConfig,
  'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'extendedStatistic' | 'period' | 'metricQuery'
> {
  if (source.kind === 'sum') {
    const series = source.of.flatMap(seriesOf);
    const terms = series.map((one, index) => term(`m${index + 1}`, one, periodSeconds));
    const expression = [NO_DATA_IS_ZERO, ...terms.map(({ id }) => id)].join(' + ');
    return { metricQuery: [...terms, result(expression)] };
  }
  if (source.kind === 'math') {
    const terms = Object.entries(source.terms).map(([id, metric]) =>
      term(id, onlySeriesOf(metric, seriesOf), periodSeconds),
    );
    return { metricQuery: [...terms, result(source.expression)] };
  }
  const { statistic, ...series } = onlySeriesOf(source, seriesOf);
  // An alarm on one metric has another field for percentiles; a query has one field for both.
  const isPercentile = /^p\d/.test(statistic);
  return {
    ...series,
    ...(isPercentile ? { extendedStatistic: statistic } : { statistic }),
    period: periodSeconds,
  };
}

function onlySeriesOf<M extends Metric>(metric: M, seriesOf: SeriesOf<M>): MetricSeries {
  const [series, ...others] = seriesOf(metric);
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
