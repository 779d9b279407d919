import { setTimeout as delay } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { boundedAwsClient, type CallLimits } from '../../app/aws/bounded-aws-client';
import { STUB_CREDENTIALS } from '../alarms/rollback/aws-stub';
import { STALLS, StallingServer } from './stalling-server';

const LIMITS: CallLimits = {
  connectionTimeoutMs: 5_000,
  requestTimeoutMs: 150,
  bodyTimeoutMs: 150,
  callTimeoutMs: 15_000,
  maxAttempts: 2,
};
const GET_ITEM = new GetItemCommand({ TableName: 'a-table', Key: { PK: { S: 'a' } } });

let server: StallingServer;

afterEach(() => server.stop());

function location(): { region: string; endpoint: string; credentials: typeof STUB_CREDENTIALS } {
  return { region: 'us-east-1', endpoint: server.url, credentials: STUB_CREDENTIALS };
}

function dynamoClient(limits: Partial<CallLimits> = {}, onCall?: (error: unknown) => void): DynamoDBClient {
  return boundedAwsClient(DynamoDBClient, location(), { ...LIMITS, ...limits }, onCall);
}

describe('an attempt whose response stalls', () => {
  it.each(STALLS)('%s ends, is tried again, and fails as a time-out', async (stall) => {
    server = await StallingServer.start(stall);

    await expect(dynamoClient().send(GET_ITEM)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requestCount).toBe(2);
  });

  it.each(STALLS)('%s costs nothing more than a retry when the next one is answered', async (stall) => {
    server = await StallingServer.start(stall, 1);

    expect(await dynamoClient().send(GET_ITEM)).toMatchObject({ $metadata: { attempts: 2 } });
  });
});

it.each<[string, () => Promise<unknown>]>([
  [
    'CloudWatch',
    () => boundedAwsClient(CloudWatchClient, location(), LIMITS).send(new DescribeAlarmsCommand({})),
  ],
  [
    'ECS',
    () => boundedAwsClient(ECSClient, location(), LIMITS).send(new DescribeServicesCommand({ services: [] })),
  ],
  [
    'SNS',
    () => boundedAwsClient(SNSClient, location(), LIMITS).send(new PublishCommand({ Message: 'a message' })),
  ],
  [
    'SSM',
    () => boundedAwsClient(SSMClient, location(), LIMITS).send(new GetParameterCommand({ Name: '/a/name' })),
  ],
  ['STS', () => boundedAwsClient(STSClient, location(), LIMITS).send(new GetCallerIdentityCommand({}))],
])('a call to %s ends, too, when the body of its response never comes', async (_service, call) => {
  server = await StallingServer.start('after_headers');

  await expect(call()).rejects.toMatchObject({ name: 'TimeoutError' });
});

describe('a whole call', () => {
  it('ends when its time is over, whatever its attempts are doing', async () => {
    server = await StallingServer.start('before_headers');
    const client = dynamoClient({ requestTimeoutMs: 60_000, callTimeoutMs: 100 });

    await expect(client.send(GET_ITEM)).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no result within 100 ms',
    });
  });

  it('ends when the credentials never come', async () => {
    server = await StallingServer.start('before_headers', 0);
    class SilentCredentialsClient extends DynamoDBClient {
      constructor(options: object) {
        super({ ...options, credentials: () => new Promise(() => undefined) });
      }
    }
    const client = boundedAwsClient(SilentCredentialsClient, location(), { ...LIMITS, callTimeoutMs: 100 });

    await expect(client.send(GET_ITEM)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requestCount).toBe(0);
  });

  it.each(STALLS)('ends when its caller gives it up, and is not sent again (%s)', async (stall) => {
    server = await StallingServer.start(stall);
    const client = dynamoClient({ requestTimeoutMs: 60_000, bodyTimeoutMs: 60_000 });
    const controller = new AbortController();
    const call = client.send(GET_ITEM, { abortSignal: controller.signal });
    const reason = new Error('enough');
    setTimeout(() => {
      controller.abort(reason);
    }, 100);

    await expect(call).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    await delay(300);
    expect(server.requestCount).toBe(1);
  });

  it('is not begun for a caller who has gone', async () => {
    server = await StallingServer.start('before_headers', 0);

    const call = dynamoClient().send(GET_ITEM, { abortSignal: AbortSignal.abort() });

    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requestCount).toBe(0);
  });

  it('tells its observer how it ended', async () => {
    server = await StallingServer.start('after_headers', 2);
    const ends: unknown[] = [];
    const client = dynamoClient({}, (error) => ends.push(error));

    await client.send(GET_ITEM).catch(() => undefined);
    await client.send(GET_ITEM);

    expect(ends).toEqual([expect.objectContaining({ name: 'TimeoutError' }), undefined]);
  });
});
