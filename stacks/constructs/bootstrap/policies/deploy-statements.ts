import { APPLICATION, TARGET_GROUP_NAME_PREFIX } from '../../../names';
import { imageStatements } from './image-statements';
import { accessLogBucketArn, describeStatements, listStates, stateArns } from './plan-statements';
import { arnIn, type PolicyScope, type PolicyStatement } from './policy-statement';
import { roleStatements } from './role-statements';

/**
 * The policies of the deploy role, by name: all that a deploy makes and changes, and nothing that reads what is in it. What
 * holds data (table, secrets, images) it may not delete: that is a person's work (docs/deploy.md, "Destroying").
 */
export function deployPolicies(scope: PolicyScope): Record<string, PolicyStatement[]> {
  return {
    'keep-state': stateStatements(scope),
    describe: describeStatements(scope),
    'change-network': [{ actions: NETWORK_ACTIONS, resources: ['*'] }],
    'change-data': dataStatements(scope),
    'change-services': serviceStatements(scope),
    'change-logs': logStatements(scope),
    'change-roles': roleStatements(scope),
  };
}

/** Each state, and the lock file beside it. */
function stateStatements(scope: PolicyScope): PolicyStatement[] {
  const states = stateArns(scope);
  return [
    listStates(scope),
    { actions: ['s3:GetObject', 's3:PutObject'], resources: states },
    {
      actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      resources: states.map((state) => `${state}.tflock`),
    },
  ];
}

/** Most of them know no name: what is made has an id that nobody knows before. */
const NETWORK_ACTIONS = [
  'ec2:AllocateAddress',
  'ec2:AssociateRouteTable',
  'ec2:AttachInternetGateway',
  'ec2:AuthorizeSecurityGroupEgress',
  'ec2:AuthorizeSecurityGroupIngress',
  'ec2:CreateFlowLogs',
  'ec2:CreateInternetGateway',
  'ec2:CreateNatGateway',
  'ec2:CreateRoute',
  'ec2:CreateRouteTable',
  'ec2:CreateSecurityGroup',
  'ec2:CreateSubnet',
  'ec2:CreateTags',
  'ec2:CreateVpc',
  'ec2:CreateVpcEndpoint',
  'ec2:DeleteFlowLogs',
  'ec2:DeleteInternetGateway',
  'ec2:DeleteNatGateway',
  'ec2:DeleteRoute',
  'ec2:DeleteRouteTable',
  'ec2:DeleteSecurityGroup',
  'ec2:DeleteSubnet',
  'ec2:DeleteTags',
  'ec2:DeleteVpc',
  'ec2:DeleteVpcEndpoints',
  // Asked before a subnet or a security group is deleted: whether something still hangs on it.
  'ec2:DescribeNetworkInterfaces',
  'ec2:DetachInternetGateway',
  'ec2:DisassociateAddress',
  'ec2:DisassociateRouteTable',
  'ec2:ModifySecurityGroupRules',
  'ec2:ModifySubnetAttribute',
  'ec2:ModifyVpcAttribute',
  'ec2:ModifyVpcEndpoint',
  'ec2:ReleaseAddress',
  'ec2:ReplaceRoute',
  'ec2:ReplaceRouteTableAssociation',
  'ec2:RevokeSecurityGroupEgress',
  'ec2:RevokeSecurityGroupIngress',
  'ec2:UpdateSecurityGroupRuleDescriptionsEgress',
  'ec2:UpdateSecurityGroupRuleDescriptionsIngress',
];

function dataStatements(scope: PolicyScope): PolicyStatement[] {
  const { environment, names } = scope;
  const arn = arnIn(scope);
  return [
    {
      actions: [
        'dynamodb:CreateTable',
        'dynamodb:TagResource',
        'dynamodb:UntagResource',
        'dynamodb:UpdateContinuousBackups',
        'dynamodb:UpdateTable',
        'dynamodb:UpdateTimeToLive',
      ],
      resources: [arn('dynamodb', `table/${environment.tableNames.table}`)],
    },
    {
      actions: [
        'secretsmanager:CreateSecret',
        'secretsmanager:TagResource',
        'secretsmanager:UntagResource',
        'secretsmanager:UpdateSecret',
      ],
      resources: [arn('secretsmanager', `secret:${APPLICATION}/${environment.name}/*`)],
    },
    {
      actions: [
        'ecr:CreateRepository',
        'ecr:DeleteLifecyclePolicy',
        'ecr:PutImageScanningConfiguration',
        'ecr:PutImageTagMutability',
        'ecr:PutLifecyclePolicy',
        'ecr:TagResource',
        'ecr:UntagResource',
      ],
      resources: [arn('ecr', `repository/${names.prefix}`)],
    },
    ...(environment.isProduction ? promotionStatements(scope) : []),
  ];
}

/** Images of production are copied from dev, in this or another account, whose repository has to agree. */
function promotionStatements(scope: PolicyScope): PolicyStatement[] {
  const { awsRegion } = scope.environment;
  return [
    ...imageStatements(scope),
    {
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [`arn:aws:ecr:${awsRegion}:*:repository/${APPLICATION}-dev`],
    },
  ];
}

function serviceStatements(scope: PolicyScope): PolicyStatement[] {
  const { environment, names, accountId } = scope;
  const { prefix } = names;
  const arn = arnIn(scope);
  const balancing = (kind: string): string => arn('elasticloadbalancing', `${kind}/${prefix}*`);
  return [
    {
      actions: [
        'ecs:CreateCluster',
        'ecs:CreateService',
        'ecs:DeleteCluster',
        'ecs:DeleteService',
        'ecs:PutClusterCapacityProviders',
        'ecs:RegisterTaskDefinition',
        'ecs:TagResource',
        'ecs:UntagResource',
        'ecs:UpdateCluster',
        'ecs:UpdateClusterSettings',
        'ecs:UpdateService',
      ],
      resources: [
        arn('ecs', `cluster/${names.cluster}`),
        arn('ecs', `service/${names.cluster}/*`),
        arn('ecs', `task-definition/${prefix}-*:*`),
      ],
    },
    {
      actions: [
        'elasticloadbalancing:AddTags',
        'elasticloadbalancing:CreateListener',
        'elasticloadbalancing:CreateLoadBalancer',
        'elasticloadbalancing:CreateRule',
        'elasticloadbalancing:CreateTargetGroup',
        'elasticloadbalancing:DeleteListener',
        'elasticloadbalancing:DeleteLoadBalancer',
        'elasticloadbalancing:DeleteRule',
        'elasticloadbalancing:DeleteTargetGroup',
        'elasticloadbalancing:ModifyListener',
        'elasticloadbalancing:ModifyListenerAttributes',
        'elasticloadbalancing:ModifyLoadBalancerAttributes',
        'elasticloadbalancing:ModifyRule',
        'elasticloadbalancing:ModifyTargetGroup',
        'elasticloadbalancing:ModifyTargetGroupAttributes',
        'elasticloadbalancing:RemoveTags',
        'elasticloadbalancing:SetSecurityGroups',
        'elasticloadbalancing:SetSubnets',
        // The firewall is put before the load balancer with a right on each of them.
        'elasticloadbalancing:SetWebACL',
        'wafv2:AssociateWebACL',
        'wafv2:CreateWebACL',
        'wafv2:DeleteWebACL',
        'wafv2:DisassociateWebACL',
        'wafv2:TagResource',
        'wafv2:UntagResource',
        'wafv2:UpdateWebACL',
      ],
      resources: [
        balancing('loadbalancer/app'),
        arn('elasticloadbalancing', `targetgroup/${TARGET_GROUP_NAME_PREFIX}*`),
        balancing('listener/app'),
        balancing('listener-rule/app'),
        arn('wafv2', `regional/webacl/${prefix}*`),
        // A web ACL is made with a right on the lists of AWS that it names.
        arn('wafv2', 'regional/managedruleset/*'),
      ],
    },
    {
      actions: [
        'application-autoscaling:DeleteScalingPolicy',
        'application-autoscaling:DeregisterScalableTarget',
        'application-autoscaling:PutScalingPolicy',
        'application-autoscaling:RegisterScalableTarget',
        'application-autoscaling:TagResource',
        'application-autoscaling:UntagResource',
      ],
      resources: [arn('application-autoscaling', 'scalable-target/*')],
    },
    {
      actions: [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:DeleteDashboards',
        'cloudwatch:PutDashboard',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
      resources: [
        arn('cloudwatch', `alarm:${prefix}-*`),
        `arn:aws:cloudwatch::${accountId}:dashboard/${prefix}*`,
      ],
    },
    {
      actions: [
        'logs:CreateLogGroup',
        'logs:DeleteLogGroup',
        'logs:DeleteMetricFilter',
        'logs:DeleteRetentionPolicy',
        'logs:PutMetricFilter',
        'logs:PutRetentionPolicy',
        'logs:TagResource',
        'logs:UntagResource',
      ],
      resources: [
        arn('logs', `log-group:/${APPLICATION}/${environment.name}/*`),
        arn('logs', `log-group:/aws/lambda/${prefix}-*`),
      ],
    },
    {
      actions: [
        'sns:CreateTopic',
        'sns:DeleteTopic',
        'sns:SetSubscriptionAttributes',
        'sns:SetTopicAttributes',
        'sns:Subscribe',
        'sns:TagResource',
        'sns:Unsubscribe',
        'sns:UntagResource',
        'sqs:CreateQueue',
        'sqs:DeleteQueue',
        'sqs:SetQueueAttributes',
        'sqs:TagQueue',
        'sqs:UntagQueue',
      ],
      resources: [arn('sns', `${prefix}-*`), arn('sqs', `${prefix}-*`)],
    },
    {
      actions: [
        'ssm:AddTagsToResource',
        'ssm:DeleteParameter',
        'ssm:PutParameter',
        'ssm:RemoveTagsFromResource',
      ],
      resources: [arn('ssm', `parameter/${APPLICATION}/${environment.name}/*`)],
    },
    {
      actions: [
        'events:DeleteRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
        'events:TagResource',
        'events:UntagResource',
        'lambda:AddPermission',
        'lambda:CreateFunction',
        'lambda:DeleteFunction',
        'lambda:DeleteFunctionConcurrency',
        'lambda:DeleteFunctionEventInvokeConfig',
        // An alarm that is on before its rule is made is handed over after the deploy.
        'lambda:InvokeFunction',
        'lambda:PutFunctionConcurrency',
        'lambda:PutFunctionEventInvokeConfig',
        'lambda:RemovePermission',
        'lambda:TagResource',
        'lambda:UntagResource',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
      ],
      resources: [arn('events', `rule/${prefix}-*`), arn('lambda', `function:${prefix}-*`)],
    },
  ];
}

/** Where AWS writes who called, and that it does. */
function logStatements(scope: PolicyScope): PolicyStatement[] {
  const { prefix } = scope.names;
  return [
    {
      actions: [
        's3:CreateBucket',
        's3:DeleteBucket',
        's3:DeleteBucketPolicy',
        's3:PutBucketPolicy',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketTagging',
        's3:PutEncryptionConfiguration',
        's3:PutLifecycleConfiguration',
      ],
      resources: [accessLogBucketArn(scope)],
    },
    {
      actions: ['wafv2:DeleteLoggingConfiguration', 'wafv2:PutLoggingConfiguration'],
      resources: [arnIn(scope)('wafv2', `regional/webacl/${prefix}*`)],
    },
    {
      // IAM knows no resource for these: AWS asks for them when flow logs or the firewall's log are switched on.
      actions: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:UpdateLogDelivery',
      ],
      resources: ['*'],
    },
  ];
}
