import type { Sandbox } from '../../app/allocation/sandbox';
import type { Job, JobContext, JobReport } from '../../app/jobs/job';
import type { Pause } from '../../app/jobs/pause';
import { PortalCheck } from '../../app/jobs/portal-check';
import type { Logger } from '../../app/logger';
import { FakeClock } from '../fakes/fake-clock';
import { FakeCspClient, type FakeCspClientOptions } from '../fakes/fake-csp-client';
import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakePortalBindings, PORTAL_URL } from '../fakes/fake-portal-bindings';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { FaultyStore, type NextFault } from '../fakes/faulty-store';
import { silentLogger } from '../fakes/loggers';
import { claimOf } from '../fakes/sandbox-samples';
import { seededRandom } from '../fakes/seeded-random';

export interface JobPoolOptions {
  csp?: Partial<FakeCspClientOptions>;
  /** How far behind the table the indexes are. */
  indexLagMs?: () => number;
}

/** A pool, a portal and a clock: everything that a job is at work on. */
export class JobPool {
  readonly clock = new FakeClock();
  readonly rows: FakeSandboxStore;
  readonly inventory: FakeInventoryStore;
  readonly csp: FakeCspClient;
  /** The sandbox store as jobs see it; it counts their calls. */
  readonly store: FaultyStore;
  /** Which portal the table belongs to: that of the jobs, unless a test says otherwise. */
  readonly bindings = FakePortalBindings.bound();
  /** What befalls the calls of the sandbox store. */
  nextFault: NextFault = () => undefined;
  /** Every delay that a job asked for, in order. */
  readonly pauses: number[] = [];
  /** What to do in a job's delay. */
  onPause: () => void = () => undefined;
  /** Each call of `onProgress`. */
  progressCount = 0;

  constructor({ csp = {}, indexLagMs }: JobPoolOptions = {}) {
    this.rows = new FakeSandboxStore({ clock: this.clock, indexLagMs });
    this.inventory = new FakeInventoryStore(this.rows);
    this.csp = new FakeCspClient({ clock: this.clock, ...csp });
    this.store = new FaultyStore(this.rows, { nextFault: (operation) => this.nextFault(operation) });
  }

  /** What jobs and services are made with. */
  get tools(): {
    store: FaultyStore;
    inventory: FakeInventoryStore;
    csp: FakeCspClient;
    clock: FakeClock;
    portal: PortalCheck;
    logger: Logger;
    random: () => number;
    pause: Pause;
  } {
    const pause: Pause = (durationMs) => {
      this.pauses.push(durationMs);
      this.onPause();
      return Promise.resolve();
    };
    const { store, inventory, csp, clock } = this;
    const portal = new PortalCheck(this.bindings, PORTAL_URL, clock);
    return { store, inventory, csp, clock, portal, random: seededRandom(7), pause, logger: silentLogger };
  }

  /** The Unix second it is. */
  get now(): number {
    return this.clock.nowSeconds();
  }

  /** Puts rows into the table, with the claims of those that are allocated. */
  seed(...sandboxes: Sandbox[]): void {
    const claims = sandboxes.flatMap((row) => (row.status === 'allocated' ? [claimOf(row)] : []));
    this.rows.seed({ sandboxes, claims });
  }

  /** Puts rows into the table, and their accounts into the portal. */
  seedBoth(...sandboxes: Sandbox[]): void {
    this.seed(...sandboxes);
    this.csp.has(sandboxes);
  }

  row(sandboxId: string): Sandbox | undefined {
    return structuredClone(this.rows.rows.current(sandboxId));
  }

  /** How many rows each status has; tombstones too. */
  statuses(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status } of this.rows.contents().sandboxes) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  /** Writes asked for so far, whatever became of them. */
  get writeCount(): number {
    return this.inventory.writes.length + this.store.callCounts.add + this.store.callCounts.endAllocation;
  }

  context(overrides: Partial<JobContext> = {}): JobContext {
    return {
      signal: new AbortController().signal,
      onProgress: () => {
        this.progressCount += 1;
      },
      logger: silentLogger,
      ...overrides,
    };
  }

  /** Runs a job; its waits for the store take no real time. */
  run(job: Job, overrides: Partial<JobContext> = {}): Promise<JobReport> {
    return this.clock.passUntil(job.run(this.context(overrides)));
  }
}
