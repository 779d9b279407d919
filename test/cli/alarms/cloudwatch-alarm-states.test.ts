import { CloudWatchClient, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { CloudWatchAlarmStates } from '../../../cli/alarms/cloudwatch-alarm-states';

/** A client that answers these pages, whatever its protocol, and keeps what it was asked. */
function clientWith(pages: Record<string, unknown>[]): {
  client: CloudWatchClient;
  asked: DescribeAlarmsCommandInput[];
} {
  const client = new CloudWatchClient({ region: 'us-east-1' });
  const asked: DescribeAlarmsCommandInput[] = [];
  client.middlewareStack.add(
    () => (request) => {
      asked.push(request.input as DescribeAlarmsCommandInput);
      const output = { $metadata: {}, ...pages[asked.length - 1] };
      return Promise.resolve({ output, response: {} });
    },
    { step: 'initialize' },
  );
  return { client, asked };
}

it('lists the alarms of exactly its prefix, over all pages, by name', async () => {
  const { client, asked } = clientWith([
    {
      MetricAlarms: [
        {
          AlarmName: 'app-dev-b',
          StateValue: 'ALARM',
          StateReason: 'Threshold Crossed',
          StateTransitionedTimestamp: new Date(1_000),
          StateUpdatedTimestamp: new Date(5_000),
        },
      ],
      NextToken: 'more',
    },
    { MetricAlarms: [{ AlarmName: 'app-dev-a', StateValue: 'OK', StateUpdatedTimestamp: new Date(2_000) }] },
  ]);

  expect(await new CloudWatchAlarmStates(client, 'app-dev').list()).toEqual([
    { name: 'app-dev-a', state: 'OK', sinceMs: 2_000, reason: 'no reason given' },
    { name: 'app-dev-b', state: 'ALARM', sinceMs: 1_000, reason: 'Threshold Crossed' },
  ]);
  // Not those of an app-dev2.
  expect(asked).toMatchObject([{ AlarmNamePrefix: 'app-dev-' }, { NextToken: 'more' }]);
});
