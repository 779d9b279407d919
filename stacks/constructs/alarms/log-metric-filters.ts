import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { Construct } from 'constructs';
import { LOG_METRICS, type LogMetricDefinition, type ServiceName } from '../../../alarms/definitions';

export interface LogMetricFiltersProps {
  namespace: string;
  /** Begins the name of every filter. */
  prefix: string;
  logGroups: Record<ServiceName, CloudwatchLogGroup>;
}

/** Makes every metric of ours out of the log groups whose lines it counts. */
export class LogMetricFilters extends Construct {
  constructor(scope: Construct, id: string, props: LogMetricFiltersProps) {
    super(scope, id);
    const definitions: [string, LogMetricDefinition][] = Object.entries(LOG_METRICS);
    for (const [metricName, definition] of definitions) {
      for (const service of definition.services) {
        const name = `${service}-${kebabCase(metricName)}`;
        new CloudwatchLogMetricFilter(this, name, {
          name: `${props.prefix}-${name}`,
          logGroupName: props.logGroups[service].name,
          pattern: definition.pattern,
          metricTransformation: {
            name: metricName,
            namespace: props.namespace,
            value: definition.value.kind === 'field' ? definition.value.selector : '1',
            // Leaving it out is what CloudWatch wants for "none".
            defaultValue: definition.defaultValue?.toString(),
            unit: 'Count',
          },
        });
      }
    }
  }
}

function kebabCase(pascalCase: string): string {
  return pascalCase.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
}
