import {
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
} from '@aws-sdk/client-application-auto-scaling';
import { paginateDescribeAlarms, paginateListDashboards } from '@aws-sdk/client-cloudwatch';
import { paginateDescribeLogGroups, paginateDescribeMetricFilters } from '@aws-sdk/client-cloudwatch-logs';
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { paginateDescribeRepositories } from '@aws-sdk/client-ecr';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  ListServicesCommand,
  paginateListClusters,
  paginateListTaskDefinitions,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { paginateListRoles } from '@aws-sdk/client-iam';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateListSecrets } from '@aws-sdk/client-secrets-manager';
import { paginateListSubscriptions, paginateListTopics } from '@aws-sdk/client-sns';
import { paginateListQueues } from '@aws-sdk/client-sqs';
import { paginateDescribeParameters } from '@aws-sdk/client-ssm';
import { ListLoggingConfigurationsCommand, ListWebACLsCommand } from '@aws-sdk/client-wafv2';
import type { AccountClients } from './account-clients';
import { all, defined, type InventoryKind } from './inventory-kind';
import { NETWORK_KINDS } from './network-inventory';

/** Everything that an account can hold of what we deploy. A Terraform type that is in none of them fails a test. */
const KINDS: Record<string, InventoryKind> = {
  ...NETWORK_KINDS,
  table: {
    terraformTypes: ['aws_dynamodb_table'],
    list: ({ dynamoDb: client }) => all(paginateListTables({ client }, {}), ({ TableNames }) => TableNames),
  },
  bucket: {
    terraformTypes: [
      'aws_s3_bucket',
      'aws_s3_bucket_lifecycle_configuration',
      'aws_s3_bucket_policy',
      'aws_s3_bucket_public_access_block',
      'aws_s3_bucket_server_side_encryption_configuration',
    ],
    list: ({ buckets }) => buckets.names(),
  },
  secret: {
    terraformTypes: ['aws_secretsmanager_secret'],
    list: ({ secrets: client }) =>
      all(paginateListSecrets({ client }, { IncludePlannedDeletion: true }), ({ SecretList }) =>
        SecretList?.map((one) => one.Name),
      ),
  },
  'image repository': {
    terraformTypes: ['aws_ecr_repository', 'aws_ecr_lifecycle_policy'],
    list: ({ ecr: client }) =>
      all(paginateDescribeRepositories({ client }, {}), ({ repositories }) =>
        repositories?.map((one) => one.repositoryName),
      ),
  },
  cluster: {
    terraformTypes: ['aws_ecs_cluster'],
    list: ({ ecs }) => listClusters(ecs),
  },
  service: {
    terraformTypes: ['aws_ecs_service'],
    list: ({ ecs }) => listServices(ecs),
  },
  'task definition': {
    terraformTypes: ['aws_ecs_task_definition'],
    list: async ({ ecs: client }) => {
      const active = all(paginateListTaskDefinitions({ client }, {}), (page) => page.taskDefinitionArns);
      const inactive = all(paginateListTaskDefinitions({ client }, { status: 'INACTIVE' }), (page) =>
        // Kept, but ECS refuses to run it: no revision to go back to.
        page.taskDefinitionArns?.map((arn) => `${arn} (INACTIVE)`),
      );
      return [...(await active), ...(await inactive)];
    },
  },
  'load balancer': {
    terraformTypes: ['aws_lb', 'aws_wafv2_web_acl_association'],
    list: ({ loadBalancing }) => listLoadBalancers(loadBalancing),
  },
  listener: {
    terraformTypes: ['aws_lb_listener'],
    list: ({ loadBalancing }) => listListeners(loadBalancing),
  },
  'listener rule': {
    terraformTypes: ['aws_lb_listener_rule'],
    list: ({ loadBalancing }) => listListenerRules(loadBalancing),
  },
  'target group': {
    terraformTypes: ['aws_lb_target_group'],
    list: ({ loadBalancing: client }) =>
      all(paginateDescribeTargetGroups({ client }, {}), ({ TargetGroups }) =>
        TargetGroups?.map((one) => one.TargetGroupArn),
      ),
  },
  'web ACL': {
    terraformTypes: ['aws_wafv2_web_acl'],
    list: async ({ waf }) =>
      defined((await waf.send(new ListWebACLsCommand({ Scope: 'REGIONAL' }))).WebACLs?.map((one) => one.ARN)),
  },
  'web ACL log': {
    terraformTypes: ['aws_wafv2_web_acl_logging_configuration'],
    list: async ({ waf }) =>
      defined(
        (
          await waf.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL' }))
        ).LoggingConfigurations?.map((one) => one.ResourceArn),
      ),
  },
  'log group': {
    terraformTypes: ['aws_cloudwatch_log_group'],
    list: ({ logs: client }) =>
      all(paginateDescribeLogGroups({ client }, {}), ({ logGroups }) =>
        logGroups?.map((one) => one.logGroupName),
      ),
  },
  'metric filter': {
    terraformTypes: ['aws_cloudwatch_log_metric_filter'],
    list: ({ logs: client }) =>
      all(paginateDescribeMetricFilters({ client }, {}), ({ metricFilters }) =>
        metricFilters?.map((one) => one.filterName),
      ),
  },
  alarm: {
    terraformTypes: ['aws_cloudwatch_metric_alarm'],
    list: ({ cloudWatch: client }) =>
      all(paginateDescribeAlarms({ client }, {}), ({ MetricAlarms }) =>
        MetricAlarms?.map((one) => one.AlarmName),
      ),
  },
  dashboard: {
    terraformTypes: ['aws_cloudwatch_dashboard'],
    list: ({ cloudWatch: client }) =>
      all(paginateListDashboards({ client }, {}), ({ DashboardEntries }) =>
        DashboardEntries?.map((one) => one.DashboardName),
      ),
  },
  topic: {
    terraformTypes: ['aws_sns_topic', 'aws_sns_topic_policy'],
    list: ({ sns: client }) =>
      all(paginateListTopics({ client }, {}), ({ Topics }) => Topics?.map((one) => one.TopicArn)),
  },
  subscription: {
    terraformTypes: ['aws_sns_topic_subscription'],
    list: ({ sns: client }) =>
      all(paginateListSubscriptions({ client }, {}), ({ Subscriptions }) =>
        Subscriptions?.map((one) => one.SubscriptionArn),
      ),
  },
  role: {
    terraformTypes: ['aws_iam_role', 'aws_iam_role_policy'],
    list: ({ iam: client }) =>
      all(paginateListRoles({ client }, {}), ({ Roles }) => Roles?.map((one) => one.RoleName)),
  },
  function: {
    terraformTypes: [
      'aws_lambda_function',
      'aws_lambda_function_event_invoke_config',
      'aws_lambda_permission',
    ],
    list: ({ lambda: client }) =>
      all(paginateListFunctions({ client }, {}), ({ Functions }) =>
        Functions?.map((one) => one.FunctionName),
      ),
  },
  rule: {
    terraformTypes: ['aws_cloudwatch_event_rule', 'aws_cloudwatch_event_target'],
    list: async ({ events }) =>
      defined((await events.send(new ListRulesCommand({}))).Rules?.map((one) => one.Name)),
  },
  queue: {
    terraformTypes: ['aws_sqs_queue', 'aws_sqs_queue_policy'],
    list: ({ sqs: client }) =>
      all(paginateListQueues({ client }, {}), ({ QueueUrls }) =>
        // The URL depends on how the emulator was reached.
        QueueUrls?.map((url) => url.split('/').at(-1)),
      ),
  },
  parameter: {
    terraformTypes: ['aws_ssm_parameter'],
    list: ({ ssm: client }) =>
      all(paginateDescribeParameters({ client }, {}), ({ Parameters }) => Parameters?.map((one) => one.Name)),
  },
  'scalable target': {
    terraformTypes: ['aws_appautoscaling_target'],
    list: ({ autoScaling: client }) =>
      all(paginateDescribeScalableTargets({ client }, { ServiceNamespace: 'ecs' }), ({ ScalableTargets }) =>
        ScalableTargets?.map((one) => one.ResourceId),
      ),
  },
  'scaling policy': {
    terraformTypes: ['aws_appautoscaling_policy'],
    list: ({ autoScaling: client }) =>
      all(paginateDescribeScalingPolicies({ client }, { ServiceNamespace: 'ecs' }), ({ ScalingPolicies }) =>
        ScalingPolicies?.map((one) => one.PolicyName),
      ),
  },
};

/** Everything in the account, such as `table: SandboxPool-dev`. A new account is not empty: it has a default VPC. */
export async function accountInventory(clients: AccountClients): Promise<string[]> {
  const lists = Object.entries(KINDS).map(async ([kind, { list }]) =>
    (await list(clients)).map((id) => `${kind}: ${id}`),
  );
  return (await Promise.all(lists)).flat().sort();
}

/** The id of an inventory's line. */
export function idOf(thing: string): string {
  return thing.slice(thing.indexOf(': ') + 2);
}

/** The Terraform types that the inventory knows. */
export function inventoriedTypes(): string[] {
  return Object.values(KINDS).flatMap(({ terraformTypes }) => terraformTypes);
}

/** AWS may go on listing what was deleted, as INACTIVE; the emulator always does. */
async function listClusters(client: ECSClient): Promise<string[]> {
  const arns = await all(paginateListClusters({ client }, {}), ({ clusterArns }) => clusterArns);
  // Asked for none, AWS describes the default one.
  if (arns.length === 0) return [];
  const { clusters } = await client.send(new DescribeClustersCommand({ clusters: arns }));
  return defined(clusters?.filter((one) => one.status !== 'INACTIVE').map((one) => one.clusterArn));
}

async function listServices(client: ECSClient): Promise<string[]> {
  const lists = (await all(paginateListClusters({ client }, {}), ({ clusterArns }) => clusterArns)).map(
    async (cluster) => {
      const { serviceArns = [] } = await client.send(new ListServicesCommand({ cluster }));
      if (serviceArns.length === 0) return [];
      const { services } = await client.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
      return defined(services?.filter((one) => one.status !== 'INACTIVE').map((one) => one.serviceArn));
    },
  );
  return (await Promise.all(lists)).flat();
}

function listLoadBalancers(client: ElasticLoadBalancingV2Client): Promise<string[]> {
  return all(paginateDescribeLoadBalancers({ client }, {}), ({ LoadBalancers }) =>
    LoadBalancers?.map((one) => one.LoadBalancerArn),
  );
}

async function listListeners(client: ElasticLoadBalancingV2Client): Promise<string[]> {
  const lists = (await listLoadBalancers(client)).map(async (LoadBalancerArn) => {
    const { Listeners } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return defined(Listeners?.map((one) => one.ListenerArn));
  });
  return (await Promise.all(lists)).flat();
}

/** Without the one that every listener has by itself. */
async function listListenerRules(client: ElasticLoadBalancingV2Client): Promise<string[]> {
  const lists = (await listListeners(client)).map(async (ListenerArn) => {
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn }));
    return defined(Rules?.filter((one) => one.IsDefault !== true).map((one) => one.RuleArn));
  });
  return (await Promise.all(lists)).flat();
}
