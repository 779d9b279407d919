import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { Construct } from 'constructs';
import { EVENT_MAX_AGE_SECONDS, type RollbackFunction } from './rollback-function';

/** All that EventBridge allows: it is the age that ends the attempts. */
const MAX_RETRY_ATTEMPTS = 185;

export interface RollbackRuleProps {
  name: string;
  /** The alarms that ask for something; no other event starts the function. */
  alarms: readonly CloudwatchMetricAlarm[];
  target: RollbackFunction;
  /** Gets the events that cannot be delivered. */
  deadLetters: SqsQueue;
}

/** Gives the function each event that one of the alarms has entered ALARM, and nobody else's events. */
export class RollbackRule extends Construct {
  readonly resource: CloudwatchEventRule;

  constructor(scope: Construct, id: string, { name, alarms, target, deadLetters }: RollbackRuleProps) {
    super(scope, id);
    const rule = new CloudwatchEventRule(this, 'Default', {
      name,
      description: 'An alarm that asks for the rollback has gone off.',
      eventPattern: JSON.stringify({
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: alarms.map(({ arn }) => arn),
        detail: { state: { value: ['ALARM'] } },
      }),
    });
    const invokePermission = new LambdaPermission(this, 'invoke-permission', {
      statementId: 'RollbackRule',
      functionName: target.resource.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
    const sendPermission = new SqsQueuePolicy(this, 'send-permission', {
      queueUrl: deadLetters.url,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RollbackRule',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: deadLetters.arn,
            Condition: { ArnEquals: { 'aws:SourceArn': rule.arn } },
          },
        ],
      }),
    });
    // Last of all: an event that comes earlier finds no rule, instead of half a rollback.
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      targetId: 'rollback',
      arn: target.resource.arn,
      retryPolicy: {
        maximumEventAgeInSeconds: EVENT_MAX_AGE_SECONDS,
        maximumRetryAttempts: MAX_RETRY_ATTEMPTS,
      },
      deadLetterConfig: { arn: deadLetters.arn },
      dependsOn: [invokePermission, sendPermission, ...target.prerequisites],
    });
    this.resource = rule;
  }
}
