import { ECSClient } from '@aws-sdk/client-ecs';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Logger } from 'pino';
import type { TableConfig } from '../../app/environment';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import { DynamoRollbackHistory } from '../../app/store/dynamo-rollback-history';
import { tableClockOf } from '../../app/store/observe-table-time';
import { AlarmResponder } from './alarm-responder';
import type { RollbackConfig, WorkerTarget } from './config';
import { createAwsClient } from './create-aws-client';
import { EcsWorkerService } from './ecs-worker-service';
import { ManualRollback } from './manual-rollback';
import type { RollbackDependencies } from './rollback-dependencies';
import { SnsAnnouncer } from './sns-announcer';
import { SsmDesiredCountParameter } from './ssm-desired-count-parameter';
import { ECS_MAX_ATTEMPTS } from './time-budget';

/** What both the function and the on-call command line are made of: the same parts on the same AWS account. */
export function composeRollbackDependencies(
  { worker, table }: { worker: WorkerTarget; table: TableConfig },
  logger: Logger,
): RollbackDependencies {
  const { region } = table;
  const dynamo = createDynamoClient({ region, endpoint: table.endpoint });
  // The command line runs on people's machines: what it writes down is the time of the table.
  const clock = tableClockOf(dynamo);
  return {
    service: new EcsWorkerService(createAwsClient(ECSClient, { region }, ECS_MAX_ATTEMPTS), worker),
    parameter: new SsmDesiredCountParameter(
      createAwsClient(SSMClient, { region }),
      worker.desiredCountParameter,
    ),
    jobs: new DynamoJobStore(dynamo, table.tableNames),
    history: new DynamoRollbackHistory(dynamo, table.tableNames),
    nowMs: () => clock.nowMs(),
    logger,
  };
}

/** The automated rollback of one environment. */
export function composeAlarmResponder(config: RollbackConfig, logger: Logger): AlarmResponder {
  const sns = createAwsClient(SNSClient, { region: config.table.region });
  return new AlarmResponder({
    ...composeRollbackDependencies(config, logger),
    announcer: new SnsAnnouncer(sns, config.topicArn),
    jobsRunner: config.jobsRunner,
    environmentName: config.environmentName,
  });
}

/** The same by hand. */
export function composeManualRollback(
  config: { worker: WorkerTarget; table: TableConfig },
  logger: Logger,
): ManualRollback {
  return new ManualRollback(composeRollbackDependencies(config, logger));
}
