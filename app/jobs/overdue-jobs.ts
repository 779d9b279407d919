import { nowSeconds, type Clock } from '../allocation/clock';
import { isInFuture } from '../store/clock-tolerance';
import {
  JOB_NAMES,
  latestLeaseEndMs,
  UnreadableRecordError,
  type JobName,
  type JobStore,
} from '../store/job-store';
import { isDueTimeBelievable } from './due-time';

/** For each job whose records could be looked at: for how many seconds it has been due without a run. */
export type OverdueSeconds = Partial<Record<JobName, number>>;

export interface OverdueJobsOptions {
  intervalSeconds: Record<JobName, number>;
  leaseTtlMs: number;
}

/**
 * How late each job is by its records in the table, whichever process runs it. A job that has never run, or whose record
 * cannot be read or believed, is late since this process first saw that. A job that is under way is not late. Frozen jobs
 * become late as others do.
 */
export class OverdueJobs {
  readonly #withoutRecordSinceMs = new Map<JobName, number>();

  constructor(
    private readonly store: Pick<JobStore, 'getRun' | 'getLease'>,
    private readonly clock: Clock,
    private readonly options: OverdueJobsOptions,
  ) {}

  /** Never throws: a job whose records the table does not give at the moment is left out. */
  async look(): Promise<OverdueSeconds> {
    const seconds: OverdueSeconds = {};
    await Promise.all(
      JOB_NAMES.map(async (job) => {
        try {
          seconds[job] = await this.#overdueSeconds(job);
        } catch {
          // The status report says that the table does not answer.
        }
      }),
    );
    return seconds;
  }

  async #overdueSeconds(job: JobName): Promise<number> {
    const [dueAt, isUnderWay] = await Promise.all([this.#dueAt(job), this.#isUnderWay(job)]);
    const nowMs = this.clock.monotonicMs();
    if (dueAt !== undefined) {
      this.#withoutRecordSinceMs.delete(job);
      return isUnderWay ? 0 : Math.max(0, nowSeconds(this.clock) - dueAt);
    }
    const sinceMs = isUnderWay ? nowMs : (this.#withoutRecordSinceMs.get(job) ?? nowMs);
    this.#withoutRecordSinceMs.set(job, sinceMs);
    return Math.floor((nowMs - sinceMs) / 1000);
  }

  /** `undefined` when no record tells it. */
  async #dueAt(job: JobName): Promise<number | undefined> {
    const run = await readable(this.store.getRun(job));
    const now = nowSeconds(this.clock);
    if (!run || isInFuture(run.startedAt, now)) return undefined;
    return isDueTimeBelievable(run, this.options.intervalSeconds[job], now) ? run.nextDueAt : undefined;
  }

  async #isUnderWay(job: JobName): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    const lease = await readable(this.store.getLease(job, nowMs));
    return lease !== undefined && lease.expiresAtMs <= latestLeaseEndMs(nowMs, this.options.leaseTtlMs);
  }
}

async function readable<T>(record: Promise<T>): Promise<T | undefined> {
  try {
    return await record;
  } catch (error) {
    if (error instanceof UnreadableRecordError) return undefined;
    throw error;
  }
}
