import { LOG_METRICS, type LogMetricDefinition, type LogMetricName } from '../../../../alarms/definitions';
import { resources, synthesizeStack, type SynthesizedStack } from '../../synthesized';
import { NAMES, WatchedStack } from './watched-stack';

interface LogMetricFilter {
  name: string;
  log_group_name: string;
  pattern: string;
  metric_transformation: { name: string; namespace: string; value: string; default_value?: string };
}

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeStack((app) => new WatchedStack(app));
});

describe('the metrics from our log', () => {
  const filters = (): LogMetricFilter[] =>
    Object.values(resources<LogMetricFilter>(stack, 'aws_cloudwatch_log_metric_filter'));

  it('are each made by a filter on the log group of every service whose lines it counts', () => {
    const made = filters().map(({ metric_transformation, log_group_name }) => [
      metric_transformation.name,
      log_group_name,
    ]);
    const wanted = Object.entries(LOG_METRICS).flatMap(([name, { services }]) =>
      services.map((service) => [name, `\${aws_cloudwatch_log_group.${service}-logs.name}`]),
    );
    expect(made.sort()).toEqual(wanted.sort());
  });

  it('have the pattern, value and default of their definition, in our namespace', () => {
    for (const { pattern, metric_transformation: made } of filters()) {
      const definition: LogMetricDefinition = LOG_METRICS[made.name as LogMetricName];
      const [value, byDefault] =
        definition.value.kind === 'each_line' ? ['1', '0'] : [definition.value.selector, undefined];
      expect(pattern).toBe(definition.pattern);
      expect(made).toMatchObject({ namespace: NAMES.metricNamespace, value });
      expect(made.default_value).toBe(byDefault);
    }
  });

  it('are there for every alarm that watches one', () => {
    const made = new Set(filters().map(({ metric_transformation }) => metric_transformation.name));
    const watched = Object.values(
      resources<{ namespace?: string; metric_name?: string }>(stack, 'aws_cloudwatch_metric_alarm'),
    ).filter(({ namespace }) => namespace === NAMES.metricNamespace);

    expect(watched.length).toBeGreaterThan(0);
    for (const { metric_name } of watched) expect(made).toContain(metric_name);
  });

  it('have filters whose names differ', () => {
    const names = filters().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
