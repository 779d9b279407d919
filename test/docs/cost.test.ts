import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALARMS, LOG_METRICS, ROLLBACK_ALARMS, type AlarmDefinition } from '../../alarms/definitions';
import { tableDefinition, DEFAULT_TABLE_NAMES } from '../../app/store/table';

const read = (name: string): string => readFileSync(join(__dirname, '../../docs', name), 'utf8');
const COST = read('cost.md');
const DEPLOY = read('deploy.md');

const DEFINITIONS: AlarmDefinition[] = Object.values({ ...ALARMS, ...ROLLBACK_ALARMS });

/** CloudWatch's list prices of us-east-1, in dollars a month. */
const PRICES = { metric: 0.3, alarmOnMetric: 0.1 };
/** Of Container Insights for Amazon ECS: CloudWatch User Guide, "Amazon ECS Container Insights metrics". */
const INSIGHTS = { ofCluster: 13, ofService: 15, ofFamily: 10 };
const SERVICES = 2;
/** Two policies of target tracking, each with an alarm for both directions. */
const AUTOSCALING_ALARMS = 4;

/** An alarm is paid for each metric that it looks at. */
function metricCountOf({ source }: AlarmDefinition): number {
  if (source.kind === 'math') return Object.keys(source.terms).length;
  if (source.kind !== 'sum') return 1;
  const indexCount = tableDefinition(DEFAULT_TABLE_NAMES).indexes.length;
  return source.of.reduce((sum, { kind }) => sum + (kind === 'dynamodb_indexes' ? indexCount : 1), 0);
}

const alarmMetrics = DEFINITIONS.reduce((sum, definition) => sum + metricCountOf(definition), 0);
const insightsMetrics = INSIGHTS.ofCluster + SERVICES * (INSIGHTS.ofService + INSIGHTS.ofFamily);

/** The columns of the row that begins with these words. */
function row(text: string, words: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`| ${words}`));
  if (line === undefined) throw new Error(`There is no row ${words}.`);
  return line.split('|').map((cell) => cell.trim());
}

describe('what watching costs', () => {
  it.each([
    ['Container Insights: 13 metrics', insightsMetrics, insightsMetrics * PRICES.metric],
    [
      'Metrics from our logs',
      Object.keys(LOG_METRICS).length,
      Object.keys(LOG_METRICS).length * PRICES.metric,
    ],
    [
      'Alarms:',
      alarmMetrics + AUTOSCALING_ALARMS,
      (alarmMetrics + AUTOSCALING_ALARMS) * PRICES.alarmOnMetric,
    ],
  ])('is counted as it is deployed: %s', (words, number, dollars) => {
    expect(row(COST, words).slice(2, 4)).toEqual([String(number), dollars.toFixed(2)]);
  });

  it('names how many alarms there are', () => {
    expect(row(COST, 'Alarms:')[1]).toContain(`${DEFINITIONS.length} of ours on ${alarmMetrics} metrics`);
  });

  it('is the same in the list of what an environment costs', () => {
    expect(row(DEPLOY, 'Container Insights:')[1]).toContain(`${insightsMetrics} metrics`);
    expect(DEPLOY).toContain(
      `${Object.keys(LOG_METRICS).length} metrics from logs, alarms on ${alarmMetrics + AUTOSCALING_ALARMS} metrics`,
    );
  });

  it('adds up, with everything else, to the sums', () => {
    const lines =
      DEPLOY.split('## What it costs')[1]
        ?.split('\n')
        .filter((line) => line.startsWith('|')) ?? [];
    const columns = lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim()));
    const together = columns.pop()?.map((cell) => Number(cell.replaceAll('*', '')));

    for (const column of [2, 3]) {
      const sum = columns.reduce((total, cells) => total + Number(cells[column]), 0);
      expect(together?.[column]).toBe(sum);
    }
    expect(COST).toContain(`about ${together?.[3]} dollars a month in production`);
  });
});
