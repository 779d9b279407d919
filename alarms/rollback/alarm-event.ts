import { z } from 'zod';
import { ALARM_NAMES, ALARMS, cloudWatchAlarmName, type AlarmDefinition } from '../definitions';

/*
 * The event is described under "Alarm events and EventBridge" in the CloudWatch user guide. Only what is needed is
 * checked, so that a new field of AWS's never keeps the worker running.
 */

/** CloudWatch's `2019-10-02T17:04:40.985+0000` is not quite ISO 8601; `Date` reads it, a date schema would not. */
const timestamp = z.string().transform((text, context) => {
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  context.issues.push({ code: 'custom', message: 'must be a time', input: text });
  return z.NEVER;
});

const eventSchema = z.object({
  source: z.literal('aws.cloudwatch'),
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  time: timestamp,
  detail: z.object({
    alarmName: z.string().min(1),
    state: z.object({
      value: z.string(),
      reason: z.string().default('no reason given'),
      timestamp: timestamp.optional(),
    }),
  }),
});

/** An alarm of ours that has entered ALARM, and what it asks for. */
export interface AlarmEvent {
  action: 'rollback_worker' | 'freeze_api_jobs';
  /** As CloudWatch calls it. */
  alarmName: string;
  reason: string;
  /** Milliseconds since the Unix epoch: when the alarm changed its state. With the name it identifies the event. */
  atMs: number;
  /** What to do, as a path in this repository. */
  runbook: string;
}

export type ParsedEvent =
  { kind: 'alarm'; event: AlarmEvent } | { kind: 'ignored'; alarmName: string; reason: string };

/**
 * Reads an event of EventBridge's.
 *
 * @throws MalformedEventError for anything else than a change of an alarm's state: better a dead letter that wakes
 * somebody than an alarm that nobody heard.
 */
export function parseAlarmEvent(input: unknown, alarmNamePrefix: string): ParsedEvent {
  const parsed = eventSchema.safeParse(input);
  if (!parsed.success) throw new MalformedEventError(z.prettifyError(parsed.error));
  const { alarmName, state } = parsed.data.detail;
  const ignored = (reason: string): ParsedEvent => ({ kind: 'ignored', alarmName, reason });

  const name = ALARM_NAMES.find((each) => cloudWatchAlarmName(alarmNamePrefix, each) === alarmName);
  if (name === undefined) return ignored('not an alarm of this environment');
  if (state.value !== 'ALARM') return ignored(`its state is ${state.value}`);
  const definition: AlarmDefinition = ALARMS[name];
  const action = actionOf(definition);
  if (!action) return ignored('this alarm asks for no action');
  const { reason } = state;
  const atMs = state.timestamp ?? parsed.data.time;
  return { kind: 'alarm', event: { action, alarmName, reason, atMs, runbook: definition.runbook } };
}

function actionOf(definition: AlarmDefinition): AlarmEvent['action'] | undefined {
  if (definition.triggersRollback) return 'rollback_worker';
  return definition.stopsApiJobs ? 'freeze_api_jobs' : undefined;
}

/** What was delivered is no change of an alarm's state. */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}
