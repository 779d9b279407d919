import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Announcement, Announcer } from './announcer';
import { SNS_CALL_MS } from './time-budget';

/** The {@link Announcer} on an SNS topic. */
export class SnsAnnouncer implements Announcer {
  constructor(
    private readonly client: SNSClient,
    private readonly topicArn: string,
  ) {}

  async publish({ subject, message }: Announcement): Promise<void> {
    const command = new PublishCommand({ TopicArn: this.topicArn, Subject: subject, Message: message });
    await this.client.send(command, { abortSignal: AbortSignal.timeout(SNS_CALL_MS) });
  }
}
