import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ALARM_NAMES,
  ALARMS,
  cloudWatchAlarmName,
  ROLLBACK_ALARM_NAMES,
  ROLLBACK_ALARMS,
  type AlarmDefinition,
  type RollbackMetric,
} from '../../alarms/definitions';
import { parseAlarmEvent } from '../../alarms/rollback/alarm-event';

const ROOT = join(__dirname, '../..');
const DEFINITIONS = ROLLBACK_ALARM_NAMES.map((name): [string, AlarmDefinition<RollbackMetric>] => [
  name,
  ROLLBACK_ALARMS[name],
]);

function metricsOf({ source }: AlarmDefinition<RollbackMetric>): RollbackMetric[] {
  switch (source.kind) {
    case 'math':
      return Object.values(source.terms);
    case 'sum':
      return [...source.of];
    default:
      return [source];
  }
}

describe('every alarm on the rollback', () => {
  it.each(DEFINITIONS)('%s has a name of its own, and a runbook', (name, { runbook }) => {
    expect(name).toMatch(/^rollback(_[a-z]+)+$/);
    expect(ALARM_NAMES as string[]).not.toContain(name);
    expect(existsSync(join(ROOT, runbook))).toBe(true);
  });

  it.each(DEFINITIONS)(
    '%s says in one sentence each what it means and what happens by itself',
    (_name, definition) => {
      for (const sentence of [definition.meaning, definition.systemResponse]) {
        expect(sentence).toMatch(/^[A-Z][^.]{20,}\.$/);
      }
    },
  );

  it.each(DEFINITIONS)('%s goes off at the first failure', (_name, definition) => {
    expect(definition).toMatchObject({
      threshold: { thresholdCount: 1 },
      comparison: 'GreaterThanOrEqualToThreshold',
      periodSeconds: 60,
      datapointsToAlarm: 1,
    });
  });

  it('looks again at minutes whose data came late, where zeros have stood in for it, as every such alarm does', () => {
    const all = Object.entries({ ...ROLLBACK_ALARMS, ...ALARMS });
    const filled = all.filter(([, { source }]) => source.kind === 'sum' || source.kind === 'math');
    const judgedOnce = filled.filter(([, alarm]) => alarm.evaluationPeriods <= alarm.datapointsToAlarm);

    expect(filled.map(([name]) => name)).toContain('rollback_failed');
    expect(judgedOnce).toEqual([]);
  });

  it.each(ROLLBACK_ALARM_NAMES)(
    '%s starts no rollback, or one that fails would start itself again',
    (name) => {
      const event = {
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        time: '2026-01-01T00:00:00Z',
        detail: { alarmName: cloudWatchAlarmName('sandbox-broker-dev', name), state: { value: 'ALARM' } },
      };
      expect(parseAlarmEvent(event, 'sandbox-broker-dev').kind).toBe('ignored');
    },
  );
});

describe('a rollback that fails', () => {
  const watched = DEFINITIONS.flatMap(([, definition]) => metricsOf(definition));

  it.each([
    ['the function throws or runs out of time', 'rollback_function', 'Errors'],
    ['Lambda has no room for it', 'rollback_function', 'Throttles'],
    ['Lambda cannot keep the event', 'rollback_function', 'DestinationDeliveryFailures'],
    ['EventBridge cannot reach it', 'rollback_rule', 'FailedInvocations'],
    ['EventBridge cannot keep the event', 'rollback_rule', 'InvocationsFailedToBeSentToDlq'],
    ['an event is given up', 'dead_letters', 'ApproximateNumberOfMessagesVisible'],
  ])('is heard of when %s', (_what, kind, metricName) => {
    expect(watched.filter((metric) => metric.kind === kind && metric.metricName === metricName)).toHaveLength(
      1,
    );
  });

  it('is not forgotten when SQS stops reporting on a queue that lies still', () => {
    // A sum would fill the gap with a zero.
    expect(ROLLBACK_ALARMS.rollback_dead_letters).toMatchObject({
      source: { kind: 'dead_letters', statistic: 'Maximum' },
      missingData: 'ignore',
    });
  });
});
