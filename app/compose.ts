import type { Express } from 'express';
import { AllocationService } from './allocation/allocation-service';
import { CandidateFinder } from './allocation/candidate-finder';
import { systemClock } from './allocation/clock';
import type { ApiConfig, TableConfig } from './config';
import { Lifecycle } from './lifecycle';
import type { Logger } from './logger';
import { Metrics } from './metrics';
import { PoolGauges } from './pool-gauges';
import { Readiness } from './readiness';
import { createServer } from './server';
import { createDynamoClient } from './store/dynamo-client';
import { DynamoSandboxStore } from './store/dynamo-sandbox-store';
import type { SandboxStore } from './store/sandbox-store';

/*
 * The composition root: the one place that knows which adapter stands behind which port.
 */

/** A store on the configured table. `close` ends its connections. */
export function createStore(config: TableConfig, logger: Logger): { store: SandboxStore; close: () => void } {
  const client = createDynamoClient(config);
  return {
    store: new DynamoSandboxStore(client, config.tableNames, logger),
    close: () => {
      client.destroy();
    },
  };
}

export interface Api {
  app: Express;
  lifecycle: Lifecycle;
  readiness: Readiness;
  close: () => void;
}

/** The API process, ready to be served. */
export function composeApi(config: ApiConfig, logger: Logger): Api {
  const clock = systemClock;
  const random = Math.random;
  const { store, close } = createStore(config.table, logger);
  const metrics = new Metrics();
  const service = new AllocationService(
    {
      store,
      finder: new CandidateFinder(store, clock, random),
      clock,
      random,
      logger,
      events: {
        onLostRace: () => {
          metrics.conflicts.inc();
        },
      },
    },
    {
      labDurationSeconds: config.labDurationSeconds,
      gracePeriodSeconds: config.gracePeriodSeconds,
      timeBudgetMs: config.allocateTimeBudgetMs,
    },
  );
  const lifecycle = new Lifecycle();
  const readiness = new Readiness(store, clock);
  const gauges = new PoolGauges(store, metrics, clock, logger, config.metricsCacheMs);
  const app = createServer({ config, service, lifecycle, readiness, metrics, gauges, logger });
  return { app, lifecycle, readiness, close };
}
