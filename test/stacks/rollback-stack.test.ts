import { lambdaRuntime, providerVersion } from '../../stacks/constructs/rollback/lambda-runtime';
import {
  ALARM_NAMES,
  ALARMS,
  ROLLBACK_ALARM_NAMES,
  ROLLBACK_ALARMS,
  type AlarmDefinition,
} from '../../alarms/definitions';
import { FUNCTION_TIMEOUT_MS } from '../../alarms/rollback/time-budget';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import {
  resourcesByAction,
  statementsOf,
  synthesizeRollbackStack,
  type Statement,
} from './service-stack-fixture';
import { onlyResource, resources, type SynthesizedStack } from './synthesized';

const NAMES = deployedNames(ENVIRONMENTS.dev);

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeRollbackStack();
});

/** `aws_x.id`, the only resource of its type. */
function addressOf(type: string): string {
  const [id, ...others] = Object.keys(resources(stack, type));
  if (id === undefined || others.length > 0) throw new Error(`Expected one ${type}.`);
  return `${type}.${id}`;
}

function addressesOf(type: string): string[] {
  return Object.keys(resources(stack, type)).map((id) => `${type}.${id}`);
}

/** Matches a reference to an output of the stack with this component whose name ends like this. */
function outputOf(component: string, end: string): unknown {
  return expect.stringMatching(
    new RegExp(
      `^\\$\\{data\\.terraform_remote_state\\.[\\w-]*-dev-${component}\\.outputs\\.[\\w-]*${end}\\}$`,
    ),
  );
}

describe('the rule', () => {
  interface Pattern {
    resources: string[];
  }

  it('passes only changes of an alarm to ALARM', () => {
    const { event_pattern } = onlyResource<{ event_pattern: string }>(stack, 'aws_cloudwatch_event_rule');
    expect(JSON.parse(event_pattern)).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: expect.any(Array) as unknown,
      detail: { state: { value: ['ALARM'] } },
    });
  });

  it('passes exactly the alarms that ask for something, by their ARNs', () => {
    const { event_pattern } = onlyResource<{ event_pattern: string }>(stack, 'aws_cloudwatch_event_rule');
    const asking = ALARM_NAMES.filter((name) => {
      const { triggersRollback, stopsApiJobs }: AlarmDefinition = ALARMS[name];
      return triggersRollback || stopsApiJobs;
    });

    expect(asking).toHaveLength(5);
    expect((JSON.parse(event_pattern) as Pattern).resources).toEqual(
      asking.map((name) =>
        outputOf('service', `aws_cloudwatch_metric_alarmalarms_${name.replaceAll('_', '-')}_\\w{8}arn`),
      ),
    );
  });

  it('gives the event to the function as it came, tries again, and keeps what it cannot deliver', () => {
    const target = onlyResource(stack, 'aws_cloudwatch_event_target');

    expect(target).toMatchObject({
      arn: `\${${addressOf('aws_lambda_function')}.arn}`,
      retry_policy: { maximum_event_age_in_seconds: 900, maximum_retry_attempts: 185 },
      dead_letter_config: { arn: `\${${addressOf('aws_sqs_queue')}.arn}` },
    });
    for (const changed of ['input', 'input_path', 'input_transformer'])
      expect(target).not.toHaveProperty(changed);
  });

  it('has a target only when all that the rollback needs is there', () => {
    const { depends_on } = onlyResource<{ depends_on: string[] }>(stack, 'aws_cloudwatch_event_target');
    const needed = [
      'aws_lambda_permission',
      'aws_sqs_queue_policy',
      'aws_iam_role_policy',
      'aws_lambda_function_event_invoke_config',
    ].flatMap(addressesOf);

    expect(depends_on.toSorted()).toEqual(needed.sort());
  });

  it('is the only one who may call the function', () => {
    expect(onlyResource(stack, 'aws_lambda_permission')).toMatchObject({
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      source_arn: `\${${addressOf('aws_cloudwatch_event_rule')}.arn}`,
      function_name: `\${${addressOf('aws_lambda_function')}.function_name}`,
    });
  });
});

describe('the function', () => {
  it('runs the bundle on Node.js 22 on ARM64, for as long as its calls may take', () => {
    expect(onlyResource(stack, 'aws_lambda_function')).toMatchObject({
      function_name: NAMES.rollbackFunction,
      runtime: lambdaRuntime(providerVersion()),
      architectures: ['arm64'],
      handler: 'rollback.handler',
      filename: 'assets/rollback.zip',
      source_code_hash: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as unknown,
      timeout: FUNCTION_TIMEOUT_MS / 1_000,
    });
  });

  it('is told what it acts on by reference to what is deployed', () => {
    const { environment } = onlyResource<{ environment: { variables: Record<string, string> } }>(
      stack,
      'aws_lambda_function',
    );

    expect(environment.variables).toEqual({
      SANDBOX_BROKER_ENV: 'dev',
      ECS_CLUSTER: outputOf('service', 'aws_ecs_clusterclustername'),
      WORKER_SERVICE: outputOf('service', 'aws_ecs_serviceworker-servicename'),
      WORKER_DESIRED_COUNT_PARAMETER: outputOf('service', 'aws_ssm_parameterworker-desired-countname'),
      ALARM_TOPIC_ARN: outputOf('service', 'aws_sns_topicalarms_topic_\\w{8}arn'),
      ALARM_NAME_PREFIX: NAMES.prefix,
      ROLLBACK_JOBS_RUNNER: '${var.rollback_jobs_runner}',
      DDB_TABLE_NAME: ENVIRONMENTS.dev.tableNames.table,
      DDB_GSI1_NAME: ENVIRONMENTS.dev.tableNames.statusIndex,
      DDB_GSI2_NAME: ENVIRONMENTS.dev.tableNames.trackIndex,
      DDB_GSI3_NAME: ENVIRONMENTS.dev.tableNames.nameIndex,
      LOG_LEVEL: 'info',
    });
  });

  it('shares the concurrency of the account, unless the variable reserves some', () => {
    expect(onlyResource(stack, 'aws_lambda_function')).toMatchObject({
      reserved_concurrent_executions: '${var.rollback_reserved_concurrency}',
    });
    expect(stack.variable?.rollback_reserved_concurrency).toMatchObject({ default: -1 });
  });

  it('is tried three times, and then leaves the event with the dead letters', () => {
    expect(onlyResource(stack, 'aws_lambda_function_event_invoke_config')).toMatchObject({
      maximum_retry_attempts: 2,
      maximum_event_age_in_seconds: 900,
      destination_config: { on_failure: { destination: `\${${addressOf('aws_sqs_queue')}.arn}` } },
    });
  });

  it('finds its log group made, under the name that Lambda writes to, with an end to what it keeps', () => {
    expect(onlyResource(stack, 'aws_cloudwatch_log_group')).toMatchObject({
      name: `/aws/lambda/${NAMES.rollbackFunction}`,
      retention_in_days: '${var.log_retention_days}',
    });
    const { depends_on } = onlyResource<{ depends_on: string[] }>(stack, 'aws_lambda_function');
    expect(depends_on).toContain(addressOf('aws_cloudwatch_log_group'));
  });
});

describe('the dead letters', () => {
  it('are kept encrypted for as long as SQS keeps anything', () => {
    expect(onlyResource(stack, 'aws_sqs_queue')).toMatchObject({
      sqs_managed_sse_enabled: true,
      message_retention_seconds: 14 * 86_400,
    });
  });

  it('come from the rule, and from nobody else without a role of this account', () => {
    const { policy } = onlyResource<{ policy: string }>(stack, 'aws_sqs_queue_policy');
    expect((JSON.parse(policy) as { Statement: unknown }).Statement).toEqual([
      {
        Sid: 'RollbackRule',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `\${${addressOf('aws_sqs_queue')}.arn}`,
        Condition: { ArnEquals: { 'aws:SourceArn': `\${${addressOf('aws_cloudwatch_event_rule')}.arn}` } },
      },
    ]);
  });
});

describe("the function's role", () => {
  const statements = (): Statement[] => statementsOf(stack, NAMES.rollbackFunction);

  it('may do just what the act needs, each to one resource', () => {
    expect(resourcesByAction(statements())).toEqual({
      'ecs:DescribeServices': [outputOf('service', 'aws_ecs_serviceworker-serviceid')],
      'ecs:UpdateService': [outputOf('service', 'aws_ecs_serviceworker-serviceid')],
      'ssm:GetParameter': [outputOf('service', 'aws_ssm_parameterworker-desired-countarn')],
      'ssm:PutParameter': [outputOf('service', 'aws_ssm_parameterworker-desired-countarn')],
      'dynamodb:GetItem': [outputOf('data', 'aws_dynamodb_tablesandbox-tablearn')],
      'dynamodb:PutItem': [outputOf('data', 'aws_dynamodb_tablesandbox-tablearn')],
      'sns:Publish': [outputOf('service', 'aws_sns_topicalarms_topic_\\w{8}arn')],
      'sqs:SendMessage': [`\${${addressOf('aws_sqs_queue')}.arn}`],
      'logs:CreateLogStream': [`\${${addressOf('aws_cloudwatch_log_group')}.arn}:*`],
      'logs:PutLogEvents': [`\${${addressOf('aws_cloudwatch_log_group')}.arn}:*`],
    });
    for (const { Effect } of statements()) expect(Effect).toBe('Allow');
  });

  it('reaches no sandbox and no claim in the table', () => {
    const onTable = statements().filter(({ Action }) =>
      Action.some((action) => action.startsWith('dynamodb:')),
    );
    expect(onTable.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['CONTROL#jobs', 'ROLLBACK'] } },
    ]);
  });

  it('is given to Lambda alone', () => {
    const { assume_role_policy } = onlyResource<{ assume_role_policy: string }>(stack, 'aws_iam_role');
    expect((JSON.parse(assume_role_policy) as { Statement: unknown }).Statement).toEqual([
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
    expect(stack.resource).not.toHaveProperty('aws_iam_role_policy_attachment');
  });
});

describe('the alarms on the rollback', () => {
  interface Term {
    metric?: { namespace: string; metric_name: string; dimensions: Record<string, string> };
    expression?: string;
  }
  interface Alarm {
    alarm_name: string;
    alarm_description: string;
    alarm_actions: string[];
    ok_actions: string[];
    metric_query?: Term[];
  }
  const alarms = (): Alarm[] => Object.values(resources<Alarm>(stack, 'aws_cloudwatch_metric_alarm'));
  const alarm = (name: string): Alarm | undefined =>
    alarms().find(({ alarm_name }) => alarm_name === `${NAMES.prefix}-${name}`);

  it('are made from their definitions, and tell the topic of the services', () => {
    expect(alarms()).toHaveLength(ROLLBACK_ALARM_NAMES.length);
    for (const name of ROLLBACK_ALARM_NAMES) {
      const { meaning, runbook } = ROLLBACK_ALARMS[name];
      const { alarm_description, alarm_actions, ok_actions } = alarm(name.replaceAll('_', '-')) ?? {};
      expect(alarm_description).toContain(meaning);
      expect(alarm_description).toContain(runbook);
      for (const actions of [alarm_actions, ok_actions]) {
        expect(actions).toEqual([outputOf('service', 'aws_sns_topicalarms_topic_\\w{8}arn')]);
      }
    }
  });

  it('watch this function and this rule', () => {
    const terms = (alarm('rollback-failed')?.metric_query ?? []).flatMap(({ metric }) => metric ?? []);
    const ofFunction = { FunctionName: `\${${addressOf('aws_lambda_function')}.function_name}` };
    const ofRule = { RuleName: `\${${addressOf('aws_cloudwatch_event_rule')}.name}` };

    expect(
      terms.map(({ namespace, metric_name, dimensions }) => [namespace, metric_name, dimensions]),
    ).toEqual([
      ['AWS/Lambda', 'Errors', ofFunction],
      ['AWS/Lambda', 'Throttles', ofFunction],
      ['AWS/Lambda', 'DestinationDeliveryFailures', ofFunction],
      ['AWS/Events', 'FailedInvocations', ofRule],
      ['AWS/Events', 'InvocationsFailedToBeSentToDlq', ofRule],
    ]);
  });

  it('watch this queue', () => {
    expect(alarm('rollback-dead-letters')).toMatchObject({
      namespace: 'AWS/SQS',
      metric_name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: `\${${addressOf('aws_sqs_queue')}.name}` },
      treat_missing_data: 'ignore',
    });
  });
});

describe('the stack', () => {
  it.each(Object.values(ENVIRONMENTS))(
    'can be deployed to $name without knowing the image',
    (environment) => {
      const { variable } = synthesizeRollbackStack(environment);
      expect(variable?.container_image).toMatchObject({ default: null });
    },
  );

  it('has nothing that another stack reads, so that it can be destroyed alone', () => {
    const outputs = Object.keys(stack.output ?? {});
    expect(outputs.sort()).toEqual(['dead_letter_queue_url', 'function_name']);
  });
});
