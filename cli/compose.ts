import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { STSClient } from '@aws-sdk/client-sts';
import { pino, type Logger } from 'pino';
import { composeRollbackDependencies } from '../alarms/rollback/compose';
import { createAwsClient } from '../alarms/rollback/create-aws-client';
import { ManualRollback } from '../alarms/rollback/manual-rollback';
import { createDynamoClient } from '../app/store/dynamo-client';
import { DynamoInventoryStore } from '../app/store/dynamo-inventory-store';
import { DynamoJobStore } from '../app/store/dynamo-job-store';
import { DynamoPortalBindings } from '../app/store/dynamo-portal-bindings';
import { DynamoRollbackHistory } from '../app/store/dynamo-rollback-history';
import { DynamoSandboxStore } from '../app/store/dynamo-sandbox-store';
import { CloudWatchAlarmStates } from './alarms/cloudwatch-alarm-states';
import { StsCallerIdentity } from './caller-identity';
import { localRollbackDependencies } from './local-rollback';
import type { Platform } from './platform';
import { EcsDeployedServices } from './services/ecs-deployed-services';
import type { AwsTarget, Target } from './target';

/** The real parts of a target. A verbose command line logs every failed call to standard error. */
export function composePlatform(target: Target, { isVerbose }: { isVerbose: boolean }): Platform {
  const logger = pino({ level: isVerbose ? 'debug' : 'silent' }, pino.destination({ fd: 2, sync: true }));
  const { region, endpoint, tableNames } = target.table;
  const dynamo = createDynamoClient({ region, endpoint });
  const pool = new DynamoSandboxStore(dynamo, tableNames, logger);
  const inventory = new DynamoInventoryStore(dynamo, tableNames, logger);
  const stores = {
    jobs: new DynamoJobStore(dynamo, tableNames),
    history: new DynamoRollbackHistory(dynamo, tableNames),
    pool,
    inventory,
    bindings: new DynamoPortalBindings(dynamo, tableNames),
    replay: { store: pool, inventory },
    logger,
  };
  if (target.kind === 'local') {
    const parts = { ...stores, nowMs: () => Date.now() };
    return {
      ...stores,
      manualRollback: (wantedWorkers) => new ManualRollback(localRollbackDependencies(parts, wantedWorkers)),
    };
  }
  return { ...stores, ...composeAws(target, logger) };
}

function composeAws(target: AwsTarget, logger: Logger): Pick<Platform, 'aws' | 'manualRollback'> {
  const { cluster, workerService: service, desiredCountParameter, table } = target;
  const rollback = composeRollbackDependencies(
    { worker: { cluster, service, desiredCountParameter }, table },
    logger,
  );
  const { region } = table;
  return {
    manualRollback: () => new ManualRollback(rollback),
    aws: {
      services: new EcsDeployedServices(createAwsClient(ECSClient, { region }), cluster),
      parameter: rollback.parameter,
      alarms: new CloudWatchAlarmStates(
        createAwsClient(CloudWatchClient, { region }),
        target.alarmNamePrefix,
      ),
      identity: new StsCallerIdentity(createAwsClient(STSClient, { region })),
    },
  };
}
