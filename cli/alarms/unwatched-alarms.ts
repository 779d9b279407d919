import { ALARM_NAMES, ALARMS, cloudWatchAlarmName } from '../../alarms/definitions';
import type { AlarmState } from './alarm-states';

/**
 * The names of the deployment alarms that are in ALARM now. In a deployment of the API that begins meanwhile ECS ignores
 * them: such an alarm does not make it go back (ECS developer guide, "How CloudWatch alarms detect Amazon ECS deployment
 * failures").
 */
export function unwatchedAlarms(alarms: readonly Pick<AlarmState, 'name' | 'state'>[]): string[] {
  const endings = ALARM_NAMES.filter((name) => ALARMS[name].isDeploymentAlarm).map((name) =>
    cloudWatchAlarmName('', name),
  );
  return alarms
    .filter(({ name, state }) => state === 'ALARM' && endings.some((ending) => name.endsWith(ending)))
    .map(({ name }) => name);
}
