import type { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import type { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { rollbackEnvironmentSchema, type RollbackEnvironment } from '../../../alarms/rollback/config';
import type { Environment } from '../../environments';
import type { DeployedNames } from '../../names';
import type { ServiceVariables } from '../../variables/declare-service-variables';
import { typedFunctionEnvironment } from '../typed-environment';

/** What the rollback acts on, and whom it tells. */
export interface RollbackSubject {
  cluster: EcsCluster;
  workerService: EcsService;
  desiredCountParameter: SsmParameter;
  topic: SnsTopic;
}

/** What the function's environment is made of. */
export interface RollbackEnvironmentValues extends RollbackSubject {
  environment: Environment;
  names: DeployedNames;
  variables: Pick<ServiceVariables, 'rollbackJobsRunner'>;
}

/** The environment of the rollback function. */
export function rollbackFunctionEnvironment(values: RollbackEnvironmentValues): Record<string, string> {
  const { tableNames } = values.environment;
  return typedFunctionEnvironment(rollbackEnvironmentSchema, {
    SANDBOX_BROKER_ENV: values.environment.name,
    ECS_CLUSTER: values.cluster.name,
    WORKER_SERVICE: values.workerService.name,
    WORKER_DESIRED_COUNT_PARAMETER: values.desiredCountParameter.name,
    ALARM_TOPIC_ARN: values.topic.arn,
    ALARM_NAME_PREFIX: values.names.prefix,
    // The variable's own rule lets no other word through.
    ROLLBACK_JOBS_RUNNER: values.variables.rollbackJobsRunner
      .stringValue as RollbackEnvironment['ROLLBACK_JOBS_RUNNER'],
    DDB_TABLE_NAME: tableNames.table,
    DDB_GSI1_NAME: tableNames.statusIndex,
    DDB_GSI2_NAME: tableNames.trackIndex,
    DDB_GSI3_NAME: tableNames.nameIndex,
    LOG_LEVEL: 'info',
  });
}
