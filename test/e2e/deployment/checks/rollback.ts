/* eslint-disable jest/no-export -- a suite for deployment.test.ts to run */
import { createHash } from 'node:crypto';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  type FunctionConfiguration,
} from '@aws-sdk/client-lambda';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import {
  ALARM_NAMES,
  ALARMS,
  cloudWatchAlarmName,
  type AlarmDefinition,
} from '../../../../alarms/definitions';
import { parseRollbackConfig } from '../../../../alarms/rollback/config';
import { DeployedRole } from '../../delivery/policy-simulator';
import { lambdaRuntime, providerVersion } from '../../../../stacks/constructs/rollback/lambda-runtime';
import { only, present, serviceOf, type DeployedBroker } from '../support/deployed-broker';

interface Policy {
  Statement: { Principal: unknown; Action: string; Condition: Record<string, Record<string, string>> }[];
}

/** What carries out the rollback, who starts it, and what it may do. */
export function describeRollback(deployed: () => DeployedBroker, zip: () => Buffer): void {
  const functionOf = async (): Promise<FunctionConfiguration> => {
    const { clients, names } = deployed();
    const command = new GetFunctionCommand({ FunctionName: names.rollbackFunction });
    return present((await clients.lambda.send(command)).Configuration);
  };

  it('has a rule that passes the alarms that ask for something, when they go off', async () => {
    const { clients, names } = deployed();
    const asking = ALARM_NAMES.filter((name) => {
      const { triggersRollback, stopsApiJobs }: AlarmDefinition = ALARMS[name];
      return triggersRollback || stopsApiJobs;
    });
    const { MetricAlarms } = await clients.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: asking.map((name) => cloudWatchAlarmName(names.prefix, name)),
      }),
    );
    const { EventPattern, State } = await clients.events.send(
      new DescribeRuleCommand({ Name: names.rollbackFunction }),
    );
    const pattern = JSON.parse(present(EventPattern)) as { resources: string[] };

    expect(State).toBe('ENABLED');
    expect(pattern).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: expect.any(Array) as unknown,
      detail: { state: { value: ['ALARM'] } },
    });
    expect(pattern.resources.toSorted()).toEqual(MetricAlarms?.map((alarm) => alarm.AlarmArn).sort());
    expect(MetricAlarms).toHaveLength(5);
  });

  it('gives the events to the function alone, and the function takes them from the rule alone', async () => {
    const { clients, names } = deployed();
    const { Arn: ruleArn } = await clients.events.send(
      new DescribeRuleCommand({ Name: names.rollbackFunction }),
    );
    const { Targets } = await clients.events.send(
      new ListTargetsByRuleCommand({ Rule: names.rollbackFunction }),
    );
    const { Policy: policy } = await clients.lambda.send(
      new GetPolicyCommand({ FunctionName: names.rollbackFunction }),
    );

    expect(only(Targets).Arn).toBe((await functionOf()).FunctionArn);
    expect(only((JSON.parse(present(policy)) as Policy).Statement)).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Condition: { ArnLike: { 'AWS:SourceArn': ruleArn } },
    });
  });

  it('runs the code that was synthesized, on the newest Node.js of the provider on ARM64', async () => {
    expect(await functionOf()).toMatchObject({
      CodeSha256: createHash('sha256').update(zip()).digest('base64'),
      Runtime: lambdaRuntime(providerVersion()),
      Architectures: ['arm64'],
      PackageType: 'Zip',
      Handler: 'rollback.handler',
      Timeout: 60,
    });
  });

  it('gives the function an environment that it accepts, and that names what is deployed', async () => {
    const { clients, names, environment } = deployed();
    const variables = (await functionOf()).Environment?.Variables ?? {};
    const { Topics } = await clients.sns.send(new ListTopicsCommand({}));
    const service = await serviceOf(deployed(), 'workerService');

    // Lambda itself adds the region.
    const config = parseRollbackConfig({ ...variables, AWS_REGION: environment.awsRegion });
    expect(config).toMatchObject({
      environmentName: environment.name,
      worker: {
        service: service.serviceName,
        desiredCountParameter: names.workerDesiredCountParameter,
      },
      jobsRunner: 'api',
      table: { tableNames: environment.tableNames, endpoint: undefined },
    });
    expect(service.clusterArn?.endsWith(`/${config.worker.cluster}`)).toBe(true);
    expect(Topics?.map((topic) => topic.TopicArn)).toContain(config.topicArn);
  });

  it('keeps the events that could not be delivered, or that the function failed on, for 14 days', async () => {
    const { clients, names } = deployed();
    const { QueueUrl } = await clients.sqs.send(
      new GetQueueUrlCommand({ QueueName: names.rollbackDeadLetters }),
    );
    const { Attributes } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const { Targets } = await clients.events.send(
      new ListTargetsByRuleCommand({ Rule: names.rollbackFunction }),
    );
    const invocation = await clients.lambda.send(
      new GetFunctionEventInvokeConfigCommand({ FunctionName: names.rollbackFunction }),
    );

    expect(Attributes).toMatchObject({
      MessageRetentionPeriod: String(14 * 86_400),
      SqsManagedSseEnabled: 'true',
    });
    expect(only(Targets)).toMatchObject({
      DeadLetterConfig: { Arn: Attributes?.QueueArn },
      RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 185 },
    });
    expect(invocation).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 900,
      DestinationConfig: { OnFailure: { Destination: Attributes?.QueueArn } },
    });
    const { Arn: ruleArn } = await clients.events.send(
      new DescribeRuleCommand({ Name: names.rollbackFunction }),
    );
    expect((JSON.parse(present(Attributes?.Policy)) as Policy).Statement).toEqual([
      expect.objectContaining({
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
      }),
    ]);
  });

  it('keeps the log of the function for 30 days', async () => {
    const { clients, names } = deployed();
    const { logGroups } = await clients.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: names.rollbackLogGroup }),
    );

    expect(names.rollbackLogGroup).toBe(`/aws/lambda/${String((await functionOf()).FunctionName)}`);
    expect(only(logGroups)).toMatchObject({ logGroupName: names.rollbackLogGroup, retentionInDays: 30 });
  });

  describe("the function's role", () => {
    interface Call {
      action: string;
      resource: string;
      partition?: string;
    }
    let role: DeployedRole;

    beforeAll(async () => {
      role = await DeployedRole.read(deployed().clients.iam, present((await functionOf()).Role));
    });

    const arn = (service: string, rest: string): string =>
      `arn:aws:${service}:${deployed().environment.awsRegion}:${String(role.arn.split(':')[4])}:${rest}`;
    const table = (): string => arn('dynamodb', `table/${deployed().environment.tableNames.table}`);
    const allowed = async (calls: Call[]): Promise<Call[]> => {
      const found: Call[] = [];
      for (const call of calls) {
        const context: Record<string, string[]> =
          call.partition === undefined ? {} : { 'dynamodb:LeadingKeys': [call.partition] };
        if (await role.mayDo(call, context)) found.push(call);
      }
      return found;
    };

    it('may do what the rollback does', async () => {
      const { cluster, workerService, workerDesiredCountParameter, prefix, rollbackDeadLetters } =
        deployed().names;
      const worker = arn('ecs', `service/${cluster}/${workerService}`);
      const parameter = arn('ssm', `parameter${workerDesiredCountParameter}`);
      const needed: Call[] = [
        { action: 'ecs:UpdateService', resource: worker },
        { action: 'ecs:DescribeServices', resource: worker },
        { action: 'ssm:GetParameter', resource: parameter },
        { action: 'ssm:PutParameter', resource: parameter },
        ...['CONTROL#jobs', 'ROLLBACK'].flatMap((partition) => [
          { action: 'dynamodb:GetItem', resource: table(), partition },
          { action: 'dynamodb:PutItem', resource: table(), partition },
        ]),
        { action: 'sns:Publish', resource: arn('sns', `${prefix}-alarms`) },
        { action: 'sqs:SendMessage', resource: arn('sqs', rollbackDeadLetters) },
        {
          action: 'logs:PutLogEvents',
          resource: arn('logs', `log-group:${deployed().names.rollbackLogGroup}:log-stream:any`),
        },
      ];

      expect(await allowed(needed)).toEqual(needed);
    });

    it('may stop no other service, touch no other parameter, no sandbox and no claim', async () => {
      const { cluster, apiService, workerService, apiLogGroup, prefix } = deployed().names;
      const worker = arn('ecs', `service/${cluster}/${workerService}`);
      const harm: Call[] = [
        { action: 'ecs:UpdateService', resource: arn('ecs', `service/${cluster}/${apiService}`) },
        { action: 'ecs:UpdateService', resource: arn('ecs', `service/sandbox-broker-prod/${workerService}`) },
        { action: 'ecs:DeleteService', resource: worker },
        {
          action: 'iam:PassRole',
          resource: arn('iam', `role/${workerService}-task`).replace('us-east-1', ''),
        },
        {
          action: 'ssm:PutParameter',
          resource: arn('ssm', 'parameter/sandbox-broker/prod/worker/desired-count'),
        },
        { action: 'ssm:PutParameter', resource: arn('ssm', 'parameter/somebody-elses') },
        { action: 'dynamodb:PutItem', resource: table(), partition: 'SBX#1' },
        { action: 'dynamodb:GetItem', resource: table(), partition: 'CLAIM#a#a' },
        { action: 'dynamodb:PutItem', resource: table(), partition: 'LEASE#sync' },
        { action: 'dynamodb:DeleteItem', resource: table(), partition: 'CONTROL#jobs' },
        { action: 'dynamodb:Scan', resource: table() },
        { action: 'sns:Publish', resource: arn('sns', 'somebody-elses') },
        { action: 'sns:SetTopicAttributes', resource: arn('sns', `${prefix}-alarms`) },
        { action: 'logs:CreateLogGroup', resource: arn('logs', 'log-group:new') },
        { action: 'logs:PutLogEvents', resource: arn('logs', `log-group:${apiLogGroup}:log-stream:any`) },
      ];

      expect(await allowed(harm)).toEqual([]);
    });
  });
}
