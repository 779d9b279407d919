import type { AlarmName } from '../../../alarms/definitions';
import type { MetricSubjects } from './cloudwatch-metrics';
import { graphRows, type Graph } from './dashboard-graphs';
import type { GraphLine } from './graph-lines';

/*
 * The body of a CloudWatch dashboard, as far as we use it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */

export interface DashboardBody {
  widgets: Widget[];
}

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Widget =
  | (Place & { type: 'alarm'; properties: { title: string; alarms: string[] } })
  | (Place & { type: 'metric'; properties: GraphProperties });

export interface GraphProperties {
  title: string;
  view: 'timeSeries';
  region: string;
  period: number;
  metrics: GraphLine[];
  yAxis: { left: { min: number; label?: string } };
  annotations?: { horizontal: { label: string; value: number }[] };
}

export interface DashboardBodyProps {
  subjects: MetricSubjects;
  /** In the order in which they are shown. */
  alarmArns: string[];
  /** Drawn as a line, where the alarm's metric is. */
  thresholdOf: (alarm: AlarmName) => number;
}

/** CloudWatch's grid is 24 columns wide. */
const GRID_WIDTH = 24;
const ALARMS_HEIGHT = 4;
const GRAPH_HEIGHT = 6;
const PERIOD_SECONDS = 60;

/** What is on the dashboard: the alarms above, and below them rows of graphs, each about one thing. */
export function dashboardBody(props: DashboardBodyProps): DashboardBody {
  const alarms: Widget = {
    type: 'alarm',
    x: 0,
    y: 0,
    width: GRID_WIDTH,
    height: ALARMS_HEIGHT,
    properties: { title: 'Alarms', alarms: props.alarmArns },
  };
  const rows = graphRows(props.subjects).map((graphs, row) =>
    graphs.map((graph, column): Widget => {
      const width = GRID_WIDTH / graphs.length;
      const y = ALARMS_HEIGHT + row * GRAPH_HEIGHT;
      const place = { x: column * width, y, width, height: GRAPH_HEIGHT };
      return { type: 'metric', ...place, properties: graphProperties(graph, props) };
    }),
  );
  return { widgets: [alarms, ...rows.flat()] };
}

function graphProperties(graph: Graph, { subjects, thresholdOf }: DashboardBodyProps): GraphProperties {
  const { title, metrics, unit, threshold } = graph;
  return {
    title,
    view: 'timeSeries',
    region: subjects.awsRegion,
    period: PERIOD_SECONDS,
    metrics,
    yAxis: { left: { min: 0, ...(unit === undefined ? {} : { label: unit }) } },
    ...(threshold === undefined
      ? {}
      : { annotations: { horizontal: [{ label: 'Alarm', value: thresholdOf(threshold) }] } }),
  };
}
