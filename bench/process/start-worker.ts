import { join } from 'node:path';
import { LOCAL_AWS_ENVIRONMENT } from '../../local/engine/local-credentials';
import type { LocalSystem } from '../../local/local-system';
import { startBrokerProcess, type BrokerInstance } from '../../local/processes/broker-process';
import { CleanupStack } from '../../local/processes/cleanup-stack';
import { Watchdog } from '../../local/processes/watchdog';

/** A worker that was started when it was wanted, not with its system. */
export interface LateWorker extends BrokerInstance {
  stop(): Promise<void>;
}

/** Starts a worker beside a running system. Its jobs are due at once if no worker has ever run there. */
export async function startLateWorker(
  system: LocalSystem,
  bundleDirectory: string,
  environment: Record<string, string> = {},
): Promise<LateWorker> {
  const cleanups = new CleanupStack();
  const watchdog = new Watchdog();
  cleanups.add(() => watchdog.stop());
  const { tableNames } = system;
  try {
    const instance = await startBrokerProcess(
      {
        role: 'worker',
        entry: join(bundleDirectory, 'worker.js'),
        port: 'free',
        portVariable: 'WORKER_PORT',
        environment: {
          ...LOCAL_AWS_ENVIRONMENT,
          DDB_ENDPOINT_URL: system.dynamodbEndpoint,
          DDB_TABLE_NAME: tableNames.table,
          DDB_GSI1_NAME: tableNames.statusIndex,
          DDB_GSI2_NAME: tableNames.trackIndex,
          DDB_GSI3_NAME: tableNames.nameIndex,
          CSP_BASE_URL: system.cspUrl,
          CSP_API_TOKEN: system.cspApiToken,
          ...environment,
        },
        watchdog,
      },
      cleanups,
    );
    return { ...instance, stop: () => cleanups.run() };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}
