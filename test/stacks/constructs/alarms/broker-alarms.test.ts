import { ALARM_NAMES, ALARMS, type AlarmDefinition, type AlarmName } from '../../../../alarms/definitions';
import { onlyResource, resources, synthesizeStack, type SynthesizedStack } from '../../synthesized';
import { BALANCER, INDEX_NAMES, NAMES, TABLE, TARGETS, WatchedStack } from './watched-stack';

interface MetricQuery {
  id: string;
  expression?: string;
  return_data: boolean;
  metric?: {
    namespace: string;
    metric_name: string;
    dimensions?: Record<string, string>;
    period: number;
    stat: string;
  };
}

interface Alarm {
  alarm_name: string;
  alarm_description: string;
  alarm_actions: string[];
  ok_actions: string[];
  comparison_operator: string;
  threshold: number | string;
  treat_missing_data: string;
  namespace?: string;
  metric_name?: string;
  dimensions?: Record<string, string>;
  metric_query?: MetricQuery[];
}

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeStack((app) => new WatchedStack(app));
});

const alarms = (): Alarm[] => Object.values(resources<Alarm>(stack, 'aws_cloudwatch_metric_alarm'));

function alarm(name: AlarmName): Alarm {
  const found = alarms().find(
    ({ alarm_name }) => alarm_name === `sandbox-broker-dev-${name.replaceAll('_', '-')}`,
  );
  if (found === undefined) throw new Error(`There is no alarm ${name}.`);
  return found;
}

describe('the alarms', () => {
  it('are made from every definition, and from nothing else', () => {
    expect(alarms()).toHaveLength(ALARM_NAMES.length);
    for (const name of ALARM_NAMES) expect(alarm(name)).toBeDefined();
  });

  it('tell the topic when they begin and when they end', () => {
    const [topicId] = Object.keys(resources(stack, 'aws_sns_topic'));
    const topicArn = `\${aws_sns_topic.${topicId}.arn}`;
    for (const { alarm_actions, ok_actions } of alarms()) {
      expect([alarm_actions, ok_actions]).toEqual([[topicArn], [topicArn]]);
    }
  });

  it.each(ALARM_NAMES)('%s says in its description what it means, what happens and what to open', (name) => {
    const { meaning, systemResponse, runbook } = ALARMS[name];
    const { alarm_description } = alarm(name);

    for (const part of [meaning, systemResponse, runbook]) expect(alarm_description).toContain(part);
    // CloudWatch takes no more.
    expect(alarm_description.length).toBeLessThanOrEqual(1_024);
  });

  it.each(ALARM_NAMES)('%s treats missing data as its definition says', (name) => {
    expect(alarm(name).treat_missing_data).toBe(ALARMS[name].missingData);
  });

  it.each(ALARM_NAMES)('%s returns exactly one series', (name) => {
    const { metric_query, metric_name } = alarm(name);
    const returned = (metric_query ?? []).filter(({ return_data }) => return_data);

    expect(returned.length + (metric_name === undefined ? 0 : 1)).toBe(1);
    // CloudWatch allows ten metrics in one alarm.
    expect((metric_query ?? []).filter(({ metric }) => metric).length).toBeLessThanOrEqual(10);
  });

  it.each(ALARM_NAMES)('%s uses in its expression all terms that it has, and no others', (name) => {
    const { metric_query = [] } = alarm(name);
    const ids = metric_query.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    const expression = metric_query.find(({ return_data }) => return_data)?.expression ?? '';
    const used = [...expression.matchAll(/\b[a-z]\w*/g)].map(([id]) => id);
    expect(new Set([...used, ...(used.length > 0 ? ['result'] : [])])).toEqual(new Set(ids));
    for (const id of ids) expect(id).toMatch(/^[a-z]\w*$/);
  });

  it('take the thresholds that can be set from the variables', () => {
    const taken = ALARM_NAMES.map((name) => [name, alarm(name).threshold]).filter(
      ([, threshold]) => typeof threshold === 'string',
    );
    expect(Object.fromEntries(taken)).toEqual({
      worker_cpu_high: '${var.worker_cpu_threshold_percent}',
      worker_memory_high: '${var.worker_memory_threshold_percent}',
      api_cpu_high: '${var.api_cpu_threshold_percent}',
      api_memory_high: '${var.api_memory_threshold_percent}',
      pool_nearly_empty: '${var.pool_available_threshold}',
      allocation_rate_high: '${var.allocation_rate_threshold}',
    });
  });
});

describe('the dimensions', () => {
  it.each([
    ['worker_cpu_high', 'CPUUtilization', NAMES.workerService],
    ['worker_memory_high', 'MemoryUtilization', NAMES.workerService],
    ['api_cpu_high', 'CPUUtilization', NAMES.apiService],
    ['api_memory_high', 'MemoryUtilization', NAMES.apiService],
  ] as const)('of %s are cluster and service', (name, metric, service) => {
    expect(alarm(name)).toMatchObject({
      namespace: 'AWS/ECS',
      metric_name: metric,
      dimensions: { ClusterName: NAMES.cluster, ServiceName: service },
    });
  });

  it('of unhealthy_targets are the target group and its load balancer', () => {
    expect(alarm('unhealthy_targets')).toMatchObject({
      namespace: 'AWS/ApplicationELB',
      metric_name: 'UnHealthyHostCount',
      dimensions: { TargetGroup: TARGETS, LoadBalancer: BALANCER },
    });
  });

  it('of the failed requests are the load balancer alone', () => {
    const terms = (alarm('api_5xx_rate_high').metric_query ?? []).flatMap(({ metric }) => metric ?? []);

    expect(terms.map(({ metric_name }) => metric_name).sort()).toEqual([
      'HTTPCode_ELB_5XX_Count',
      'HTTPCode_Target_5XX_Count',
      'RequestCount',
    ]);
    for (const term of terms) {
      expect(term).toMatchObject({ namespace: 'AWS/ApplicationELB', period: 60, stat: 'Sum' });
      expect(term.dimensions).toEqual({ LoadBalancer: BALANCER });
    }
  });

  it('of the firewall are its web ACL with all of its rules, in its region', () => {
    expect(alarm('firewall_blocks')).toMatchObject({
      namespace: 'AWS/WAFV2',
      metric_name: 'BlockedRequests',
      dimensions: { WebACL: 'the-firewall', Region: 'us-east-1', Rule: 'ALL' },
    });
  });

  it.each([
    ['api_tasks_below_desired', NAMES.apiService],
    ['worker_tasks_below_desired', NAMES.workerService],
  ] as const)('of %s are cluster and service, as Container Insights has them', (name, service) => {
    const terms = (alarm(name).metric_query ?? []).flatMap(({ metric }) => metric ?? []);

    expect(terms.map(({ metric_name }) => metric_name)).toEqual(['DesiredTaskCount', 'RunningTaskCount']);
    for (const term of terms) {
      expect(term).toMatchObject({ namespace: 'ECS/ContainerInsights', period: 60 });
      expect(term.dimensions).toEqual({ ClusterName: NAMES.cluster, ServiceName: service });
    }
  });

  it('of slow answers are those of the target group, at the 99th percentile', () => {
    const terms = (alarm('api_latency_high').metric_query ?? []).flatMap(({ metric }) => metric ?? []);

    expect(terms.find(({ metric_name }) => metric_name === 'TargetResponseTime')).toMatchObject({
      stat: 'p99',
      dimensions: { TargetGroup: TARGETS, LoadBalancer: BALANCER },
    });
  });

  it('of throttling are the table, and the table with each of its indexes', () => {
    const terms = (alarm('dynamodb_throttling').metric_query ?? []).flatMap(({ metric }) => metric ?? []);

    for (const metricName of ['ReadThrottleEvents', 'WriteThrottleEvents']) {
      const dimensions = terms
        .filter(({ metric_name }) => metric_name === metricName)
        .map((term) => term.dimensions);
      expect(dimensions).toEqual([
        { TableName: TABLE },
        ...INDEX_NAMES.map((index) => ({ TableName: TABLE, GlobalSecondaryIndexName: index })),
      ]);
    }
  });

  it('of throttling add up to zero when there is none, so that the alarm can end', () => {
    const { expression } =
      (alarm('dynamodb_throttling').metric_query ?? []).find(({ return_data }) => return_data) ?? {};
    expect(expression).toMatch(/^TIME_SERIES\(0\)( \+ m\d){8}$/);
  });

  it('of metrics from our log are none, because the filters give them none', () => {
    const ours = alarms().filter(({ namespace }) => namespace === NAMES.metricNamespace);

    expect(ours.length).toBeGreaterThan(0);
    for (const { dimensions } of ours) expect(dimensions ?? {}).toEqual({});
  });
});

describe('what others take from it', () => {
  it('is the names of alarms by their definition, as references, so that the alarms come first', () => {
    const wanted = ALARM_NAMES.filter((name) => {
      const definition: AlarmDefinition = ALARMS[name];
      return definition.isDeploymentAlarm;
    });
    const idOf = (name: AlarmName): string | undefined =>
      Object.entries(resources<Alarm>(stack, 'aws_cloudwatch_metric_alarm')).find(
        ([, { alarm_name }]) => alarm_name === alarm(name).alarm_name,
      )?.[0];

    expect(stack.output?.['deployment-alarms']?.value).toEqual(
      wanted.map((name) => `\${aws_cloudwatch_metric_alarm.${idOf(name)}.alarm_name}`),
    );
  });

  it('is a dashboard that has all alarms on it', () => {
    const { dashboard_name, dashboard_body } = onlyResource<{
      dashboard_name: string;
      dashboard_body: string;
    }>(stack, 'aws_cloudwatch_dashboard');

    expect(dashboard_name).toBe(NAMES.prefix);
    for (const id of Object.keys(resources(stack, 'aws_cloudwatch_metric_alarm'))) {
      expect(dashboard_body).toContain(`aws_cloudwatch_metric_alarm.${id}.arn`);
    }
    expect(dashboard_body).toContain('var.worker_cpu_threshold_percent');
  });
});
