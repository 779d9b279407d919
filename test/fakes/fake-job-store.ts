import { isDeepStrictEqual } from 'node:util';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import type { JobName, JobRun, JobsControl, JobStore, Lease, RunTraces } from '../../app/store/job-store';

type Operation = keyof JobStore;

/**
 * A {@link JobStore} in memory that keeps the same promises as DynamoDB's: it passes the same contract. Several runners
 * may share one, as processes share the table. Operations in {@link failing} find no answer.
 */
export class FakeJobStore implements JobStore {
  /** What does not answer at the moment. */
  readonly failing = new Set<Operation>();
  /** Calls so far, whatever became of them. */
  readonly calls: Operation[] = [];
  /** Every run that was recorded, in order. */
  readonly recorded: JobRun[] = [];
  /** What to do before a call is answered, e.g. to let something else happen first. */
  before: (operation: Operation, job?: JobName) => Promise<void> | void = () => undefined;

  /** As in the table, a lease that is over stays, for its fencing number. */
  readonly #leases = new Map<JobName, Lease>();
  readonly #runs = new Map<JobName, { run: JobRun; fencingNumber: number }>();
  #control: JobsControl = { runner: 'worker' };

  callCount(operation: Operation): number {
    return this.calls.filter((each) => each === operation).length;
  }

  /** Puts a run as if it had been recorded long ago. */
  seedRun(run: JobRun): void {
    this.#runs.set(run.job, { run: structuredClone(run), fencingNumber: 0 });
  }

  async acquireLease(job: JobName, holder: string, nowMs: number, ttlMs: number): Promise<Lease | undefined> {
    await this.#answer('acquireLease', job);
    const standing = this.#leases.get(job);
    if (standing && standing.expiresAtMs > nowMs && standing.holder !== holder) return undefined;
    const fencingNumber = (standing?.fencingNumber ?? 0) + 1;
    const lease = { job, holder, fencingNumber, expiresAtMs: nowMs + ttlMs };
    this.#leases.set(job, lease);
    return { ...lease };
  }

  async renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<Lease | undefined> {
    await this.#answer('renewLease', lease.job);
    const standing = this.#standing(lease);
    if (!standing || standing.expiresAtMs <= nowMs) return undefined;
    const renewed = { ...standing, expiresAtMs: nowMs + ttlMs };
    this.#leases.set(lease.job, renewed);
    return { ...renewed };
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.#answer('releaseLease', lease.job);
    const standing = this.#standing(lease);
    if (standing) this.#leases.set(lease.job, { ...standing, expiresAtMs: 0 });
  }

  async getLease(job: JobName, nowMs: number): Promise<Lease | undefined> {
    await this.#answer('getLease', job);
    const standing = this.#leases.get(job);
    return standing && standing.expiresAtMs > nowMs ? { ...standing } : undefined;
  }

  async getRun(job: JobName): Promise<JobRun | undefined> {
    await this.#answer('getRun', job);
    return structuredClone(this.#runs.get(job)?.run);
  }

  async getRunTraces(job: JobName): Promise<RunTraces> {
    await this.#answer('getRunTraces', job);
    return structuredClone({ lease: this.#leases.get(job), recorded: this.#runs.get(job) });
  }

  async recordRun(run: JobRun, lease: Lease): Promise<boolean> {
    await this.#answer('recordRun', run.job);
    const standing = this.#runs.get(run.job);
    if (standing && standing.fencingNumber > lease.fencingNumber) return false;
    this.#runs.set(run.job, { run: structuredClone(run), fencingNumber: lease.fencingNumber });
    this.recorded.push(structuredClone(run));
    return true;
  }

  async getControl(): Promise<JobsControl> {
    await this.#answer('getControl');
    return { ...this.#control };
  }

  async setControl(control: JobsControl): Promise<void> {
    await this.#answer('setControl');
    this.#control = { ...control };
  }

  async changeControl(seen: JobsControl, next: JobsControl): Promise<boolean> {
    await this.#answer('changeControl');
    if (!isDeepStrictEqual(withoutAbsent(this.#control), withoutAbsent(seen))) {
      return isDeepStrictEqual(withoutAbsent(this.#control), withoutAbsent(next));
    }
    this.#control = { ...next };
    return true;
  }

  #standing(lease: Lease): Lease | undefined {
    const standing = this.#leases.get(lease.job);
    const isSame = standing?.holder === lease.holder && standing.fencingNumber === lease.fencingNumber;
    return isSame ? standing : undefined;
  }

  async #answer(operation: Operation, job?: JobName): Promise<void> {
    this.calls.push(operation);
    await this.before(operation, job);
    if (this.failing.has(operation)) {
      throw new StoreUnavailableError(operation, { cause: new Error('no connection (injected)') });
    }
  }
}

/** An attribute that is `undefined` is none. */
function withoutAbsent(control: JobsControl): Partial<JobsControl> {
  return Object.fromEntries(Object.entries(control).filter(([, value]) => value !== undefined));
}
