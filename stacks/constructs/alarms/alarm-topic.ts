import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  name: string;
  /** Who gets the alarms by mail; an empty value means nobody. */
  email: TerraformVariable;
}

/**
 * Where alarms say that they have begun and ended. Of AWS's services only CloudWatch may publish here, and only for an
 * alarm of this account; the account's own roles may, if their policies say so.
 */
export class AlarmTopic extends Construct {
  readonly resource: SnsTopic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    // Not encrypted: CloudWatch may not use the key that AWS manages for SNS, so no alarm would arrive. Nothing in
    // an alarm's text is secret.
    this.resource = new SnsTopic(this, 'Default', { name: props.name });

    const account = new DataAwsCallerIdentity(this, 'account');
    const policy = new DataAwsIamPolicyDocument(this, 'policy-document', {
      statement: [
        {
          sid: 'AlarmsOfThisAccount',
          effect: 'Allow',
          actions: ['SNS:Publish'],
          resources: [this.resource.arn],
          principals: [{ type: 'Service', identifiers: ['cloudwatch.amazonaws.com'] }],
          // Without it another account's alarm could name this topic, and wake our people.
          condition: [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: [account.accountId] }],
        },
      ],
    });
    new SnsTopicPolicy(this, 'policy', { arn: this.resource.arn, policy: policy.json });

    const subscription = new SnsTopicSubscription(this, 'email', {
      topicArn: this.resource.arn,
      protocol: 'email',
      endpoint: props.email.stringValue,
    });
    subscription.addOverride('count', `\${${props.email.fqn} == "" ? 0 : 1}`);
  }
}
