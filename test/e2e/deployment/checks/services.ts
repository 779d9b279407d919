/* eslint-disable jest/no-export -- a suite for deployment.test.ts to run */
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { paginateListSecrets, type SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { only, present, serviceOf, taskDefinitionOf, type DeployedBroker } from '../support/deployed-broker';

const SECRET_VARIABLES = {
  apiService: ['BROKER_ADMIN_TOKEN', 'BROKER_API_TOKEN', 'CSP_API_TOKEN'],
  workerService: ['CSP_API_TOKEN'],
} as const;

/** What runs, at which size, with which rights to its own machine. */
export function describeServices(deployed: () => DeployedBroker): void {
  it('runs two tasks of the API, and lets two to ten of them run', async () => {
    const { clients, names } = deployed();
    expect((await serviceOf(deployed(), 'apiService')).desiredCount).toBe(2);

    const { ScalableTargets } = await clients.autoScaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }),
    );
    const resourceId = `service/${names.cluster}/${names.apiService}`;
    expect(ScalableTargets?.filter((target) => target.ResourceId === resourceId)).toEqual([
      expect.objectContaining({ MinCapacity: 2, MaxCapacity: 10 }),
    ]);
  });

  it('runs one worker of 256 CPU units and 512 MiB, as the parameter says, and never two at a time', async () => {
    const { clients, names } = deployed();
    const worker = await serviceOf(deployed(), 'workerService');
    const { Parameter } = await clients.ssm.send(
      new GetParameterCommand({ Name: names.workerDesiredCountParameter }),
    );

    expect(worker.desiredCount).toBe(1);
    expect(Parameter?.Value).toBe('1');
    expect(worker.deploymentConfiguration).toMatchObject({ minimumHealthyPercent: 0, maximumPercent: 100 });
    expect(worker.loadBalancers).toEqual([]);
    expect(await taskDefinitionOf(deployed(), 'workerService')).toMatchObject({ cpu: '256', memory: '512' });
  });

  it('rolls a failing deployment of the API back, also when one of its alarms goes off, and keeps all tasks meanwhile', async () => {
    const { clients } = deployed();
    const { deploymentConfiguration } = await serviceOf(deployed(), 'apiService');

    expect(deploymentConfiguration).toMatchObject({
      deploymentCircuitBreaker: { enable: true, rollback: true },
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      alarms: { enable: true, rollback: true },
    });
    const AlarmNames = deploymentConfiguration?.alarms?.alarmNames;
    const { MetricAlarms } = await clients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    expect(AlarmNames?.length).toBeGreaterThan(0);
    expect(MetricAlarms?.map((alarm) => alarm.AlarmName).sort()).toEqual([...present(AlarmNames)].sort());
  });

  describe.each(['apiService', 'workerService'] as const)('a task of the %s', (which) => {
    const containerOf = async (): Promise<ContainerDefinition> =>
      only((await taskDefinitionOf(deployed(), which)).containerDefinitions);

    it('runs on Fargate, on ARM64, in private subnets without a public address', async () => {
      const { runtimePlatform, requiresCompatibilities, networkMode } = await taskDefinitionOf(
        deployed(),
        which,
      );
      const { networkConfiguration } = await serviceOf(deployed(), which);

      expect(runtimePlatform).toEqual({ cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' });
      expect({ requiresCompatibilities, networkMode }).toEqual({
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
      });
      expect(networkConfiguration?.awsvpcConfiguration?.assignPublicIp).toBe('DISABLED');
    });

    it('has neither root nor privileges, cannot write to its disk, and is told to end before it is killed', async () => {
      const container = await containerOf();

      expect(container).toMatchObject({
        readonlyRootFilesystem: true,
        linuxParameters: { initProcessEnabled: true, capabilities: { add: [], drop: ['ALL'] } },
      });
      expect(container.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      // More than the app's own drain, and no more than Fargate grants.
      expect(container.stopTimeout).toBeGreaterThan(30);
      expect(container.stopTimeout).toBeLessThanOrEqual(120);
    });

    it('is asked for its health by a command that the image has', async () => {
      const { healthCheck } = await containerOf();

      expect(healthCheck?.command).toEqual([
        'CMD',
        'node',
        'dist/health-check.js',
        expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/healthz$/),
      ]);
    });

    it('gets its secrets by reference only, each from a secret that exists', async () => {
      const { environment, secrets } = await containerOf();
      const arns = new Map((await allSecrets(deployed())).map(({ ARN, Name }) => [ARN, Name]));

      expect(secrets?.map(({ name }) => name).sort()).toEqual(SECRET_VARIABLES[which]);
      for (const { name, valueFrom } of secrets ?? []) {
        // BROKER_API_TOKEN comes from …/broker-api-token.
        const ending = `/${present(name).toLowerCase().replaceAll('_', '-')}`;
        expect(arns.get(valueFrom)).toEqual(expect.stringMatching(new RegExp(`${ending}$`)));
      }
      expect(environment?.map(({ name }) => name)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/TOKEN|SECRET|PASSWORD/)]),
      );
    });

    it('works on the deployed table and its indexes', async () => {
      const { environment: variables } = await containerOf();
      const { clients, environment } = deployed();
      const { Table } = await clients.dynamoDb.send(
        new DescribeTableCommand({ TableName: environment.tableNames.table }),
      );
      const valueOf = (name: string): string | undefined =>
        variables?.find((variable) => variable.name === name)?.value;

      expect(valueOf('DDB_TABLE_NAME')).toBe(Table?.TableName);
      const indexes = ['DDB_GSI1_NAME', 'DDB_GSI2_NAME', 'DDB_GSI3_NAME'].map(valueOf).sort();
      expect(indexes).toEqual(Table?.GlobalSecondaryIndexes?.map((index) => index.IndexName).sort());
    });

    it('logs to a group that keeps logs for 30 days', async () => {
      const { logConfiguration } = await containerOf();
      const group = logConfiguration?.options?.['awslogs-group'];
      const { logGroups } = await deployed().clients.logs.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: group }),
      );

      expect(logConfiguration?.logDriver).toBe('awslogs');
      expect(logGroups).toEqual([expect.objectContaining({ logGroupName: group, retentionInDays: 30 })]);
    });

    it('has one role to be started with and another one to work with', async () => {
      const { executionRoleArn, taskRoleArn } = await taskDefinitionOf(deployed(), which);

      expect(executionRoleArn).toMatch(/:role\/.+-execution$/);
      expect(taskRoleArn).toMatch(/:role\/.+-task$/);
    });
  });
}

async function allSecrets({ clients }: DeployedBroker): Promise<SecretListEntry[]> {
  const found: SecretListEntry[] = [];
  for await (const page of paginateListSecrets({ client: clients.secrets }, {}))
    found.push(...(page.SecretList ?? []));
  return found;
}
