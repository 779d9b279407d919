import type { Express } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AccessWatch } from './access-watch';
import { AdminService } from './admin/admin-service';
import { AlarmBoard } from './admin/alarm-board';
import { CloudWatchAlarmStates } from './admin/cloudwatch-alarm-states';
import { JobsService } from './admin/jobs-service';
import { RollbackList } from './admin/rollback-list';
import { AllocationService } from './allocation/allocation-service';
import { CandidateFinder } from './allocation/candidate-finder';
import { systemClock } from './allocation/clock';
import { composeJobs, type JobSystem, type Stores } from './compose-jobs';
import type { ApiConfig } from './config';
import { bundledConsoleAssets } from './console/console-assets';
import { PortalCheck } from './jobs/portal-check';
import { HttpCspClient } from './csp/http-csp-client';
import type { JobsConfig, TableConfig } from './environment';
import { OverdueJobs } from './jobs/overdue-jobs';
import type { Scheduler } from './jobs/scheduler';
import { Lifecycle } from './lifecycle';
import type { Logger } from './logger';
import { Metrics } from './metrics';
import { PoolGauges } from './pool-gauges';
import { Readiness } from './readiness';
import type { Refusal } from './refusal';
import { refusalLog } from './refusal-log';
import { createServer } from './server';
import { StatusReport } from './status-report';
import { registerClockOffset } from './clock-metric';
import { createDynamoClient } from './store/dynamo-client';
import { DynamoInventoryStore } from './store/dynamo-inventory-store';
import { DynamoJobStore } from './store/dynamo-job-store';
import { DynamoPortalBindings } from './store/dynamo-portal-bindings';
import { DynamoRollbackHistory } from './store/dynamo-rollback-history';
import { DynamoSandboxStore } from './store/dynamo-sandbox-store';
import { tableClockOf } from './store/observe-table-time';
import type { RollbackHistory } from './store/rollback-history';
import type { TableClock } from './store/table-clock';
import { registerUnreadableRecords } from './unreadable-metric';

/*
 * The composition root: the one place that knows which adapter stands behind which port.
 */

/**
 * The table behind its ports. `close` ends its connections.
 *
 * @param onCall is told how each call to DynamoDB ended: with an error, or (`undefined`) without one.
 */
export function createStores(
  config: TableConfig,
  logger: Logger,
  onCall?: (error: unknown) => void,
): Stores & { rollbackHistory: RollbackHistory; clock: TableClock; close: () => void } {
  const client = createDynamoClient(config, onCall);
  const clock = tableClockOf(client, (offsetMs) => {
    if (offsetMs === 0) logger.info({}, 'the clock of this process agrees with the table again');
    else
      logger.error(
        { offset_ms: offsetMs },
        'the clock of this process is wrong: using the time of the table',
      );
  });
  return {
    clock,
    store: new DynamoSandboxStore(client, config.tableNames, logger),
    inventory: new DynamoInventoryStore(client, config.tableNames, logger),
    jobStore: new DynamoJobStore(client, config.tableNames),
    bindings: new DynamoPortalBindings(client, config.tableNames),
    rollbackHistory: new DynamoRollbackHistory(client, config.tableNames),
    close: () => {
      client.destroy();
    },
  };
}

/** Everything that a process which runs jobs has: the worker is nothing else. */
export function composeWorker(
  config: { table: TableConfig; accessDeniedExitMs: number; jobs: JobsConfig },
  logger: Logger,
): JobSystem & { readiness: Readiness; accessLost: Promise<unknown>; registry: Registry; close: () => void } {
  const access = new AccessWatch(systemClock, config.accessDeniedExitMs);
  const { close, ...stores } = createStores(config.table, logger, access.onCall);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerClockOffset(registry, stores.clock);
  registerUnreadableRecords(registry);
  const csp = new HttpCspClient({ ...config.jobs.csp, logger });
  return {
    ...composeJobs('worker', config.jobs, stores, csp, registry, logger),
    readiness: new Readiness(stores.store, stores.clock),
    accessLost: access.lost,
    registry,
    close,
  };
}

/** The API process, ready to be served. */
export interface Api {
  app: Express;
  lifecycle: Lifecycle;
  readiness: Readiness;
  /** See `AccessWatch.lost`. */
  accessLost: Promise<unknown>;
  /** Runs the jobs while it is the API's turn. */
  scheduler: Scheduler;
  statusReport: StatusReport;
  /** To be told of what the listener refuses. */
  onRefusal: (refusal: Refusal) => void;
  close: () => void;
}

/** Everything that the API process has. */
export function composeApi(config: ApiConfig, logger: Logger): Api {
  const random = Math.random;
  const access = new AccessWatch(systemClock, config.accessDeniedExitMs);
  const { close, ...stores } = createStores(config.table, logger, access.onCall);
  const { store, inventory, jobStore, rollbackHistory, clock } = stores;
  const metrics = new Metrics();
  registerClockOffset(metrics.registry, clock);
  registerUnreadableRecords(metrics.registry);
  const service = new AllocationService(
    {
      store,
      finder: new CandidateFinder(store, clock, random, { poolNamePrefix: config.jobs.namePrefix }),
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
  const csp = new HttpCspClient({ ...config.jobs.csp, logger });
  const { jobs, runner, scheduler } = composeJobs('api', config.jobs, stores, csp, metrics.registry, logger);
  const { intervalSeconds } = config.jobs;
  const portal = new PortalCheck(stores.bindings, config.jobs.csp.baseUrl, clock);
  const administration = {
    admin: new AdminService({ store, inventory, portal, clock, random, logger }),
    jobs,
    jobsService: new JobsService({
      runner,
      store: jobStore,
      clock,
      logger,
      intervalSeconds,
      leaseTtlMs: config.jobs.leaseTtlMs,
    }),
    rollbacks: new RollbackList(rollbackHistory, clock),
    alarms: new AlarmBoard(alarmStates(config), clock, logger),
  };
  const lifecycle = new Lifecycle();
  const readiness = new Readiness(store, clock);
  const gauges = new PoolGauges(store, metrics, clock, logger, config.metricsCacheMs);
  const app = createServer({
    config,
    service,
    administration,
    consoleAssets: bundledConsoleAssets(),
    lifecycle,
    readiness,
    metrics,
    gauges,
    logger,
  });
  const overdueJobs = new OverdueJobs(jobStore, clock, config.jobs);
  const statusReport = new StatusReport(
    { lifecycle, readiness, gauges, overdueJobs, circuitState: () => csp.circuitState, logger },
    config.statusReport,
  );
  const onRefusal = refusalLog(logger, metrics, clock);
  return { app, lifecycle, readiness, accessLost: access.lost, scheduler, statusReport, onRefusal, close };
}

/** The alarms in CloudWatch; none where no deployment has named any. */
function alarmStates({ alarmNames, table }: ApiConfig): CloudWatchAlarmStates | undefined {
  return alarmNames.length === 0 ? undefined : new CloudWatchAlarmStates(alarmNames, table.region);
}
