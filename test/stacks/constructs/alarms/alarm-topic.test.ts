import { onlyResource, resources, synthesizeStack, type SynthesizedStack } from '../../synthesized';
import { WatchedStack } from './watched-stack';

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeStack((app) => new WatchedStack(app));
});

describe('the topic', () => {
  it('lets only CloudWatch publish, and only for this account', () => {
    const { statement } = onlyResource<{ statement: Record<string, unknown>[] }>(
      stack,
      'aws_iam_policy_document',
      'data',
    );

    const [topicId] = Object.keys(resources(stack, 'aws_sns_topic'));
    expect(statement).toEqual([
      {
        sid: 'AlarmsOfThisAccount',
        effect: 'Allow',
        actions: ['SNS:Publish'],
        resources: [`\${aws_sns_topic.${topicId}.arn}`],
        principals: [{ type: 'Service', identifiers: ['cloudwatch.amazonaws.com'] }],
        condition: [
          {
            test: 'StringEquals',
            variable: 'aws:SourceAccount',
            values: [expect.stringMatching(/^\$\{data\.aws_caller_identity\..+\.account_id\}$/)],
          },
        ],
      },
    ]);
  });

  it('is not encrypted with a key that CloudWatch may not use', () => {
    expect(onlyResource(stack, 'aws_sns_topic')).not.toHaveProperty('kms_master_key_id');
  });

  it('has a subscription only if somebody is to get mail', () => {
    expect(onlyResource(stack, 'aws_sns_topic_subscription')).toMatchObject({
      protocol: 'email',
      endpoint: '${var.alarm_email}',
      count: '${var.alarm_email == "" ? 0 : 1}',
    });
  });
});
