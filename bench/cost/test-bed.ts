import { join } from 'node:path';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { BenchPool } from '../pool/bench-pool';
import { addPortalAccounts, inStock } from '../pool/portal-stock';
import type { BenchContext } from '../scenario';
import { startCapacityMeter, type CapacityMeter } from './capacity-meter';
import { sumOf, type MeteredCall } from './consumed-capacity';
import type { Usage } from './usage';

/** Two API processes with a capacity meter between them and the table, and no worker: nothing happens unasked. */
export interface TestBed {
  system: LocalSystem;
  meter: CapacityMeter;
  /** Adds accounts to the portal, and with `inPool` to the table, too. */
  addAccounts(count: number, options: { inPool: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a test bed with an empty portal and an empty table. */
export async function startTestBed({ bundleDirectory, signal }: BenchContext): Promise<TestBed> {
  let meter: CapacityMeter | undefined;
  const system = await startLocalSystem({
    sandboxCount: 0,
    apiEntry: join(bundleDirectory, 'api.js'),
    signal,
    apiEnvironment: {
      // A scrape after another second counts anew.
      METRICS_CACHE_SECONDS: '1',
      // Nobody gives up because the metering makes calls slow.
      ALLOCATE_TIME_BUDGET_MS: '30000',
      LOG_LEVEL: 'error',
    },
    processDynamodbEndpoint: async (engineEndpoint) => {
      meter = await startCapacityMeter(engineEndpoint);
      return meter.url;
    },
  });
  if (meter === undefined) throw new Error('The system has not asked where its table is');
  const started = meter;
  const pool = new BenchPool({ endpoint: system.dynamodbEndpoint, tableNames: system.tableNames });
  return {
    system,
    meter: started,
    addAccounts: async (count, { inPool }) => {
      const added = await addPortalAccounts(system, { count });
      if (inPool) await pool.add(inStock(added));
    },
    stop: async () => {
      pool.close();
      await system.stop();
      await started.stop();
    },
  };
}

/** A process looks every 8.5 seconds who runs the jobs, whatever else it does. */
export function isRunnerCheck({ operation, target }: MeteredCall): boolean {
  return operation === 'GetItem' && target === 'CONTROL#jobs';
}

/** What an action uses, apart from what the processes read now and then by themselves. */
export async function usageOf(meter: CapacityMeter, action: () => Promise<unknown>): Promise<Usage> {
  meter.take();
  await action();
  return sumOf(meter.take().filter((taken) => !isRunnerCheck(taken)));
}
