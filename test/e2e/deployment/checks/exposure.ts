/* eslint-disable jest/no-export -- a suite for deployment.test.ts to run */
import { DescribeTableCommand, DescribeContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeFlowLogsCommand,
  DescribeSecurityGroupsCommand,
  paginateDescribeSecurityGroupRules,
  type SecurityGroup,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetLoggingConfigurationCommand, GetWebACLForResourceCommand } from '@aws-sdk/client-wafv2';
import { only, present, serviceOf, type DeployedBroker } from '../support/deployed-broker';

/** Who can reach what, and what is kept safe. */
export function describeExposure(deployed: () => DeployedBroker): void {
  it('lets the world in to the load balancer only, over HTTP and HTTPS', async () => {
    const balancer = await loadBalancerOf(deployed());
    const rules = (await ingressRules(deployed())).filter((rule) => rule.ReferencedGroupInfo === undefined);

    expect(rules.map(({ GroupId, FromPort, ToPort }) => ({ GroupId, FromPort, ToPort }))).toEqual(
      expect.arrayContaining(
        [80, 443].map((port) => ({ GroupId: only(balancer.SecurityGroups), FromPort: port, ToPort: port })),
      ),
    );
    expect(rules).toHaveLength(2);
  });

  it('lets the load balancer alone in to the API, and nobody to the worker', async () => {
    const balancer = await loadBalancerOf(deployed());
    const groupOf = async (which: 'apiService' | 'workerService'): Promise<string> =>
      only((await serviceOf(deployed(), which)).networkConfiguration?.awsvpcConfiguration?.securityGroups);
    const [api, worker] = [await groupOf('apiService'), await groupOf('workerService')];
    const rules = await ingressRules(deployed());

    const toApi = rules.filter((rule) => rule.GroupId === api);
    expect(toApi.map((rule) => rule.ReferencedGroupInfo?.GroupId)).toEqual(balancer.SecurityGroups);
    expect(rules.filter((rule) => rule.GroupId === worker)).toEqual([]);
  });

  it('puts the firewall before the load balancer, with a limit on each address', async () => {
    const { LoadBalancerArn } = await loadBalancerOf(deployed());
    const { WebACL } = await deployed().clients.waf.send(
      new GetWebACLForResourceCommand({ ResourceArn: LoadBalancerArn }),
    );

    const limits = WebACL?.Rules?.flatMap((rule) => rule.Statement?.RateBasedStatement ?? []);
    expect(limits).toEqual([expect.objectContaining({ AggregateKeyType: 'IP', Limit: 20_000 })]);
    expect(WebACL?.DefaultAction).toEqual({ Allow: {} });
  });

  it('has the load balancer drop malformed headers and ask the API for its health', async () => {
    const { loadBalancing } = deployed().clients;
    const { LoadBalancerArn } = await loadBalancerOf(deployed());
    const { Attributes } = await loadBalancing.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    const { TargetGroups } = await loadBalancing.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));

    expect(Attributes).toContainEqual({
      Key: 'routing.http.drop_invalid_header_fields.enabled',
      Value: 'true',
    });
    expect(TargetGroups).toEqual([
      expect.objectContaining({ HealthCheckPath: '/healthz', TargetType: 'ip' }),
    ]);
  });

  it('logs every request, what the firewall stops and what the network refuses, into one bucket', async () => {
    const { clients, names } = deployed();
    const bucket = await accessLogBucketOf(deployed());
    const { LoadBalancerArn, VpcId } = await loadBalancerOf(deployed());
    const { Attributes } = await clients.loadBalancing.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    const { WebACL } = await clients.waf.send(
      new GetWebACLForResourceCommand({ ResourceArn: LoadBalancerArn }),
    );
    const { LoggingConfiguration } = await clients.waf.send(
      new GetLoggingConfigurationCommand({ ResourceArn: WebACL?.ARN }),
    );
    const { FlowLogs } = await clients.ec2.send(
      new DescribeFlowLogsCommand({ Filter: [{ Name: 'resource-id', Values: [present(VpcId)] }] }),
    );

    expect(Attributes).toEqual(
      expect.arrayContaining([
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: bucket },
      ]),
    );
    expect(LoggingConfiguration).toMatchObject({
      LogDestinationConfigs: [`arn:aws:s3:::${bucket}`],
      LoggingFilter: { DefaultBehavior: 'DROP' },
      RedactedFields: expect.arrayContaining([{ SingleHeader: { Name: 'authorization' } }]) as object,
    });
    expect(FlowLogs).toEqual([
      expect.objectContaining({ TrafficType: 'REJECT', LogDestination: `arn:aws:s3:::${bucket}` }),
    ]);
    expect(bucket).toContain(names.prefix);
  });

  it('keeps that bucket from the world, and its logs not for ever', async () => {
    const { buckets } = deployed().clients;
    const bucket = await accessLogBucketOf(deployed());
    const { Statement } = JSON.parse(await buckets.configuration(bucket, 'policy')) as {
      Statement: { Effect: string; Principal: unknown; Action: string | string[]; Condition?: object }[];
    };

    expect(await buckets.configuration(bucket, 'publicAccessBlock')).toMatch(/(<\w+>true<\/\w+>\s*){4}/);
    expect(await buckets.configuration(bucket, 'lifecycle')).toContain(
      `<Days>${deployed().environment.accessLogRetentionDays}</Days>`,
    );
    expect(Statement.filter(({ Effect }) => Effect === 'Deny')).toEqual([
      expect.objectContaining({
        Action: 's3:*',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ]);
    const letIn = Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => Principal);
    expect(letIn).toEqual([
      { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
      { Service: 'delivery.logs.amazonaws.com' },
      { Service: 'delivery.logs.amazonaws.com' },
    ]);
  });

  it('keeps the table encrypted and recoverable, and images checked and unchangeable', async () => {
    const { dynamoDb, ecr } = deployed().clients;
    const TableName = deployed().environment.tableNames.table;
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
    const { ContinuousBackupsDescription } = await dynamoDb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const { repositories } = await ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: [deployed().names.prefix] }),
    );

    // By a key of AWS's own, of which DynamoDB does not speak: docs/adr/0017.
    expect(Table?.SSEDescription?.KMSMasterKeyArn).toBeUndefined();
    expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      'ENABLED',
    );
    expect(only(repositories)).toMatchObject({
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
    });
  });
}

/** The bucket of the environment's access logs. */
async function accessLogBucketOf({ clients, names }: DeployedBroker): Promise<string> {
  const all = await clients.buckets.names();
  return only(all.filter((name) => name.startsWith(`aws-waf-logs-${names.prefix}-`)));
}

/** The load balancer of the environment. */
export async function loadBalancerOf({ clients, names }: DeployedBroker): Promise<LoadBalancer> {
  const { LoadBalancers } = await clients.loadBalancing.send(
    new DescribeLoadBalancersCommand({ Names: [names.prefix] }),
  );
  return only(LoadBalancers);
}

/** Of every security group in the environment's VPC, the default one included. */
async function ingressRules(broker: DeployedBroker): Promise<SecurityGroupRule[]> {
  const { ec2: client } = broker.clients;
  const groups = await securityGroups(broker);
  const rules: SecurityGroupRule[] = [];
  for await (const page of paginateDescribeSecurityGroupRules({ client }, {})) {
    rules.push(...(page.SecurityGroupRules ?? []));
  }
  return rules.filter(
    ({ IsEgress, GroupId }) => IsEgress === false && groups.some((one) => one.GroupId === GroupId),
  );
}

async function securityGroups(broker: DeployedBroker): Promise<SecurityGroup[]> {
  const vpc = present((await loadBalancerOf(broker)).VpcId);
  const { SecurityGroups } = await broker.clients.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
  );
  return present(SecurityGroups);
}
