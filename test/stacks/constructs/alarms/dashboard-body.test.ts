import { LOG_METRICS, type AlarmName } from '../../../../alarms/definitions';
import type { MetricSubjects } from '../../../../stacks/constructs/alarms/cloudwatch-metrics';
import {
  dashboardBody,
  type GraphProperties,
  type Widget,
} from '../../../../stacks/constructs/alarms/dashboard-body';

const SUBJECTS: MetricSubjects = {
  cluster: 'the-cluster',
  services: { api: 'the-api', worker: 'the-worker' },
  loadBalancer: 'app/the-balancer/1',
  targetGroup: 'targetgroup/the-targets/2',
  webAcl: 'the-firewall',
  awsRegion: 'eu-west-1',
  table: 'the-table',
  indexNames: ['index-1', 'index-2'],
  logMetricNamespace: 'OurLogs',
};
const THRESHOLDS: Partial<Record<AlarmName, number>> = { worker_cpu_high: 71, worker_memory_high: 72 };

const { widgets } = dashboardBody({
  subjects: SUBJECTS,
  alarmArns: ['arn:1', 'arn:2'],
  thresholdOf: (alarm) => THRESHOLDS[alarm] ?? 1,
});

function graphs(): GraphProperties[] {
  return widgets.flatMap((widget) => (widget.type === 'metric' ? [widget.properties] : []));
}

/** The lines of all graphs: what they show and the dimensions, without how they are drawn. */
function series(): string[][] {
  return graphs().flatMap(({ metrics }) =>
    metrics.map((line) => line.filter((part) => typeof part === 'string')),
  );
}

function covers(widget: Widget, x: number, y: number): boolean {
  return widget.x <= x && x < widget.x + widget.width && widget.y <= y && y < widget.y + widget.height;
}

describe('the dashboard', () => {
  it('shows every alarm, above everything else', () => {
    expect(widgets[0]).toMatchObject({ type: 'alarm', y: 0, properties: { alarms: ['arn:1', 'arn:2'] } });
  });

  it('fills the grid without a gap or an overlap', () => {
    const height = Math.max(...widgets.map((widget) => widget.y + widget.height));
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < 24; x += 1) {
        expect(widgets.filter((widget) => covers(widget, x, y))).toHaveLength(1);
      }
    }
  });

  it('shows every metric that is made from our log, and none that is not', () => {
    const shown = series().filter(([namespace]) => namespace === 'OurLogs');

    expect(shown.every((line) => line.length === 2)).toBe(true);
    expect(new Set(shown.map(([, metric]) => metric))).toEqual(new Set(Object.keys(LOG_METRICS)));
  });

  it('looks at the region that was deployed to', () => {
    expect(new Set(graphs().map(({ region }) => region))).toEqual(new Set(['eu-west-1']));
  });

  it('draws the thresholds of CPU and memory where their use is shown', () => {
    const lineOf = (title: string): number | undefined =>
      graphs().find((graph) => graph.title === title)?.annotations?.horizontal[0]?.value;

    expect(lineOf('Worker CPU')).toBe(71);
    expect(lineOf('Worker memory')).toBe(72);
    expect(lineOf('API CPU')).toBe(1);
    expect(lineOf('Pool: available')).toBe(1);
    expect(lineOf('Answer time')).toBe(1);
    expect(lineOf('Deletions: the oldest one due')).toBe(1);
    expect(lineOf('Requests')).toBeUndefined();
  });

  it('adds up nothing that every API task reports of the same pool', () => {
    const pools = graphs()
      .flatMap(({ metrics }) => metrics)
      .filter(([, metric]) => typeof metric === 'string' && metric.startsWith('Pool'));

    expect(pools).toHaveLength(6);
    for (const line of pools) expect(line.at(-1)).not.toMatchObject({ stat: 'Sum' });
  });

  it('shows throttled reads and writes of the table and of each index', () => {
    const throttled = series().filter(([, metric]) => metric?.endsWith('ThrottleEvents'));

    for (const metric of ['ReadThrottleEvents', 'WriteThrottleEvents']) {
      const table = ['AWS/DynamoDB', metric, 'TableName', 'the-table'];
      expect(throttled).toContainEqual(table);
      expect(throttled).toContainEqual([...table, 'GlobalSecondaryIndexName', 'index-1']);
      expect(throttled).toContainEqual([...table, 'GlobalSecondaryIndexName', 'index-2']);
    }
  });

  it('shows how many tasks of both services run, and how many are wanted', () => {
    for (const service of ['the-api', 'the-worker']) {
      for (const metric of ['RunningTaskCount', 'DesiredTaskCount']) {
        expect(series()).toContainEqual([
          'ECS/ContainerInsights',
          metric,
          'ClusterName',
          'the-cluster',
          'ServiceName',
          service,
        ]);
      }
    }
  });

  it('shows what the firewall blocks: in all, and by the limit on each address', () => {
    const firewall = ['WebACL', 'the-firewall', 'Region', 'eu-west-1', 'Rule'];
    for (const rule of ['ALL', 'the-firewall-rate-per-address']) {
      expect(series()).toContainEqual(['AWS/WAFV2', 'BlockedRequests', ...firewall, rule]);
    }
  });
});
