import { SNSClient } from '@aws-sdk/client-sns';
import { createAwsClient } from '../../../alarms/rollback/create-aws-client';
import { SnsAnnouncer } from '../../../alarms/rollback/sns-announcer';
import { AwsStub, STUB_CREDENTIALS, type StubAnswer } from './aws-stub';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:sandbox-broker-dev-alarms';
const PUBLISHED =
  '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

let stub: AwsStub;

afterEach(() => stub.stop());

async function announcerOn(answer: StubAnswer): Promise<SnsAnnouncer> {
  stub = await AwsStub.start(() => answer);
  const location = { region: 'us-east-1', endpoint: stub.endpoint, credentials: STUB_CREDENTIALS };
  return new SnsAnnouncer(createAwsClient(SNSClient, location), TOPIC);
}

it('publishes subject and message to its topic', async () => {
  const announcer = await announcerOn({ body: PUBLISHED });

  await announcer.publish({ subject: 'Worker stopped', message: 'line 1\nline 2' });

  expect(stub.requests).toEqual([
    {
      action: 'Publish',
      body: expect.objectContaining({
        TopicArn: TOPIC,
        Subject: 'Worker stopped',
        Message: 'line 1\nline 2',
      }) as Record<string, unknown>,
    },
  ]);
});

it('passes on why it was refused', async () => {
  const announcer = await announcerOn({
    status: 403,
    body: '<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no sns:Publish</Message></Error></ErrorResponse>',
  });

  await expect(announcer.publish({ subject: 's', message: 'm' })).rejects.toThrow('no sns:Publish');
});
