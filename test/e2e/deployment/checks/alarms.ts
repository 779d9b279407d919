/* eslint-disable jest/no-export -- a suite for deployment.test.ts to run */
import {
  GetDashboardCommand,
  paginateDescribeAlarms,
  type Metric,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { paginateDescribeMetricFilters, type MetricFilter } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { GetWebACLForResourceCommand } from '@aws-sdk/client-wafv2';
import { ALARMS, ROLLBACK_ALARMS, type AlarmDefinition } from '../../../../alarms/definitions';
import { only, present, type DeployedBroker } from '../support/deployed-broker';

/** The sets of dimensions under which AWS keeps the metrics that we watch; under any other set there is no data. */
const DIMENSIONS_BY_NAMESPACE: Record<string, string[]> = {
  'AWS/ECS': ['ClusterName,ServiceName'],
  'ECS/ContainerInsights': ['ClusterName,ServiceName'],
  'AWS/WAFV2': ['Region,Rule,WebACL'],
  'AWS/ApplicationELB': ['LoadBalancer', 'LoadBalancer,TargetGroup'],
  'AWS/DynamoDB': ['TableName', 'GlobalSecondaryIndexName,TableName'],
  'AWS/Lambda': ['FunctionName'],
  'AWS/Events': ['RuleName'],
  'AWS/SQS': ['QueueName'],
};

const DEFINITIONS: Record<string, AlarmDefinition> = { ...ALARMS, ...ROLLBACK_ALARMS };

/** What wakes people, and what it looks at. */
export function describeAlarms(deployed: () => DeployedBroker): void {
  it('has every alarm of the definitions, and no other', async () => {
    const names = Object.keys(DEFINITIONS).map((name) => alarmName(deployed(), name));

    expect((await ourAlarms(deployed())).map((alarm) => alarm.AlarmName).sort()).toEqual(names.sort());
  });

  it.each([
    ['worker_cpu_high', 'CPUUtilization', 'workerService'],
    ['worker_memory_high', 'MemoryUtilization', 'workerService'],
    ['api_cpu_high', 'CPUUtilization', 'apiService'],
    ['api_memory_high', 'MemoryUtilization', 'apiService'],
  ] as const)('has %s watch the %s of the real %s', async (name, metricName, which) => {
    const { clients, names } = deployed();
    const { clusters } = await clients.ecs.send(new DescribeClustersCommand({ clusters: [names.cluster] }));
    const { clusterName } = only(clusters);
    const services = (await clients.ecs.send(new ListServicesCommand({ cluster: clusterName }))).serviceArns;
    const serviceName = only(services?.map(lastPart).filter((service) => service === names[which]));

    const alarm = (await ourAlarms(deployed())).find((one) => one.AlarmName === alarmName(deployed(), name));
    expect(alarm).toMatchObject({
      Namespace: 'AWS/ECS',
      MetricName: metricName,
      Statistic: 'Average',
      Period: 300,
      EvaluationPeriods: 2,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 80,
    });
    expect(byName(alarm?.Dimensions)).toEqual({ ClusterName: clusterName, ServiceName: serviceName });
  });

  it('has all alarms watch only what exists, under dimensions that AWS keeps', async () => {
    const real = await realNames(deployed());
    const custom = new Set((await ourFilters(deployed())).flatMap(metricsMadeBy));

    const isReal = ({ Namespace = '', MetricName = '', Dimensions }: Metric): boolean => {
      const dimensions = Object.entries(byName(Dimensions));
      if (Namespace === deployed().names.metricNamespace) {
        return dimensions.length === 0 && custom.has(`${Namespace} ${MetricName}`);
      }
      const names = dimensions.map(([name]) => name).sort();
      const isKept = DIMENSIONS_BY_NAMESPACE[Namespace]?.includes(names.join()) ?? false;
      return isKept && dimensions.every(([name, value]) => real[name]?.includes(value));
    };

    const watched = (await ourAlarms(deployed())).flatMap((alarm) =>
      metricsOf(alarm).map((metric) => ({ alarm: alarm.AlarmName, metric })),
    );
    expect(watched.filter(({ metric }) => !isReal(metric))).toEqual([]);
    expect(watched.length).toBeGreaterThanOrEqual(Object.keys(DEFINITIONS).length);
  });

  it('has all alarms tell the topic, when they begin and when they end, and say what missing data means', async () => {
    const topics = (await deployed().clients.sns.send(new ListTopicsCommand({}))).Topics ?? [];
    const prefix = `${deployed().names.prefix}-`;
    const topic = only(
      topics.filter(({ TopicArn }) => lastPart(String(TopicArn)).startsWith(prefix)),
    ).TopicArn;

    for (const [name, definition] of Object.entries(DEFINITIONS)) {
      const alarm = (await ourAlarms(deployed())).find(
        (one) => one.AlarmName === alarmName(deployed(), name),
      );
      expect(alarm).toMatchObject({
        AlarmActions: [topic],
        OKActions: [topic],
        ActionsEnabled: true,
        TreatMissingData: definition.missingData,
        AlarmDescription: expect.stringContaining(definition.runbook) as string,
      });
    }
  });

  it('makes no metric from the logs that neither an alarm nor the dashboard reads', async () => {
    const { clients, names } = deployed();
    const { DashboardBody } = await clients.cloudWatch.send(
      new GetDashboardCommand({ DashboardName: names.prefix }),
    );
    const read = JSON.stringify(await ourAlarms(deployed())) + present(DashboardBody);

    const unread = (await ourFilters(deployed()))
      .flatMap(metricsMadeBy)
      .filter((metric) => !read.includes(`"${lastWord(metric)}"`));
    expect(unread).toEqual([]);
  });
}

/** The alarm's name in CloudWatch: fixed, so that people and rules may know it. */
function alarmName({ names }: DeployedBroker, name: string): string {
  return `${names.prefix}-${name.replaceAll('_', '-')}`;
}

/** Without those that autoscaling makes for itself. */
async function ourAlarms({ clients, names }: DeployedBroker): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  const query = { AlarmNamePrefix: `${names.prefix}-` };
  for await (const page of paginateDescribeAlarms({ client: clients.cloudWatch }, query)) {
    found.push(...(page.MetricAlarms ?? []));
  }
  return found;
}

async function ourFilters({ clients, names }: DeployedBroker): Promise<MetricFilter[]> {
  const found: MetricFilter[] = [];
  for (const logGroupName of [names.apiLogGroup, names.workerLogGroup]) {
    for await (const page of paginateDescribeMetricFilters({ client: clients.logs }, { logGroupName })) {
      found.push(...(page.metricFilters ?? []));
    }
  }
  return found;
}

function metricsMadeBy({ metricTransformations }: MetricFilter): string[] {
  return (metricTransformations ?? []).map(
    ({ metricNamespace, metricName }) => `${String(metricNamespace)} ${String(metricName)}`,
  );
}

/** The metric of a plain alarm, or those of its formula. */
function metricsOf(alarm: MetricAlarm): Metric[] {
  if (alarm.MetricName !== undefined) return [alarm];
  const metrics = (alarm.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  if (metrics.length === 0) throw new Error(`${String(alarm.AlarmName)} watches nothing.`);
  return metrics;
}

/** The values that a dimension can have, read from the account. */
async function realNames({ clients, names, environment }: DeployedBroker): Promise<Record<string, string[]>> {
  const { clusters } = await clients.ecs.send(new DescribeClustersCommand({ clusters: [names.cluster] }));
  const { serviceArns } = await clients.ecs.send(new ListServicesCommand({ cluster: names.cluster }));
  const balancers = await clients.loadBalancing.send(
    new DescribeLoadBalancersCommand({ Names: [names.prefix] }),
  );
  const balancer = only(balancers.LoadBalancers);
  const { TargetGroups } = await clients.loadBalancing.send(
    new DescribeTargetGroupsCommand({ LoadBalancerArn: balancer.LoadBalancerArn }),
  );
  const { Table } = await clients.dynamoDb.send(
    new DescribeTableCommand({ TableName: environment.tableNames.table }),
  );
  const { Configuration } = await clients.lambda.send(
    new GetFunctionCommand({ FunctionName: names.rollbackFunction }),
  );
  const { WebACL } = await clients.waf.send(
    new GetWebACLForResourceCommand({ ResourceArn: balancer.LoadBalancerArn }),
  );
  const { Rules } = await clients.events.send(new ListRulesCommand({ NamePrefix: names.prefix }));
  const { QueueUrls } = await clients.sqs.send(new ListQueuesCommand({ QueueNamePrefix: names.prefix }));
  return {
    FunctionName: [present(Configuration?.FunctionName)],
    RuleName: [present(only(Rules).Name)],
    QueueName: [lastPart(only(QueueUrls))],
    ClusterName: [present(only(clusters).clusterName)],
    ServiceName: present(serviceArns).map(lastPart),
    // CloudWatch knows both by the end of their ARNs: app/<name>/<id> and targetgroup/<name>/<id>.
    LoadBalancer: [present(balancer.LoadBalancerArn).replace(/^.*:loadbalancer\//, '')],
    TargetGroup: [present(only(TargetGroups).TargetGroupArn).replace(/^.*:(?=targetgroup\/)/, '')],
    // CloudWatch knows the firewall by the name of its metrics, which need not be its own.
    WebACL: [present(WebACL?.VisibilityConfig?.MetricName)],
    Region: [environment.awsRegion],
    Rule: ['ALL'],
    TableName: [present(Table?.TableName)],
    GlobalSecondaryIndexName: (Table?.GlobalSecondaryIndexes ?? []).map((index) => present(index.IndexName)),
  };
}

function byName(dimensions: Metric['Dimensions']): Record<string, string> {
  return Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [String(Name), String(Value)]));
}

function lastPart(arn: string): string {
  return arn.split(/[/:]/).at(-1) ?? arn;
}

function lastWord(text: string): string {
  return text.split(' ').at(-1) ?? text;
}
