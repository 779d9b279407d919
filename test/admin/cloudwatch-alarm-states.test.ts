import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient, type DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { CloudWatchAlarmStates } from '../../app/admin/cloudwatch-alarm-states';

const NAMES = ['app-dev-a', 'app-dev-b'];

/** A client that answers these pages, or throws them, and keeps what it was asked. */
function clientWith(pages: (Record<string, unknown> | Error)[]): {
  client: CloudWatchClient;
  asked: DescribeAlarmsCommandInput[];
} {
  const client = new CloudWatchClient({ region: 'us-east-1' });
  const asked: DescribeAlarmsCommandInput[] = [];
  client.middlewareStack.add(
    () => (request) => {
      asked.push(request.input as DescribeAlarmsCommandInput);
      const page = pages[asked.length - 1];
      if (page instanceof Error) return Promise.reject(page);
      return Promise.resolve({ output: { $metadata: {}, ...page }, response: {} });
    },
    { step: 'initialize' },
  );
  return { client, asked };
}

function awsError(name: string): Error {
  return Object.assign(new Error('secret details'), { name });
}

it('asks for exactly its alarms by name, and reads all pages', async () => {
  const { client, asked } = clientWith([
    {
      MetricAlarms: [
        {
          AlarmName: 'app-dev-b',
          StateValue: 'ALARM',
          StateReason: 'Threshold Crossed',
          StateTransitionedTimestamp: new Date(1_999),
          StateUpdatedTimestamp: new Date(5_000),
          AlarmDescription: 'It means this.\nIt does that. Runbook: docs/runbooks/worker-cpu-high.md',
        },
      ],
      NextToken: 'more',
    },
    { MetricAlarms: [{ AlarmName: 'app-dev-a', StateValue: 'OK', AlarmDescription: 'by hand' }] },
  ]);

  expect(await new CloudWatchAlarmStates(NAMES, 'us-east-1', client).list()).toEqual([
    {
      name: 'app-dev-b',
      state: 'ALARM',
      since: 1,
      reason: 'Threshold Crossed',
      description: 'It means this.\nIt does that.',
      runbook: 'docs/runbooks/worker-cpu-high.md',
    },
    { name: 'app-dev-a', state: 'OK', description: 'by hand' },
  ]);
  expect(asked).toMatchObject([{ AlarmNames: NAMES }, { AlarmNames: NAMES, NextToken: 'more' }]);
  expect(asked[0]).not.toHaveProperty('AlarmNamePrefix');
});

it.each([
  ['AccessDeniedException', /lacks cloudwatch:DescribeAlarms/],
  ['CredentialsProviderError', /no valid AWS credentials/],
  ['UnrecognizedClientException', /no valid AWS credentials/],
  ['TimeoutError', /did not answer in time/],
  ['InternalFailure', /\(InternalFailure\)/],
])('tells %s in words, and no more than that', async (name, words) => {
  const { client } = clientWith([awsError(name)]);
  const failing = new CloudWatchAlarmStates(NAMES, 'us-east-1', client).list();

  await expect(failing).rejects.toThrow(words);
  await expect(failing).rejects.not.toThrow(/secret/);
});

describe('a CloudWatch that is silent', () => {
  let server: Server;
  const before = { ...process.env };

  beforeEach(async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.AWS_ACCESS_KEY_ID = 'none';
    process.env.AWS_SECRET_ACCESS_KEY = 'none';
  });

  afterEach(() => {
    process.env = before;
    server.closeAllConnections();
    server.close();
  });

  it('is waited for only so long', async () => {
    await expect(new CloudWatchAlarmStates(NAMES, 'us-east-1').list()).rejects.toThrow(
      /did not answer in time/,
    );
  });
});
