import { isDeepStrictEqual } from 'node:util';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import {
  latestLeaseEndMs,
  UnreadableRecordError,
  type JobName,
  type JobRun,
  type JobsControl,
  type JobStore,
  type LastRun,
  type Lease,
  type RunTraces,
} from '../../app/store/job-store';

type Operation = keyof JobStore;

/**
 * A {@link JobStore} in memory that keeps the same promises as DynamoDB's: it passes the same contract. Several runners
 * may share one, as processes share the table. Operations in {@link failing} find no answer.
 */
export class FakeJobStore implements JobStore {
  /** What does not answer at the moment. */
  readonly failing = new Set<Operation>();
  /** Records that make no sense, by the beginning of their key: `JOB#cleanup`, `LEASE#sync` or `CONTROL#jobs`. */
  readonly unreadable = new Set<string>();
  /** Calls so far, whatever became of them. */
  readonly calls: Operation[] = [];
  /** Every run that was recorded, in order. */
  readonly recorded: JobRun[] = [];
  /** What to do before a call is answered, e.g. to let something else happen first. */
  before: (operation: Operation, job?: JobName) => Promise<void> | void = () => undefined;

  /** As in the table, a lease that is over stays, for its fencing number. */
  readonly #leases = new Map<JobName, Lease>();
  readonly #runs = new Map<JobName, { run: LastRun; fencingNumber: number }>();
  #control: JobsControl = { runner: 'worker' };

  callCount(operation: Operation): number {
    return this.calls.filter((each) => each === operation).length;
  }

  /** Puts a run as if it had been recorded long ago. */
  seedRun(run: LastRun, fencingNumber = this.#runs.get(run.job)?.fencingNumber ?? 0): void {
    this.#runs.set(run.job, { run: structuredClone(run), fencingNumber });
  }

  /** Puts a lease as it is; its fencing number never goes back. */
  seedLease(lease: Lease): void {
    const fencingNumber = Math.max(lease.fencingNumber, this.#leases.get(lease.job)?.fencingNumber ?? 0);
    this.#leases.set(lease.job, { ...lease, fencingNumber });
  }

  async acquireLease(job: JobName, holder: string, nowMs: number, ttlMs: number): Promise<Lease | undefined> {
    await this.#answer('acquireLease', job);
    const standing = this.#leases.get(job);
    const isUnreadable = this.unreadable.has(`LEASE#${job}`);
    if (isUnreadable || (standing && standing.expiresAtMs > nowMs && standing.holder !== holder)) {
      const isBelieved = !isUnreadable && (standing?.expiresAtMs ?? 0) <= latestLeaseEndMs(nowMs, ttlMs);
      if (!isBelieved) this.#replaceOddLease(job, nowMs, ttlMs);
      return undefined;
    }
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
    this.#throwIfUnreadable(`LEASE#${job}`);
    const standing = this.#leases.get(job);
    return standing && standing.expiresAtMs > nowMs ? { ...standing } : undefined;
  }

  async getRun(job: JobName): Promise<LastRun | undefined> {
    await this.#answer('getRun', job);
    this.#throwIfUnreadable(`JOB#${job}`);
    return structuredClone(this.#runs.get(job)?.run);
  }

  async getRunTraces(job: JobName): Promise<RunTraces> {
    await this.#answer('getRunTraces', job);
    return structuredClone({ lease: this.#leases.get(job), recorded: this.#runs.get(job) });
  }

  async recordRun(run: JobRun, lease: Lease): Promise<boolean> {
    await this.#answer('recordRun', run.job);
    const standing = this.#runs.get(run.job);
    const isLater = standing && standing.fencingNumber > lease.fencingNumber;
    if (isLater && !this.#standing(lease)) return false;
    this.unreadable.delete(`JOB#${run.job}`);
    this.#runs.set(run.job, { run: structuredClone(run), fencingNumber: lease.fencingNumber });
    this.recorded.push(structuredClone(run));
    return true;
  }

  async getControl(): Promise<JobsControl> {
    await this.#answer('getControl');
    this.#throwIfUnreadable('CONTROL#jobs');
    return { ...this.#control };
  }

  async setControl(control: JobsControl): Promise<void> {
    await this.#answer('setControl');
    this.unreadable.delete('CONTROL#jobs');
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

  #replaceOddLease(job: JobName, nowMs: number, ttlMs: number): void {
    const counted = (this.#leases.get(job)?.fencingNumber ?? 0) + 1;
    const fencingNumber = Math.max(Math.floor(nowMs / 1000), counted);
    this.unreadable.delete(`LEASE#${job}`);
    this.#leases.set(job, { job, holder: 'nobody', fencingNumber, expiresAtMs: nowMs + ttlMs });
  }

  #throwIfUnreadable(key: string): void {
    if (this.unreadable.has(key)) throw new UnreadableRecordError(key, 'injected');
  }

  #standing(lease: Lease): Lease | undefined {
    const standing = this.#leases.get(lease.job);
    if (this.unreadable.has(`LEASE#${lease.job}`)) return undefined;
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
