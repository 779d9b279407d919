import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Construct } from 'constructs';

/** As long as SQS keeps anything: longer than any holiday of the person who looks into it. */
const RETENTION_DAYS = 14;

/**
 * Events that nobody works on any more. Encrypted with SQS's own key, which costs nothing and which EventBridge and
 * Lambda need no right to use.
 */
export class DeadLetterQueue extends Construct {
  readonly resource: SqsQueue;

  constructor(scope: Construct, id: string, props: { name: string }) {
    super(scope, id);
    this.resource = new SqsQueue(this, 'Default', {
      name: props.name,
      messageRetentionSeconds: RETENTION_DAYS * 86_400,
      sqsManagedSseEnabled: true,
    });
  }
}
