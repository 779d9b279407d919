import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { accountBuckets, type AccountBuckets } from './account-buckets';

/** What asks the account, service by service. */
export interface AccountClients {
  autoScaling: ApplicationAutoScalingClient;
  buckets: AccountBuckets;
  cloudWatch: CloudWatchClient;
  dynamoDb: DynamoDBClient;
  ec2: EC2Client;
  ecr: ECRClient;
  ecs: ECSClient;
  events: EventBridgeClient;
  iam: IAMClient;
  lambda: LambdaClient;
  loadBalancing: ElasticLoadBalancingV2Client;
  logs: CloudWatchLogsClient;
  secrets: SecretsManagerClient;
  sns: SNSClient;
  sqs: SQSClient;
  ssm: SSMClient;
  waf: WAFV2Client;
}

/** Clients of the account behind the URL. Each call is made once: what fails in an emulator fails again. */
export function accountClients(url: string): AccountClients {
  const settings = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return {
    autoScaling: new ApplicationAutoScalingClient(settings),
    buckets: accountBuckets(url),
    cloudWatch: new CloudWatchClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    ec2: new EC2Client(settings),
    ecr: new ECRClient(settings),
    ecs: new ECSClient(settings),
    events: new EventBridgeClient(settings),
    iam: new IAMClient(settings),
    lambda: new LambdaClient(settings),
    loadBalancing: new ElasticLoadBalancingV2Client(settings),
    logs: new CloudWatchLogsClient(settings),
    secrets: new SecretsManagerClient(settings),
    sns: new SNSClient(settings),
    // It would follow the address in a queue's URL, past the shim.
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    ssm: new SSMClient(settings),
    waf: new WAFV2Client(settings),
  };
}
