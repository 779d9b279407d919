import { setMaxListeners } from 'node:events';
import {
  ALARM_NAMES,
  ALARMS,
  cloudWatchAlarmName,
  ROLLBACK_ALARM_NAMES,
  ROLLBACK_ALARMS,
} from '../../alarms/definitions';
import {
  JOB_NAMES,
  UnreadableRecordError,
  type JobName,
  type JobsControl,
  type LastRun,
  type Lease,
} from '../../app/store/job-store';
import type { StoredRollbackEntry } from '../../app/store/rollback-history';
import type { KnownCounts } from '../../app/store/sandbox-store';
import type { AlarmState } from '../alarms/alarm-states';
import type { CliContext } from '../context';
import { explainError } from '../explain-error';
import type { DeployedService } from '../services/deployed-services';
import { ask, type Source } from '../source';
import type { Target } from '../target';

/** Counting a pool reads a whole index. */
const POOL_COUNT_MS = 15_000;
const NOT_LOCAL = 'not there (local system)';

/** A job's last run, and who is at it now. */
export interface JobStatus {
  job: JobName;
  lastRun?: LastRun;
  lease?: Lease;
  /** The records of it that make no sense, in words; absent when all could be read. */
  unreadable?: string[];
}

/** An alarm, and what to do about it if it is one of ours. */
export type AlarmStatus = AlarmState & { runbook?: string };

export interface AlarmsStatus {
  alarms: AlarmStatus[];
  /** Names that should be there and are not. */
  missing: string[];
}

/** Everything that `status` shows. A source that cannot be read is unknown; the rest is shown all the same. */
export interface StatusReport {
  target: Target;
  atMs: number;
  apiService: Source<DeployedService>;
  workerService: Source<DeployedService>;
  /** How many workers the next deploy wants. */
  workerDesiredCountParameter: Source<number>;
  alarms: Source<AlarmsStatus>;
  control: Source<JobsControl>;
  jobs: Source<JobStatus[]>;
  /** A status that could not be counted is absent. */
  pool: Source<KnownCounts>;
  /** What was done last; `null` if nothing ever was. */
  lastAction: Source<StoredRollbackEntry | null>;
}

/** Asks every source at the same time. Never throws. */
export async function readStatus(
  context: CliContext,
  options: { isPoolCounted: boolean },
): Promise<StatusReport> {
  const { target, platform, nowMs } = context;
  const { aws } = platform;
  const explain = (error: unknown): string => explainError(error, target);
  const inAws = <T>(question: (parts: NonNullable<typeof aws>) => Promise<T>): Promise<Source<T>> =>
    aws ? ask(() => question(aws), explain) : Promise.resolve({ kind: 'not_there', reason: NOT_LOCAL });
  const names = target.kind === 'aws' ? target : undefined;

  const [apiService, workerService, workerDesiredCountParameter, alarms, control, jobs, pool, lastAction] =
    await Promise.all([
      inAws(({ services }) => services.describe(names?.apiService ?? '')),
      inAws(({ services }) => services.describe(names?.workerService ?? '')),
      inAws(({ parameter }) => parameter.read()),
      inAws(async ({ alarms }) => alarmsStatus(await alarms.list(), names?.alarmNamePrefix ?? '')),
      ask(() => readControl(context), explain),
      ask(() => readJobs(context), explain),
      countPool(context, options.isPoolCounted),
      ask(async () => (await platform.history.list({ limit: 1 })).items[0] ?? null, explain),
    ]);
  return {
    target,
    atMs: nowMs(),
    apiService,
    workerService,
    workerDesiredCountParameter,
    alarms,
    control,
    jobs,
    pool,
    lastAction,
  };
}

/** The sources that told nothing, with why. */
export function unknownSources(report: StatusReport): { name: string; reason: string }[] {
  return Object.entries(sourcesOf(report)).flatMap(([name, source]) =>
    source.kind === 'unknown' ? [{ name, reason: source.reason }] : [],
  );
}

/** Whether anything was told at all. */
export function isAnythingKnown(report: StatusReport): boolean {
  return Object.values(sourcesOf(report)).some(({ kind }) => kind === 'known');
}

/** All our alarms, and what else begins with our prefix. */
export function alarmsStatus(found: AlarmState[], prefix: string): AlarmsStatus {
  const runbooks = new Map<string, string>([
    ...ALARM_NAMES.map((name) => [cloudWatchAlarmName(prefix, name), ALARMS[name].runbook] as const),
    ...ROLLBACK_ALARM_NAMES.map(
      (name) => [cloudWatchAlarmName(prefix, name), ROLLBACK_ALARMS[name].runbook] as const,
    ),
  ]);
  const present = new Set(found.map(({ name }) => name));
  return {
    alarms: found.map((alarm) => ({ ...alarm, runbook: runbooks.get(alarm.name) })),
    missing: [...runbooks.keys()].filter((name) => !present.has(name)),
  };
}

function sourcesOf(report: StatusReport): Record<string, Source<unknown>> {
  return {
    'API service': report.apiService,
    'worker service': report.workerService,
    'desired count parameter': report.workerDesiredCountParameter,
    alarms: report.alarms,
    'who runs the jobs': report.control,
    jobs: report.jobs,
    pool: report.pool,
    history: report.lastAction,
  };
}

function readJobs({ platform, nowMs }: CliContext): Promise<JobStatus[]> {
  return Promise.all(
    JOB_NAMES.map(async (job) => {
      const unreadable: string[] = [];
      const readable = async <T>(record: Promise<T>): Promise<T | undefined> => {
        try {
          return await record;
        } catch (error) {
          if (!(error instanceof UnreadableRecordError)) throw error;
          unreadable.push(error.message);
          return undefined;
        }
      };
      const [lastRun, lease] = await Promise.all([
        readable(platform.jobs.getRun(job)),
        readable(platform.jobs.getLease(job, nowMs())),
      ]);
      return { job, lastRun, lease, ...(unreadable.length > 0 ? { unreadable } : {}) };
    }),
  );
}

/** A record that makes no sense is an answer: nobody runs the jobs by it. */
async function readControl({ platform }: CliContext): Promise<JobsControl> {
  try {
    return await platform.jobs.getControl();
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    return { runner: 'unknown', reason: error.message };
  }
}

async function countPool(
  { platform, target }: CliContext,
  isPoolCounted: boolean,
): Promise<Source<KnownCounts>> {
  if (!isPoolCounted) return { kind: 'not_there', reason: 'not counted (--no-pool)' };
  const signal = AbortSignal.timeout(POOL_COUNT_MS);
  // Every shard listens to it; Node.js would suspect a leak.
  setMaxListeners(0, signal);
  return ask(
    () => platform.pool.countByStatus({ signal }),
    (error) =>
      signal.aborted
        ? `not counted within ${POOL_COUNT_MS / 1000} s; GET /v1/admin/stats of the API tells it, too`
        : explainError(error, target),
  );
}
