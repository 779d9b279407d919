import type { AlarmState } from '../alarms/alarm-states';
import { primaryOf, type DeployedService } from '../services/deployed-services';
import type { JobsControl } from '../../app/store/job-store';

/** What is watched, as far as it could be read. */
export interface Observation {
  alarms?: AlarmState[];
  services: DeployedService[];
  control?: JobsControl;
}

/** One change, in words; or an alarm that fired. */
export interface Change {
  kind: 'alarm_fired' | 'changed';
  text: string;
}

/** What is different. What could not be read on either side has not changed. */
export function changesBetween(before: Observation, after: Observation): Change[] {
  return [
    ...alarmChanges(before.alarms, after.alarms),
    ...after.services.flatMap((service) => {
      const earlier = before.services.find(({ name }) => name === service.name);
      return earlier === undefined
        ? []
        : difference(service.name, serviceText(earlier), serviceText(service));
    }),
    ...(before.control && after.control
      ? difference('jobs', controlText(before.control), controlText(after.control))
      : []),
  ];
}

/** The alarms in ALARM. */
export function firing(alarms: AlarmState[] | undefined): AlarmState[] {
  return (alarms ?? []).filter(({ state }) => state === 'ALARM');
}

/** A service in one line. */
export function serviceText(service: DeployedService): string {
  const { desiredCount, runningCount, pendingCount, revision } = service;
  const rollout = primaryOf(service)?.rolloutState ?? 'unknown';
  return `desired ${desiredCount}, running ${runningCount}, pending ${pendingCount}, ${revision}, roll-out ${rollout}`;
}

/** Who runs the jobs, in one line. */
export function controlText({ runner, changedBy, reason }: JobsControl): string {
  const who = changedBy === undefined ? '' : `, by ${changedBy}`;
  return `run by ${runner}${who}${reason === undefined ? '' : ` (${reason})`}`;
}

function alarmChanges(before: AlarmState[] | undefined, after: AlarmState[] | undefined): Change[] {
  if (before === undefined || after === undefined) return [];
  return after.flatMap((alarm): Change[] => {
    const earlier = before.find(({ name }) => name === alarm.name);
    if (earlier?.state === alarm.state) {
      // It left the state and came back between two looks. From OK that may have been to ALARM: better once too often.
      if (!isLater(alarm.sinceMs, earlier.sinceMs)) return [];
      const what =
        alarm.state === 'ALARM'
          ? 'ALARM again'
          : `${alarm.state} again, and something else in between: it may have fired`;
      return [{ kind: 'alarm_fired', text: `${alarm.name}: ${what} (${alarm.reason})` }];
    }
    const text = `${alarm.name}: ${earlier?.state ?? 'new'} -> ${alarm.state} (${alarm.reason})`;
    return [{ kind: alarm.state === 'ALARM' ? 'alarm_fired' : 'changed', text }];
  });
}

function isLater(sinceMs: number | undefined, earlierMs: number | undefined): boolean {
  return sinceMs !== undefined && earlierMs !== undefined && sinceMs > earlierMs;
}

function difference(name: string, before: string, after: string): Change[] {
  return before === after ? [] : [{ kind: 'changed', text: `${name}: ${after}` }];
}
