import { isInDeletion, type Sandbox } from '../../app/allocation/sandbox';
import type { Job, JobContext, JobReport } from '../../app/jobs/job';
import type { JobName, Lease } from '../../app/store/job-store';
import type { CspClient } from '../../app/csp/csp-client';
import type { Random } from '../../app/allocation/clock';
import type { FakePortalBindings } from '../fakes/fake-portal-bindings';
import { seededRandom } from '../fakes/seeded-random';
import { TableClock } from '../../app/store/table-clock';
import type { CallGate } from './call-gate';
import { gatedPortal, gatedTable, type FaultShares, type GateContext, type TablePorts } from './gated-ports';
import { keyOf, type Actor, type Ledger } from './ledger';
import type { Partitions } from './partitions';
import type { AllocateCall, ReleaseCall } from './students';
import type { TimerOwner, VirtualTime } from './virtual-time';
import type { WorldPortal } from './world-portal';
import { newServices, SkewedClock, type WorldServices } from './world-process';

/** What a planted fault may do to a process: put something broken between it and its ports. */
export interface Plant {
  table?: (ports: TablePorts, tools: PlantTools) => TablePorts;
  portal?: (portal: CspClient) => CspClient;
  bindings?: (bindings: FakePortalBindings) => FakePortalBindings;
  services?: (services: WorldServices) => void;
}

export interface PlantTools {
  /** The table behind the gate. */
  table: TablePorts;
  /** Does something to the table as one call of its own; the row that it is about is looked at afterwards. */
  atGate: <T>(label: string, sandboxId: string, work: () => Promise<T> | T) => Promise<T>;
}

/** What all processes of a world share. */
export interface Surroundings {
  time: VirtualTime;
  gate: CallGate;
  portal: WorldPortal;
  bindings: FakePortalBindings;
  ledger: Ledger;
  table: { ports: TablePorts; row: (sandboxId: string) => Promise<Sandbox | undefined> };
  faults: FaultShares;
  partitions: Partitions;
  maxPageSize: number;
  random: Random;
  plant: Plant | undefined;
  /** Runs of a job under way, in any process, that have not been told to stop. */
  activeRuns: Map<JobName, Set<ActiveRun>>;
  /** The highest under which a run of a job has been recorded. */
  fencingNumbers: Map<JobName, number>;
  /** False as soon as leases cannot be relied on, because clocks differ or have stood still. */
  doClocksAgree: boolean;
}

interface ActiveRun {
  member: WorldMember;
  signal: AbortSignal;
  /** Accounts that it has asked the portal to delete. */
  asked: Set<string>;
}

/** So many refusals in a row are not the sandboxes' fault. */
const MAX_FAILURES_IN_A_ROW = 3;

const WRITES = new Set(['allocate', 'endAllocation', 'add', 'save', 'remove']);

/** One process of a world, from its start to its end. */
export class WorldMember implements Actor {
  readonly owner: TimerOwner;
  readonly clock: SkewedClock;
  /** What the process goes by: its own clock, corrected by the times of the table's answers. */
  readonly tableClock: TableClock;
  readonly services: WorldServices;
  readonly allocateCalls: AllocateCall[] = [];
  readonly releaseCalls: ReleaseCall[] = [];
  isAlive = true;
  frozenUntilMs = 0;

  constructor(
    readonly name: string,
    skewMs: number,
    private readonly world: Surroundings,
  ) {
    this.owner = Symbol(name);
    this.clock = new SkewedClock(world.time, this.owner, skewMs);
    this.tableClock = new TableClock(this.clock);
    this.hearTime();
    this.services = this.#newServices();
  }

  get isAwake(): boolean {
    return this.isAlive && this.frozenUntilMs <= this.world.time.nowMs();
  }

  /** Two answers of the table, as each process gets every few seconds, whatever else it does. */
  hearTime(): void {
    for (const nowMs of [this.world.time.nowMs(), this.world.time.nowMs()]) this.tableClock.observe(nowMs);
  }

  latestNowSeconds(): number {
    return this.clock.latestNowSeconds();
  }

  isAllocatingFor(caller: string, idempotencyKey: string): boolean {
    return this.allocateCalls.some(
      (call) => call.caller === caller && call.idempotencyKey === idempotencyKey && !call.to,
    );
  }

  isReleasing(sandboxId: string, caller: string): boolean {
    return this.releaseCalls.some(
      (call) => call.sandboxId === sandboxId && call.caller === caller && !call.isOver,
    );
  }

  #newServices(): WorldServices {
    const { world, owner, name } = this;
    const { table, plant } = world;
    const ports = gatedTable(table.ports, this.#gateContext(''));
    const admin = gatedTable(table.ports, this.#gateContext('admin '));
    const portal = gatedPortal(
      world.portal.clientFor(this.clock, () => [...world.ledger.rows.values()].map((row) => row.externalId)),
      { gate: world.gate, owner },
      (externalId) => this.#beforeDelete(externalId),
    );
    const tools = (labelPrefix: string): PlantTools => ({
      table: table.ports,
      atGate: (label, sandboxId, work) => this.#atGate(`${labelPrefix}${label}`, sandboxId, work),
    });
    const services = newServices(
      name,
      {
        ...(plant?.table?.(ports, tools('')) ?? ports),
        portal: plant?.portal?.(portal) ?? portal,
        bindings: plant?.bindings?.(world.bindings) ?? world.bindings,
        admin: plant?.table?.(admin, tools('admin ')) ?? admin,
      },
      this.tableClock,
      seededRandom(Math.floor(world.random() * 2 ** 32)),
    );
    plant?.services?.(services);
    const jobs = Object.entries(services.jobs).map(([job, each]) => [job, this.#watched(each)]);
    return { ...services, jobs: Object.fromEntries(jobs) as WorldServices['jobs'] };
  }

  #gateContext(labelPrefix: string): GateContext {
    const { gate, random, faults, partitions, maxPageSize } = this.world;
    return {
      gate,
      partitions,
      sleep: (durationMs) => this.clock.sleep(durationMs),
      owner: this.owner,
      random,
      faults,
      maxPageSize,
      onDone: (operation, args, outcome) => this.#onDone(`${labelPrefix}${operation}`, args, outcome),
    };
  }

  async #onDone(operation: string, args: readonly unknown[], outcome: unknown): Promise<void> {
    const verb = operation.replace('admin ', '');
    if (WRITES.has(verb)) await this.#noteRow((args[0] as Sandbox).sandboxId, operation);
    if (verb === 'recordRun' && outcome === true) this.#noteRun(args[1] as Lease);
    if (verb === 'endOrphanedClaim') this.world.ledger.count('asked to end an orphaned claim');
  }

  async #noteRow(sandboxId: string, operation: string): Promise<void> {
    const { ledger, table } = this.world;
    if (ledger.unreadable.has(sandboxId)) return;
    const row = await table.row(sandboxId);
    ledger.note(sandboxId, row, operation, this);
  }

  #noteRun({ job, fencingNumber }: Lease): void {
    const { fencingNumbers, ledger } = this.world;
    const last = fencingNumbers.get(job) ?? 0;
    fencingNumbers.set(job, Math.max(last, fencingNumber));
    if (fencingNumber >= last) return;
    ledger.fail(
      'runs are recorded in the order of their leases',
      `${this.name} recorded a run of ${job} under ${fencingNumber}, after one under ${last}`,
    );
  }

  async #atGate<T>(label: string, sandboxId: string, work: () => Promise<T> | T): Promise<T> {
    const execute = async (): Promise<T> => {
      const result = await work();
      await this.#noteRow(sandboxId, label);
      return result;
    };
    return (await this.world.gate.call({ owner: this.owner, label, execute, fault: () => undefined })) as T;
  }

  /** The last moment at which a deletion could be held back. */
  async #beforeDelete(externalId: string): Promise<void> {
    const { ledger, portal, table } = this.world;
    ledger.count('portal is asked to delete');
    for (const run of this.world.activeRuns.get('cleanup') ?? [])
      if (run.member === this) run.asked.add(externalId);
    if (!portal.hasAccount(externalId)) return;
    const about = [...ledger.rows.values()].filter((row) => keyOf(row) === keyOf({ externalId }));
    for (const { sandboxId } of about) {
      const row = ledger.unreadable.has(sandboxId) ? undefined : await table.row(sandboxId);
      const isToGo = row !== undefined && isInDeletion(row);
      // An admin may write it off between the look and the deletion.
      if (isToGo || row?.status === 'deleted') continue;
      ledger.fail(
        'nothing deleted that is held',
        `${this.name} deletes ${sandboxId}, which is ${row?.status ?? 'gone'}`,
      );
    }
    ledger.tell(`${this.name} asks the portal to delete ${about.map(({ sandboxId }) => sandboxId).join()}`);
  }

  /** Tells whether the portal has refused every deletion since now. */
  #refusesAllFromNowOn(): () => boolean {
    const { portal } = this.world;
    const { moodCount, acceptedCount } = portal;
    return () =>
      portal.mood === 'rejecting' && portal.moodCount === moodCount && portal.acceptedCount === acceptedCount;
  }

  #watched(job: Job): Job {
    const { world } = this;
    return {
      name: job.name,
      run: async (context: JobContext): Promise<JobReport> => {
        const run: ActiveRun = { member: this, signal: context.signal, asked: new Set() };
        const isRefusedAll = this.#refusesAllFromNowOn();
        const others = world.activeRuns.get(job.name) ?? new Set();
        world.activeRuns.set(job.name, others);
        const other = [...others].find(({ member, signal }) => member.isAlive && !signal.aborted);
        const isSafe = world.doClocksAgree && !world.ledger.leasesWrittenByHand.has(job.name);
        if (other && isSafe && !context.signal.aborted) {
          const what = `${this.name} begins ${job.name} while ${other.member.name} is at it`;
          world.ledger.fail('a job never beside itself', what);
        }
        others.add(run);
        world.ledger.tell(`${this.name} begins ${job.name}`);
        try {
          const report = await job.run(context);
          const chargedCount = report.counts.failed ?? 0;
          if (
            job.name === 'cleanup' &&
            chargedCount > 0 &&
            run.asked.size >= MAX_FAILURES_IN_A_ROW &&
            isRefusedAll()
          ) {
            const what = `${this.name} charged ${chargedCount} of ${run.asked.size}`;
            world.ledger.fail('no charge for a portal that refuses all', what);
          }
          world.ledger.count(`${job.name} ${report.outcome}`);
          world.ledger.tell(
            `${this.name} ends ${job.name}: ${report.outcome} ${JSON.stringify(report.counts)}`,
          );
          return report;
        } finally {
          others.delete(run);
        }
      },
    };
  }
}
