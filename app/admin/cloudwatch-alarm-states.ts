import { CloudWatchClient, paginateDescribeAlarms, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { boundedAwsClient } from '../aws/bounded-aws-client';
import { AlarmsUnreadableError, type AlarmState, type AlarmStates } from './alarm-states';

const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
const BODY_TIMEOUT_MS = 1_000;
/** For all pages and attempts together. */
const TOTAL_TIMEOUT_MS = 5_000;
const MAX_ATTEMPTS = 2;

/** As the stacks write it into the alarm's description (stacks/constructs/alarms/metric-alarm.ts). */
const RUNBOOK_IN_DESCRIPTION = /^(?<description>.*?)\s*Runbook: (?<runbook>docs\/runbooks\/[\w-]+\.md)$/s;

/**
 * The {@link AlarmStates} in CloudWatch, asked for by name. Asking by prefix would need the right to see every alarm of
 * the account: IAM then looks at the ARN `alarm:*` (as in aws-samples/amazon-cloudwatch-auto-alarms, issue 1).
 */
export class CloudWatchAlarmStates implements AlarmStates {
  readonly #client: CloudWatchClient;

  constructor(
    readonly names: readonly string[],
    region: string,
    /** For tests: what answers in CloudWatch's place. */
    client?: CloudWatchClient,
  ) {
    this.#client =
      client ??
      boundedAwsClient(
        CloudWatchClient,
        { region },
        {
          connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
          requestTimeoutMs: REQUEST_TIMEOUT_MS,
          bodyTimeoutMs: BODY_TIMEOUT_MS,
          callTimeoutMs: TOTAL_TIMEOUT_MS,
          maxAttempts: MAX_ATTEMPTS,
        },
      );
  }

  async list(): Promise<AlarmState[]> {
    const limited = { abortSignal: AbortSignal.timeout(TOTAL_TIMEOUT_MS) };
    const alarms: AlarmState[] = [];
    try {
      const request = { AlarmNames: [...this.names] };
      for await (const page of paginateDescribeAlarms({ client: this.#client }, request, limited)) {
        alarms.push(...(page.MetricAlarms ?? []).map(alarmState));
      }
    } catch (error) {
      throw new AlarmsUnreadableError(explain(error), { cause: error });
    }
    return alarms;
  }
}

function alarmState(alarm: MetricAlarm): AlarmState {
  const changedAt = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  const text = alarm.AlarmDescription;
  const parts = RUNBOOK_IN_DESCRIPTION.exec(text ?? '')?.groups;
  return {
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    since: changedAt && Math.floor(changedAt.getTime() / 1000),
    reason: alarm.StateReason,
    description: parts?.description ?? text,
    runbook: parts?.runbook,
  };
}

function explain(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return 'The API may not read its alarms: its task role lacks cloudwatch:DescribeAlarms on them.';
  }
  if (/Credentials|UnrecognizedClient|InvalidClientTokenId|ExpiredToken/.test(name)) {
    return 'The API has no valid AWS credentials to ask CloudWatch with.';
  }
  if (/Timeout|Abort/.test(name)) return 'CloudWatch did not answer in time.';
  return `CloudWatch could not be asked (${name || 'unknown error'}). The cause is in the log of the API.`;
}
