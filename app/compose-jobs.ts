import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import type { Clock } from './allocation/clock';
import type { CspClient } from './csp/csp-client';
import type { JobsConfig } from './environment';
import { AutoDeleteStaleJob } from './jobs/auto-delete-stale-job';
import { AutoExpiryJob } from './jobs/auto-expiry-job';
import { CleanupJob } from './jobs/cleanup-job';
import type { Job } from './jobs/job';
import { JobMetrics } from './jobs/job-metrics';
import { JobRunner } from './jobs/job-runner';
import { pause } from './jobs/pause';
import { PortalCheck } from './jobs/portal-check';
import { patientStore } from './jobs/repeat-patiently';
import { RunnerSwitch } from './jobs/runner-switch';
import { Scheduler } from './jobs/scheduler';
import { SyncJob } from './jobs/sync-job';
import type { Logger } from './logger';
import type { InventoryStore } from './store/inventory-store';
import type { JobsRunner, JobStore } from './store/job-store';
import type { PortalBindingStore } from './store/portal-binding';
import type { SandboxStore } from './store/sandbox-store';

/** The faces of the one table. */
export interface Stores {
  store: SandboxStore;
  inventory: InventoryStore;
  jobStore: JobStore;
  bindings: PortalBindingStore;
  /** The time of the table, for whatever is stored in it. */
  clock: Clock;
}

export interface Jobs {
  sync: Job;
  /** Binds the table to the portal first, if it is bound to none. */
  initialisingSync: Job;
  cleanup: Job;
  autoExpiry: Job;
  autoDeleteStale: (gracePeriodSeconds?: number) => Job;
}

/** The jobs of one process, and who starts them. */
export interface JobSystem {
  jobs: Jobs;
  runner: JobRunner;
  scheduler: Scheduler;
}

/** The jobs on their ports. The same in the worker and in the API process; `me` is whose turn it has to be. */
export function composeJobs(
  me: Exclude<JobsRunner, 'none'>,
  config: JobsConfig,
  { store, inventory, jobStore, bindings, clock }: Stores,
  csp: CspClient,
  registry: Registry,
  logger: Logger,
): JobSystem {
  const random = Math.random;
  const time = { clock, random };
  const portal = new PortalCheck(bindings, config.csp.baseUrl, clock);
  const { namePrefix } = config;
  const tools = {
    store: patientStore(store, ['getSandbox', 'getClaim', 'countByStatus'], time),
    inventory: patientStore(
      inventory,
      ['listByStatus', 'listByCaller', 'listByName', 'countGivenUp', 'accountHolder', 'scan'],
      time,
    ),
    csp,
    portal,
    pause,
    ...time,
  };
  const jobs: Jobs = {
    sync: new SyncJob(tools, { namePrefix }),
    initialisingSync: new SyncJob(tools, { namePrefix, initialiseBy: 'admin API' }),
    cleanup: new CleanupJob(tools, { ...config.cleanup, namePrefix }),
    autoExpiry: new AutoExpiryJob(tools, config.gracePeriodSeconds, config.labDurationSeconds),
    autoDeleteStale: (gracePeriodSeconds = config.staleGracePeriodSeconds) =>
      new AutoDeleteStaleJob(tools, gracePeriodSeconds),
  };
  const runner = new JobRunner(
    // A lease is renewed, and taken, again and again by itself.
    {
      store: patientStore(jobStore, ['getRun', 'recordRun', 'releaseLease'], time),
      clock,
      random,
      logger,
      events: new JobMetrics(registry, () => csp.circuitState),
    },
    {
      // Tells people where it runs, and never repeats: not after a restart either.
      holder: `${me}/${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
      leaseTtlMs: config.leaseTtlMs,
      intervalSeconds: config.intervalSeconds,
    },
  );
  const scheduler = new Scheduler([jobs.sync, jobs.cleanup, jobs.autoExpiry, jobs.autoDeleteStale()], {
    runner,
    runnerSwitch: new RunnerSwitch(me, jobStore, clock, logger),
    store: jobStore,
    clock,
    logger,
  });
  return { jobs, runner, scheduler };
}
