import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeRuleCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { cloudWatchAlarmName, type AlarmName } from '../../../alarms/definitions';
import { only, present, type DeployedBroker } from '../deployment/support/deployed-broker';

/** A change of an alarm's state, as CloudWatch sends it to EventBridge. */
export interface AlarmStateChange {
  alarm: AlarmName;
  /** Of the deployed alarms. */
  to?: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  at?: Date;
}

/** A queue to look into. */
export class WatchedQueue {
  private constructor(
    private readonly broker: DeployedBroker,
    readonly url: string,
    readonly arn: string,
  ) {}

  static async create(broker: DeployedBroker, name: string): Promise<WatchedQueue> {
    const { sqs } = broker.clients;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return new WatchedQueue(broker, present(QueueUrl), present(Attributes?.QueueArn));
  }

  /** Takes out everything that is in it. */
  async take(): Promise<Record<string, unknown>[]> {
    const { sqs } = this.broker.clients;
    const taken: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.url, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return taken;
      for (const { Body, ReceiptHandle } of Messages) {
        taken.push(JSON.parse(present(Body)) as Record<string, unknown>);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle }));
      }
    }
  }

  async remove(): Promise<void> {
    await this.broker.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: this.url }));
  }
}

/** Gets what the alarm topic tells people. */
export async function subscribeToAlarms(broker: DeployedBroker, topicArn: string): Promise<WatchedQueue> {
  const queue = await WatchedQueue.create(broker, 'what-people-are-told');
  await broker.clients.sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn }),
  );
  return queue;
}

/**
 * Sends events past the deployed rule, and returns those that it let through. The emulator can deliver to no function:
 * for that moment the rule has a queue for a target, and then what it had before.
 */
export async function passRule(
  broker: DeployedBroker,
  changes: AlarmStateChange[],
): Promise<Record<string, unknown>[]> {
  const { events } = broker.clients;
  const Rule = broker.names.rollbackFunction;
  const { State } = await events.send(new DescribeRuleCommand({ Name: Rule }));
  if (State !== 'ENABLED') throw new Error(`The rule is ${String(State)}`);
  const queue = await WatchedQueue.create(broker, 'what-the-rule-passes');
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule }));
  const target: Target = only(Targets);
  await events.send(new RemoveTargetsCommand({ Rule, Ids: [present(target.Id)] }));
  await events.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'queue', Arn: queue.arn }] }));
  try {
    const entries = await Promise.all(changes.map((change) => entryOf(broker, change)));
    await events.send(new PutEventsCommand({ Entries: entries }));
    return await queue.take();
  } finally {
    await events.send(new RemoveTargetsCommand({ Rule, Ids: ['queue'] }));
    await events.send(new PutTargetsCommand({ Rule, Targets: [target] }));
    await queue.remove();
  }
}

/** The shape is that of the CloudWatch user guide, "Alarm events and EventBridge". */
async function entryOf(
  { clients, names }: DeployedBroker,
  { alarm, to = 'ALARM', at = new Date() }: AlarmStateChange,
) {
  const { MetricAlarms } = await clients.cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [cloudWatchAlarmName(names.prefix, alarm)] }),
  );
  const { AlarmName, AlarmArn, AlarmDescription, Threshold } = only(MetricAlarms);
  const timestamp = at.toISOString().replace('Z', '+0000');
  const before = new Date(at.getTime() - 600_000).toISOString().replace('Z', '+0000');
  const reason = `Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (${String(Threshold)}).`;
  return {
    Source: 'aws.cloudwatch',
    DetailType: 'CloudWatch Alarm State Change',
    Resources: [present(AlarmArn)],
    Time: at,
    Detail: JSON.stringify({
      alarmName: AlarmName,
      configuration: { description: AlarmDescription },
      state: { value: to, reason, reasonData: '{}', timestamp },
      previousState: { value: 'OK', reason: 'Threshold Crossed: no datapoints', timestamp: before },
    }),
  };
}
