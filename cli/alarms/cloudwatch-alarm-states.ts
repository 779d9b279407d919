import { paginateDescribeAlarms, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { AlarmState, AlarmStates } from './alarm-states';

const CALL_MS = 15_000;

/** The {@link AlarmStates} in CloudWatch. */
export class CloudWatchAlarmStates implements AlarmStates {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly namePrefix: string,
  ) {}

  async list(): Promise<AlarmState[]> {
    const alarms: AlarmState[] = [];
    const request = { AlarmNamePrefix: `${this.namePrefix}-` };
    const limited = { abortSignal: AbortSignal.timeout(CALL_MS) };
    for await (const page of paginateDescribeAlarms({ client: this.client }, request, limited)) {
      for (const alarm of page.MetricAlarms ?? []) {
        const changedAt = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
        alarms.push({
          name: alarm.AlarmName ?? '',
          state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
          sinceMs: changedAt?.getTime(),
          reason: alarm.StateReason ?? 'no reason given',
        });
      }
    }
    return alarms.sort((one, other) => one.name.localeCompare(other.name));
  }
}
