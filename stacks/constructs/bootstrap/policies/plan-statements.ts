import { stateKey } from '../../broker-stack';
import { APPLICATION } from '../../../names';
import { arnIn, type PolicyScope, type PolicyStatement } from './policy-statement';

/** The stacks whose states pipelines read; that of the bootstrap stack is none of theirs. */
const COMPONENTS = ['network', 'data', 'service', 'rollback'] as const;

/** ARNs of the state files of the stacks that pipelines deploy. */
export function stateArns({ environment, stateBucketArn }: PolicyScope): string[] {
  return COMPONENTS.map((component) => `${stateBucketArn}/${stateKey(environment, component)}`);
}

/**
 * Listing the bucket's keys, and so the names of the stacks. Terraform looks for workspaces whenever it is initialised; and
 * S3 answers 403, in place of the 404 that means "no state yet", to whoever may not list.
 */
export function listStates({ stateBucketArn }: PolicyScope): PolicyStatement {
  return { actions: ['s3:ListBucket'], resources: [stateBucketArn] };
}

/**
 * What a plan reads: descriptions, configurations and tags of what the stacks hold, one list of actions for each kind of
 * resource. Recorded from real plans, and held against them by test/e2e/deployment/pipeline-roles.test.ts. No action
 * here returns a row, a message, a log line, the value of a secret, or a state that is not the environment's.
 */
export function describeStatements(scope: PolicyScope): PolicyStatement[] {
  const { environment, names, accountId } = scope;
  const arn = arnIn(scope);
  return [
    { actions: DESCRIBED_WITHOUT_ARN, resources: ['*'] },
    {
      actions: [
        'dynamodb:DescribeContinuousBackups',
        'dynamodb:DescribeTable',
        'dynamodb:DescribeTimeToLive',
        'dynamodb:ListTagsOfResource',
      ],
      resources: [arn('dynamodb', `table/${environment.tableNames.table}`)],
    },
    {
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetResourcePolicy'],
      resources: [arn('secretsmanager', `secret:${APPLICATION}/${environment.name}/*`)],
    },
    {
      actions: ['ecr:DescribeRepositories', 'ecr:GetLifecyclePolicy', 'ecr:ListTagsForResource'],
      resources: [arn('ecr', `repository/${names.prefix}`)],
    },
    {
      actions: ['ecs:DescribeClusters', 'ecs:DescribeServices'],
      resources: [arn('ecs', `cluster/${names.cluster}`), arn('ecs', `service/${names.cluster}/*`)],
    },
    {
      actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
      resources: [`arn:aws:iam::${accountId}:role/${names.prefix}-*`],
    },
    {
      actions: [
        'lambda:GetFunction',
        'lambda:GetFunctionCodeSigningConfig',
        'lambda:GetFunctionEventInvokeConfig',
        'lambda:GetPolicy',
        // GetFunction leaves out the tags for whoever may not list them, and a plan would want to set them anew.
        'lambda:ListTags',
        'lambda:ListVersionsByFunction',
      ],
      resources: [arn('lambda', `function:${names.prefix}-*`)],
    },
    {
      actions: ['application-autoscaling:ListTagsForResource'],
      resources: [arn('application-autoscaling', 'scalable-target/*')],
    },
    {
      actions: ['events:DescribeRule', 'events:ListTagsForResource', 'events:ListTargetsByRule'],
      resources: [arn('events', `rule/${names.prefix}-*`)],
    },
    {
      actions: ['sqs:GetQueueAttributes', 'sqs:ListQueueTags'],
      resources: [arn('sqs', `${names.prefix}-*`)],
    },
    {
      actions: ['sns:GetSubscriptionAttributes', 'sns:GetTopicAttributes', 'sns:ListTagsForResource'],
      resources: [arn('sns', `${names.prefix}-*`)],
    },
    {
      // The number of workers, which Terraform reads at each plan; the stacks keep nothing else there.
      actions: ['ssm:GetParameter', 'ssm:ListTagsForResource'],
      resources: [arn('ssm', `parameter${names.workerDesiredCountParameter}`)],
    },
    {
      actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListTagsForResource'],
      resources: [arn('cloudwatch', `alarm:${names.prefix}-*`)],
    },
    {
      actions: ['cloudwatch:GetDashboard'],
      resources: [`arn:aws:cloudwatch::${accountId}:dashboard/${names.prefix}`],
    },
    {
      actions: ['logs:DescribeMetricFilters', 'logs:ListTagsForResource'],
      resources: [
        arn('logs', `log-group:/${APPLICATION}/${environment.name}/*`),
        arn('logs', `log-group:/aws/lambda/${names.prefix}-*`),
      ],
    },
    {
      actions: [
        'wafv2:GetLoggingConfiguration',
        'wafv2:GetWebACL',
        'wafv2:GetWebACLForResource',
        'wafv2:ListTagsForResource',
      ],
      resources: [
        arn('wafv2', `regional/webacl/${names.prefix}/*`),
        arn('elasticloadbalancing', `loadbalancer/app/${names.prefix}/*`),
      ],
    },
    { actions: BUCKET_READS, resources: [accessLogBucketArn(scope)] },
  ];
}

/** The bucket of the environment's access logs, whatever its region: a plan reads its settings, and no log. */
export function accessLogBucketArn({ names, accountId }: PolicyScope): string {
  return `arn:aws:s3:::aws-waf-logs-${names.prefix}-${accountId}-*`;
}

/** The settings of a bucket that the provider reads for each of its resources. `ListBucket` is for HeadBucket. */
const BUCKET_READS = [
  's3:GetAccelerateConfiguration',
  's3:GetBucketAcl',
  's3:GetBucketCORS',
  's3:GetBucketLogging',
  's3:GetBucketObjectLockConfiguration',
  's3:GetBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketRequestPayment',
  's3:GetBucketTagging',
  's3:GetBucketVersioning',
  's3:GetBucketWebsite',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListBucket',
];

/** IAM knows no resource for these, or none whose name is known before: whoever may describe one may describe all. */
const DESCRIBED_WITHOUT_ARN = [
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingPolicies',
  'ec2:DescribeAddresses',
  'ec2:DescribeAddressesAttribute',
  'ec2:DescribeFlowLogs',
  'ec2:DescribeInternetGateways',
  'ec2:DescribeNatGateways',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribePrefixLists',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroupRules',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcAttribute',
  'ec2:DescribeVpcEndpoints',
  'ec2:DescribeVpcs',
  'ecs:DescribeTaskDefinition',
  'elasticloadbalancing:DescribeCapacityReservation',
  'elasticloadbalancing:DescribeListenerAttributes',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'logs:DescribeLogGroups',
  'ssm:DescribeParameters',
];

/** The policies of the plan role, by name. */
export function planPolicies(scope: PolicyScope): Record<string, PolicyStatement[]> {
  return {
    'read-state': [listStates(scope), { actions: ['s3:GetObject'], resources: stateArns(scope) }],
    describe: describeStatements(scope),
  };
}
