import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ROLLBACK_TABLE_ACCESS } from '../../../alarms/rollback/config';
import { FUNCTION_TIMEOUT_MS } from '../../../alarms/rollback/time-budget';
import type { ServiceVariables } from '../../variables/declare-service-variables';
import {
  grantPartitionAccess,
  grantPublish,
  grantReadWriteParameter,
  grantScaleService,
  grantSend,
  grantWriteLogs,
} from '../grants';
import { lambdaRuntime, providerVersion } from './lambda-runtime';
import { RollbackCode } from './rollback-code';
import { rollbackFunctionEnvironment, type RollbackEnvironmentValues } from './rollback-environment';

/**
 * For how long an event that could not be delivered is tried again, by EventBridge and then by Lambda. People were told
 * at the alarm that the worker is being stopped: a quarter of an hour later they must know that it was not. Lambda's two
 * retries of a run that failed, one and two minutes later, fit in.
 */
export const EVENT_MAX_AGE_SECONDS = 900;

/**
 * More than the code needs. But CPU comes in proportion to memory, and a first run is mostly that: loading the SDK, and
 * handshakes with four services. It runs for a few seconds a month, so it costs nothing.
 */
const MEMORY_MIB = 512;

export interface RollbackFunctionProps extends RollbackEnvironmentValues {
  table: DynamodbTable;
  /** Gets the events with which the function has failed for good. */
  deadLetters: SqsQueue;
  variables: Pick<
    ServiceVariables,
    'rollbackJobsRunner' | 'rollbackReservedConcurrency' | 'logRetentionDays'
  >;
}

/**
 * The function that carries out the rollback, its role and its log. It may change one service, one parameter and two
 * partitions of the table, and tell one topic; the API's service is out of its reach.
 */
export class RollbackFunction extends Construct {
  readonly resource: LambdaFunction;
  /** What must exist before the first event comes. */
  readonly prerequisites: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: RollbackFunctionProps) {
    super(scope, id);
    const { names, variables, deadLetters } = props;
    const logGroup = new CloudwatchLogGroup(this, 'log-group', {
      name: names.rollbackLogGroup,
      retentionInDays: variables.logRetentionDays.numberValue,
    });
    const role = this.#role(names.rollbackFunction);
    const policies = [
      grantScaleService(role, props.workerService),
      grantReadWriteParameter(role, props.desiredCountParameter),
      grantPartitionAccess(role, props.table, ROLLBACK_TABLE_ACCESS),
      grantPublish(role, props.topic),
      // With these Lambda itself works for the function.
      grantWriteLogs(role, logGroup),
      grantSend(role, deadLetters),
    ];
    const code = new RollbackCode(this, 'code');
    this.resource = new LambdaFunction(this, 'Default', {
      functionName: names.rollbackFunction,
      description: 'Stops the worker, or takes the jobs from the API, when an alarm asks for it.',
      role: role.arn,
      packageType: 'Zip',
      filename: code.path,
      sourceCodeHash: code.sha256,
      runtime: lambdaRuntime(providerVersion()),
      architectures: ['arm64'],
      handler: 'rollback.handler',
      timeout: FUNCTION_TIMEOUT_MS / 1_000,
      memorySize: MEMORY_MIB,
      environment: { variables: rollbackFunctionEnvironment(props) },
      reservedConcurrentExecutions: variables.rollbackReservedConcurrency.numberValue,
      // A group that Lambda makes by itself is kept for ever.
      dependsOn: [logGroup, ...policies],
    });
    const invokeConfig = new LambdaFunctionEventInvokeConfig(this, 'invoke-config', {
      functionName: this.resource.functionName,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: EVENT_MAX_AGE_SECONDS,
      destinationConfig: { onFailure: { destination: deadLetters.arn } },
      // Lambda checks the right to send.
      dependsOn: policies,
    });
    this.prerequisites = [...policies, invokeConfig];
  }

  #role(functionName: string): IamRole {
    return new IamRole(this, 'role', {
      name: functionName,
      description: 'What the rollback function may do.',
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    });
  }
}
