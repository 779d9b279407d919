import { ALARM_NAMES, cloudWatchAlarmName } from '../../../alarms/definitions';
import { MalformedEventError, parseAlarmEvent } from '../../../alarms/rollback/alarm-event';
import { cloudWatchEvent } from './cloudwatch-event';

const PREFIX = 'sandbox-broker-dev';

it('reads an event of the worker’s CPU alarm as CloudWatch writes it', () => {
  expect(parseAlarmEvent(cloudWatchEvent(), PREFIX)).toEqual({
    kind: 'alarm',
    event: {
      action: 'rollback_worker',
      alarmName: 'sandbox-broker-dev-worker-cpu-high',
      reason:
        'Threshold Crossed: 2 out of the last 2 datapoints [99.5, 97.1] were greater than the threshold (80.0).',
      atMs: Date.UTC(2026, 4, 1, 12, 0, 0, 985),
      runbook: 'docs/runbooks/worker-cpu-high.md',
    },
  });
});

it('acts on the alarms of the worker and on the overload of the API, and on no others', () => {
  const actions = ALARM_NAMES.map((name) => {
    const parsed = parseAlarmEvent(cloudWatchEvent({ alarmName: cloudWatchAlarmName(PREFIX, name) }), PREFIX);
    return [name, parsed.kind === 'alarm' ? parsed.event.action : parsed.kind];
  }).filter(([, action]) => action !== 'ignored');

  expect(Object.fromEntries(actions)).toEqual({
    worker_cpu_high: 'rollback_worker',
    worker_memory_high: 'rollback_worker',
    worker_job_failures: 'rollback_worker',
    api_cpu_high: 'freeze_api_jobs',
    api_memory_high: 'freeze_api_jobs',
  });
});

it.each(['sandbox-broker-prod-worker-cpu-high', 'worker-cpu-high', 'sandbox-broker-dev-worker_cpu_high'])(
  'ignores an alarm that is not of this environment: %s',
  (alarmName) => {
    expect(parseAlarmEvent(cloudWatchEvent({ alarmName }), PREFIX)).toEqual({
      kind: 'ignored',
      alarmName,
      reason: 'not an alarm of this environment',
    });
  },
);

it.each(['OK', 'INSUFFICIENT_DATA'])('ignores the state %s', (value) => {
  expect(parseAlarmEvent(cloudWatchEvent({ value }), PREFIX)).toMatchObject({
    kind: 'ignored',
    reason: `its state is ${value}`,
  });
});

it.each([
  ['2026-05-01T12:00:00.985+0000', 985],
  ['2026-05-01T14:00:00.985+0200', 985],
  ['2026-05-01T12:00:00.985Z', 985],
  ['2026-05-01T12:00:00+00:00', 0],
])('reads the time %s', (timestamp, milliseconds) => {
  expect(parseAlarmEvent(cloudWatchEvent({ timestamp }), PREFIX)).toMatchObject({
    event: { atMs: Date.UTC(2026, 4, 1, 12, 0, 0, milliseconds) },
  });
});

it('takes the event’s own time where the state has none', () => {
  const event = cloudWatchEvent();
  const detail = event.detail as { alarmName: string };

  expect(
    parseAlarmEvent({ ...event, detail: { ...detail, state: { value: 'ALARM' } } }, PREFIX),
  ).toMatchObject({
    event: { atMs: Date.UTC(2026, 4, 1, 12), reason: 'no reason given' },
  });
});

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'ALARM'],
  ['an event of another source', { ...cloudWatchEvent(), source: 'aws.ecs' }],
  [
    'an event of another kind',
    { ...cloudWatchEvent(), 'detail-type': 'CloudWatch Alarm Configuration Change' },
  ],
  ['an event without detail', { ...cloudWatchEvent(), detail: undefined }],
  ['an event of no time', cloudWatchEvent({ timestamp: 'soon' })],
])('refuses %s, so that it becomes a dead letter', (_what, event) => {
  expect(() => parseAlarmEvent(event, PREFIX)).toThrow(MalformedEventError);
});
