import {
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
} from '@aws-sdk/client-application-auto-scaling';
import { paginateDescribeAlarms, paginateListDashboards } from '@aws-sdk/client-cloudwatch';
import { paginateDescribeLogGroups, paginateDescribeMetricFilters } from '@aws-sdk/client-cloudwatch-logs';
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import {
  DescribeAddressesCommand,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import { paginateDescribeRepositories } from '@aws-sdk/client-ecr';
import { ListServicesCommand, paginateListClusters, paginateListTaskDefinitions } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { paginateListRoles } from '@aws-sdk/client-iam';
import { paginateListSecrets } from '@aws-sdk/client-secrets-manager';
import { paginateListSubscriptions, paginateListTopics } from '@aws-sdk/client-sns';
import { paginateDescribeParameters } from '@aws-sdk/client-ssm';
import { ListWebACLsCommand } from '@aws-sdk/client-wafv2';
import type { AccountClients } from './account-clients';

type Ids = (string | undefined)[] | undefined;

interface Kind {
  /** The Terraform types that show up in this list, be it as a part of what is listed. */
  terraformTypes: string[];
  list: (clients: AccountClients) => Promise<string[]>;
}

/** Everything that an account can hold of what we deploy. A Terraform type that is in none of them fails a test. */
const KINDS: Record<string, Kind> = {
  vpc: {
    terraformTypes: ['aws_vpc'],
    list: ({ ec2: client }) =>
      all(paginateDescribeVpcs({ client }, {}), ({ Vpcs }) => Vpcs?.map((one) => one.VpcId)),
  },
  subnet: {
    terraformTypes: ['aws_subnet'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSubnets({ client }, {}), ({ Subnets }) => Subnets?.map((one) => one.SubnetId)),
  },
  'internet gateway': {
    terraformTypes: ['aws_internet_gateway'],
    list: ({ ec2: client }) =>
      all(paginateDescribeInternetGateways({ client }, {}), ({ InternetGateways }) =>
        InternetGateways?.map((one) => one.InternetGatewayId),
      ),
  },
  'NAT gateway': {
    terraformTypes: ['aws_nat_gateway'],
    list: ({ ec2: client }) =>
      // A deleted one is shown for an hour.
      all(paginateDescribeNatGateways({ client }, {}), ({ NatGateways }) =>
        NatGateways?.filter((one) => one.State !== 'deleted').map((one) => one.NatGatewayId),
      ),
  },
  address: {
    terraformTypes: ['aws_eip'],
    list: async ({ ec2 }) =>
      defined((await ec2.send(new DescribeAddressesCommand({}))).Addresses?.map((one) => one.AllocationId)),
  },
  'route table': {
    terraformTypes: ['aws_route_table', 'aws_route', 'aws_route_table_association'],
    list: ({ ec2: client }) =>
      all(paginateDescribeRouteTables({ client }, {}), ({ RouteTables }) =>
        RouteTables?.map((one) => one.RouteTableId),
      ),
  },
  'security group': {
    // The default one lives and dies with its VPC.
    terraformTypes: ['aws_security_group', 'aws_default_security_group'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSecurityGroups({ client }, {}), ({ SecurityGroups }) =>
        SecurityGroups?.map((one) => one.GroupId),
      ),
  },
  'security group rule': {
    terraformTypes: ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSecurityGroupRules({ client }, {}), ({ SecurityGroupRules }) =>
        SecurityGroupRules?.map((one) => one.SecurityGroupRuleId),
      ),
  },
  'VPC endpoint': {
    terraformTypes: ['aws_vpc_endpoint', 'aws_vpc_endpoint_route_table_association'],
    list: ({ ec2: client }) =>
      all(paginateDescribeVpcEndpoints({ client }, {}), ({ VpcEndpoints }) =>
        VpcEndpoints?.filter((one) => String(one.State) !== 'deleted').map((one) => one.VpcEndpointId),
      ),
  },
  'network interface': {
    terraformTypes: [],
    list: ({ ec2: client }) =>
      all(paginateDescribeNetworkInterfaces({ client }, {}), ({ NetworkInterfaces }) =>
        NetworkInterfaces?.map((one) => one.NetworkInterfaceId),
      ),
  },
  table: {
    terraformTypes: ['aws_dynamodb_table'],
    list: ({ dynamoDb: client }) => all(paginateListTables({ client }, {}), ({ TableNames }) => TableNames),
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
    list: ({ ecs: client }) => all(paginateListClusters({ client }, {}), ({ clusterArns }) => clusterArns),
  },
  service: {
    terraformTypes: ['aws_ecs_service'],
    list: (clients) =>
      ofEach('cluster', clients, async (cluster) => {
        return (await clients.ecs.send(new ListServicesCommand({ cluster }))).serviceArns;
      }),
  },
  'task definition': {
    terraformTypes: ['aws_ecs_task_definition'],
    list: async ({ ecs: client }) => {
      const active = all(paginateListTaskDefinitions({ client }, {}), (page) => page.taskDefinitionArns);
      const inactive = all(
        paginateListTaskDefinitions({ client }, { status: 'INACTIVE' }),
        (page) => page.taskDefinitionArns,
      );
      return [...(await active), ...(await inactive)];
    },
  },
  'load balancer': {
    terraformTypes: ['aws_lb', 'aws_wafv2_web_acl_association'],
    list: ({ loadBalancing: client }) =>
      all(paginateDescribeLoadBalancers({ client }, {}), ({ LoadBalancers }) =>
        LoadBalancers?.map((one) => one.LoadBalancerArn),
      ),
  },
  listener: {
    terraformTypes: ['aws_lb_listener'],
    list: (clients) =>
      ofEach('load balancer', clients, async (LoadBalancerArn) => {
        const { Listeners } = await clients.loadBalancing.send(
          new DescribeListenersCommand({ LoadBalancerArn }),
        );
        return Listeners?.map((one) => one.ListenerArn);
      }),
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

/** The ids on all pages of a list. */
async function all<Page>(pages: AsyncIterable<Page>, idsOf: (page: Page) => Ids): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...defined(idsOf(page)));
  return ids;
}

/** What is listed under each thing of another kind. */
async function ofEach(
  kind: 'cluster' | 'load balancer',
  clients: AccountClients,
  idsUnder: (parent: string) => Promise<Ids>,
): Promise<string[]> {
  const parents = (await KINDS[kind]?.list(clients)) ?? [];
  const lists = await Promise.all(parents.map(idsUnder));
  return lists.flatMap(defined);
}

function defined(ids: Ids): string[] {
  return (ids ?? []).filter((id) => id !== undefined);
}
