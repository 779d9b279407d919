import { AdminService } from '../../app/admin/admin-service';
import { JobsService } from '../../app/admin/jobs-service';
import { AllocationService } from '../../app/allocation/allocation-service';
import { CandidateFinder } from '../../app/allocation/candidate-finder';
import type { Clock, Random } from '../../app/allocation/clock';
import type { CspClient } from '../../app/csp/csp-client';
import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import type { Job } from '../../app/jobs/job';
import { guardTable } from '../../app/jobs/guard-table';
import { JobRunner } from '../../app/jobs/job-runner';
import { PortalCheck } from '../../app/jobs/portal-check';
import { SyncJob } from '../../app/jobs/sync-job';
import type { JobName } from '../../app/store/job-store';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import { PORTAL_URL, type FakePortalBindings } from '../fakes/fake-portal-bindings';
import { silentLogger } from '../fakes/loggers';
import type { TablePorts } from './gated-ports';
import type { TimerOwner, VirtualTime } from './virtual-time';

export const LEASE_TTL_MS = 60_000;
export const MAX_DELETION_ATTEMPTS = 3;
export const STALE_GRACE_SECONDS = 3_600;

const TIME_BUDGET_MS = 2_000;
export const INTERVAL_SECONDS: Record<JobName, number> = {
  sync: 600,
  cleanup: 300,
  'auto-expiry': 300,
  'auto-delete-stale': 86_400,
};

/** A process corrects its clock by the time of the table when it is off by more than this, and a little. */
const MAX_UNCORRECTED_MS = 70_000;

/** A clock that may go wrong: the world's time, and how far this process is off. */
export class SkewedClock implements Clock {
  #skewMs: number;
  #leastMs: number;
  #mostMs: number;

  constructor(
    private readonly time: VirtualTime,
    private readonly owner: TimerOwner,
    skewMs: number,
  ) {
    this.#skewMs = this.#leastMs = this.#mostMs = skewMs;
  }

  nowMs(): number {
    return this.time.nowMs() + this.#skewMs;
  }

  monotonicMs(): number {
    return this.time.nowMs();
  }

  sleep(durationMs: number): Promise<void> {
    return this.time.sleep(this.owner, durationMs);
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  /** How far what the process goes by has been behind and ahead, given that it corrects what is more. */
  get extremesMs(): [number, number] {
    return [Math.min(0, bounded(this.#leastMs)), Math.max(0, bounded(this.#mostMs))];
  }

  jump(byMs: number): void {
    this.#skewMs += byMs;
    this.#leastMs = Math.min(this.#leastMs, this.#skewMs);
    this.#mostMs = Math.max(this.#mostMs, this.#skewMs);
  }

  /** Seconds that it may have shown since `monotonicMs`, at the least: as far back as it has ever been in this process. */
  earliestSeconds(sinceMonotonicMs: number): number {
    const passedMs = this.monotonicMs() - sinceMonotonicMs;
    return Math.floor((this.time.nowMs() - passedMs + this.extremesMs[0]) / 1000);
  }

  /** Seconds, if it were as far ahead as it has ever been in this process. */
  latestNowSeconds(): number {
    return Math.floor((this.time.nowMs() + this.extremesMs[1]) / 1000);
  }
}

function bounded(skewMs: number): number {
  return Math.max(-MAX_UNCORRECTED_MS, Math.min(MAX_UNCORRECTED_MS, skewMs));
}

/** Everything that one API process and worker have of the domain. */
export interface WorldServices {
  allocation: AllocationService;
  admin: AdminService;
  runner: JobRunner;
  jobsService: JobsService;
  jobs: Record<JobName, Job>;
  /** What is done once to a table that an earlier release filled; false if it has to be repeated. */
  guardTable: () => Promise<boolean>;
}

export interface ProcessPorts extends TablePorts {
  portal: CspClient;
  /** Which portal the table belongs to. */
  bindings: FakePortalBindings;
  /** The same table, for what admins do. */
  admin: Pick<TablePorts, 'store' | 'inventory'>;
}

/** The services of one process on its ports, as `app/compose.ts` puts them together. */
export function newServices(
  holder: string,
  { store, inventory, jobStore, portal, bindings, admin }: ProcessPorts,
  clock: Clock,
  random: Random,
): WorldServices {
  const logger = silentLogger;
  const pause = async (durationMs: number, signal: AbortSignal): Promise<void> => {
    if (durationMs > 0 && !signal.aborted) await clock.sleep(durationMs);
  };
  const check = new PortalCheck(bindings, PORTAL_URL, clock);
  const tools = { store, inventory, csp: portal, portal: check, clock, random, pause };
  const runner = new JobRunner(
    {
      store: jobStore,
      clock,
      random,
      logger,
      events: { onLease: () => undefined, onRun: () => undefined },
    },
    { holder, leaseTtlMs: LEASE_TTL_MS, intervalSeconds: INTERVAL_SECONDS },
  );
  return {
    allocation: new AllocationService(
      {
        store,
        finder: new CandidateFinder(store, clock, random),
        clock,
        random,
        logger,
        events: { onLostRace: () => undefined },
      },
      {
        labDurationSeconds: LAB_SECONDS,
        gracePeriodSeconds: GRACE_SECONDS,
        timeBudgetMs: TIME_BUDGET_MS,
      },
    ),
    admin: new AdminService({ ...admin, portal: check, clock, random, logger }),
    runner,
    jobsService: new JobsService({
      runner,
      store: jobStore,
      clock,
      intervalSeconds: INTERVAL_SECONDS,
      logger,
      leaseTtlMs: LEASE_TTL_MS,
    }),
    guardTable: async () => {
      const run = { signal: new AbortController().signal, onProgress: () => undefined };
      return (await guardTable({ ...tools, logger }, run)).error === undefined;
    },
    jobs: {
      sync: new SyncJob(tools),
      cleanup: new CleanupJob(tools, {
        batchSize: 2,
        batchDelayMs: 1_000,
        perSandboxDelayMs: 100,
        maxAttempts: MAX_DELETION_ATTEMPTS,
      }),
      'auto-expiry': new AutoExpiryJob(tools, GRACE_SECONDS, LAB_SECONDS),
      'auto-delete-stale': new AutoDeleteStaleJob(tools, STALE_GRACE_SECONDS),
    },
  };
}
