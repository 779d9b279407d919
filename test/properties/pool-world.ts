import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Random } from '../../app/allocation/clock';
import type { Sandbox } from '../../app/allocation/sandbox';
import { BrokerError } from '../../app/errors';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { FakePortalBindings } from '../fakes/fake-portal-bindings';
import { poolViolations, type PoolContents } from '../fakes/pool-invariants';
import { seededRandom } from '../fakes/seeded-random';
import type { Moment } from './availability';
import { CallGate } from './call-gate';
import type { TablePorts } from './gated-ports';
import { keyOf, Ledger } from './ledger';
import { initialPool } from './initial-pool';
import { Partitions } from './partitions';
import type { Program } from './program';
import type { StoredDamage } from './stored-damage';
import { Students } from './students';
import { VirtualTime, type TimerOwner } from './virtual-time';
import { Violation } from './violations';
import { WorldMember, type Plant, type Surroundings } from './world-member';
import { WorldPortal } from './world-portal';

/** The table of a world, whatever keeps it. */
export interface WorldTable {
  ports: TablePorts;
  /** The row as it is. */
  row: (sandboxId: string) => Promise<Sandbox | undefined>;
  contents: () => Promise<PoolContents>;
  /** Takes out a tombstone whose time is over, as DynamoDB does. */
  forget: (sandboxId: string) => Promise<void>;
  /** Puts a record there past the broker. False when this table has no such records. */
  damage: (damage: StoredDamage) => Promise<boolean>;
  /** From now on every write to this row is refused for what it says, whatever it says; for none when it is absent. */
  refuse?: (sandboxId: string | undefined) => void;
  refusedRow?: () => string | undefined;
  /** It costs next to nothing to look at all of it again and again. */
  isCheapToRead: boolean;
}

export interface WorldTableOptions {
  nowMs: () => number;
  /** How old the index is that the next list comes from. */
  indexLagMs: () => number;
  /** What the table has to begin with. */
  pool: PoolContents;
  /** Whether the accounts of these rows have their guards already. */
  hasGuards: boolean;
}

export type NewWorldTable = (options: WorldTableOptions) => Promise<WorldTable>;

/** Everything in a world that is left to chance. */
class Chance {
  maxIndexLagMs = 0;
  #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  next(): number {
    return this.#random();
  }

  /** Begins anew with each command, so that leaving one out changes little about the others. */
  restart(seed: number): void {
    this.#random = seededRandom(seed);
  }
}

/** More steps without coming to rest are a loop. */
const MAX_STEPS_TO_REST = 20_000;
/** A call takes up to so long. */
const MAX_CALL_MS = 10;
const TIMER_SHARE = 0.3;
/** From here on, calls are over before the time is. */
const LONG_PASS_MS = 600_000;

interface Task {
  member: WorldMember;
  label: string;
}

/**
 * One table, one portal, and two processes whose every call waits at a gate. Whatever is random comes from `random`, so
 * a world that is given the same commands goes the same way again.
 */
export class PoolWorld {
  readonly gate: CallGate;
  readonly ledger: Ledger;
  readonly students: Students;
  readonly partitions = new Partitions();
  readonly members: [WorldMember, WorldMember];

  readonly #tasks = new Set<Task>();
  #bornCount = 0;
  readonly #byOwner = new Map<TimerOwner, WorldMember>();
  readonly #surroundings: Surroundings;

  private constructor(
    readonly program: Program,
    readonly time: VirtualTime,
    readonly portal: WorldPortal,
    readonly table: WorldTable,
    private readonly chance: Chance,
    pool: PoolContents,
    plant: Plant | undefined,
  ) {
    this.gate = new CallGate(time);
    const now = (): Moment => ({ count: this.gate.doneCount, atMs: time.nowMs() });
    this.ledger = new Ledger(portal, now);
    this.students = new Students(this.ledger, now, () => chance.maxIndexLagMs);
    for (const row of pool.sandboxes) this.ledger.begin(row);
    for (const { caller, sandboxId } of pool.claims) this.students.lastSandbox.set(caller, sandboxId);
    const { gate, ledger, partitions } = this;
    const { faults, maxPageSize, skewsMs } = program;
    this.#surroundings = {
      ...{
        time,
        gate,
        portal,
        ledger,
        table,
        faults,
        partitions,
        maxPageSize,
        random: () => chance.next(),
        plant,
      },
      bindings: program.table === 'lost' ? new FakePortalBindings() : FakePortalBindings.bound(),
      activeRuns: new Map(),
      fencingNumbers: new Map(),
      doClocksAgree: Math.abs(skewsMs[0] - skewsMs[1]) <= 2_000,
    };
    this.members = [this.#newMember(0, skewsMs[0]), this.#newMember(1, skewsMs[1])];
  }

  /** A world at its beginning. Its time has to be installed before anything happens in it. */
  static async create(program: Program, newTable: NewWorldTable, plant?: Plant): Promise<PoolWorld> {
    const chance = new Chance(program.seed);
    const random = (): number => chance.next();
    const time = new VirtualTime();
    const portal = new WorldPortal(random, () => time.nowMs());
    const pool = initialPool(program.pool, portal, time.nowMs(), random);
    const indexLagMs = (): number => random() * chance.maxIndexLagMs;
    chance.maxIndexLagMs = program.maxIndexLagMs;
    const stored = program.table === 'lost' ? { sandboxes: [], claims: [] } : pool;
    const table = await newTable({
      nowMs: () => time.nowMs(),
      indexLagMs,
      pool: stored,
      hasGuards: program.hasGuards,
    });
    const world = new PoolWorld(program, time, portal, table, chance, stored, plant);
    if (program.table === 'lost') for (const row of pool.sandboxes) world.ledger.usedAccounts.add(keyOf(row));
    return world;
  }

  /** From now on chance depends on this seed alone. */
  restartChance(seed: number): void {
    this.chance.restart(this.program.seed * 0x10000 + seed);
  }

  /** Begins something in a process, without waiting for its end. What it throws is an excuse or a violation. */
  async begin(member: WorldMember, label: string, work: () => Promise<unknown>): Promise<void> {
    const task: Task = { member, label };
    this.#tasks.add(task);
    this.time.currentOwner = member.owner;
    const end = (): void => {
      this.#tasks.delete(task);
    };
    work().then(end, (error: unknown) => {
      end();
      const isKnown = error instanceof StoreUnavailableError || error instanceof BrokerError;
      this.ledger.tell(`${member.name} ${label} ended with ${String(error)}`);
      if (!isKnown) this.ledger.fail('no unknown error', `${member.name} ${label}: ${String(error)}`);
    });
    await everythingElse();
  }

  /** Does something in a process, undisturbed, to its end. */
  async calmly<T>(member: WorldMember, work: () => Promise<T>): Promise<T> {
    let result: { value: T } | { error: unknown } | undefined;
    await this.begin(member, 'calmly', async () => {
      try {
        result = { value: await work() };
      } catch (error) {
        result = { error };
      }
    });
    await this.settle();
    if (result && 'value' in result) return result.value;
    throw result ? result.error : new Violation('everything ends', 'a calm call never did');
  }

  /** One call, or one timer, at random. False when there is nothing left to do in the present. */
  async step(): Promise<boolean> {
    const dueAtMs = this.time.nextDueAtMs(this.#isAwake);
    const hasTimer = dueAtMs !== undefined && dueAtMs <= this.time.nowMs();
    const hasCall = this.gate.hasWork(this.#isAwake);
    if (!hasTimer && !hasCall) return false;
    if (hasTimer && (!hasCall || this.chance.next() < TIMER_SHARE)) {
      this.time.fireOneDue(this.#isAwake);
      await everythingElse();
    } else {
      await this.gate.step(() => this.chance.next(), this.#isAwake);
      if (!this.gate.isOpen)
        this.time.passTo(this.time.nowMs() + Math.floor(this.chance.next() * MAX_CALL_MS));
    }
    this.throwViolations();
    return true;
  }

  /** Up to so many steps; time passes only as far as calls take. */
  async steps(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1) if (!(await this.step())) return;
  }

  /** Until everything that was begun has ended, and all that was sent has arrived. */
  async settle(): Promise<void> {
    for (let count = 0; this.#tasks.size > 0 || this.gate.hasWork(this.#isAwake); count += 1) {
      if (count > MAX_STEPS_TO_REST)
        throw new Violation('everything ends', `still under way: ${this.#labels()}`);
      if (await this.step()) continue;
      const nextMs = this.#nextEventMs();
      if (nextMs === undefined) throw new Violation('everything ends', `nothing moves: ${this.#labels()}`);
      this.time.passTo(nextMs);
    }
  }

  /** Lets time pass. While it is stalled no call gets through. A long time is never so: calls end before. */
  async pass(durationMs: number, isStalled: boolean): Promise<void> {
    if (durationMs >= LONG_PASS_MS) await this.settle();
    const untilMs = this.time.nowMs() + durationMs;
    for (
      let nextMs = this.#nextEventMs();
      nextMs !== undefined && nextMs <= untilMs;
      nextMs = this.#nextEventMs()
    ) {
      this.time.passTo(nextMs);
      while (this.time.fireOneDue(this.#isAwake)) await everythingElse();
      if (!isStalled) await this.steps(Math.floor(this.chance.next() * 12));
    }
    this.time.passTo(untilMs);
    if (durationMs >= LONG_PASS_MS) await this.#forgetTombstones();
  }

  /** Ends a process at once. What it has sent may still arrive. Another one takes its place. */
  kill(index: 0 | 1): void {
    const member = this.members[index];
    member.isAlive = false;
    this.gate.abandon(member.owner);
    this.time.forget(member.owner);
    for (const task of this.#tasks) if (task.member === member) this.#tasks.delete(task);
    this.members[index] = this.#newMember(index, member.clock.skewMs);
  }

  /** Lets a process end as on SIGTERM, beside the one that takes its place. */
  async drain(index: 0 | 1): Promise<void> {
    const member = this.members[index];
    this.members[index] = this.#newMember(index, member.clock.skewMs);
    await this.begin(member, 'drain', () => member.services.runner.stop());
  }

  /** Nobody looks at this clock for a while; its calls travel on. */
  freeze(index: 0 | 1, durationMs: number): void {
    this.members[index].frozenUntilMs = this.time.nowMs() + durationMs;
    this.#surroundings.doClocksAgree = false;
  }

  /** The most that clocks of this world have been apart. */
  get maxClockDifferenceMs(): number {
    const skews = [...this.#byOwner.values()].flatMap(({ clock }) => clock.extremesMs);
    return Math.max(...skews) - Math.min(...skews);
  }

  jump(index: 0 | 1, byMs: number): void {
    this.members[index].clock.jump(byMs);
    this.members[index].hearTime();
    this.#surroundings.doClocksAgree = false;
  }

  /**
   * The weather clears up: no faults, no lag, a portal that works. What is wrong with single accounts, rows and
   * partitions stays so until {@link mend}.
   */
  calmDown(): void {
    this.gate.isOpen = true;
    this.chance.maxIndexLagMs = 0;
    this.portal.recover();
    for (const member of this.#byOwner.values()) member.frozenUntilMs = 0;
  }

  mend(): void {
    this.portal.mend();
    this.partitions.recover();
    this.table.refuse?.(undefined);
  }

  /** The rules for a table, at any moment: each change is one transaction. */
  async checkTable(): Promise<void> {
    const contents = await this.table.contents();
    for (const what of poolViolations(contents)) this.ledger.fail('claims match allocations', what);
    const unnoticed = contents.sandboxes.find(
      ({ sandboxId, version }) => this.ledger.rows.get(sandboxId)?.version !== version,
    );
    if (unnoticed || contents.sandboxes.length !== this.ledger.rows.size) {
      this.ledger.fail('lawful moves', `the table is not as its history says: ${JSON.stringify(unnoticed)}`);
    }
    this.throwViolations();
  }

  throwViolations(): void {
    const [violation] = this.ledger.violations;
    if (violation) throw violation;
  }

  #newMember(index: 0 | 1, skewMs: number): WorldMember {
    this.#bornCount += 1;
    const member = new WorldMember(`P${index + 1}.${this.#bornCount}`, skewMs, this.#surroundings);
    this.#byOwner.set(member.owner, member);
    return member;
  }

  readonly #isAwake = (owner: TimerOwner): boolean => this.#byOwner.get(owner)?.isAwake ?? true;

  #nextEventMs(): number | undefined {
    const timerMs = this.time.nextDueAtMs(this.#isAwake);
    const frozen = [...this.#byOwner.values()]
      .filter(({ isAlive, isAwake }) => isAlive && !isAwake)
      .map(({ frozenUntilMs }) => frozenUntilMs);
    const times = timerMs === undefined ? frozen : [timerMs, ...frozen];
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  async #forgetTombstones(): Promise<void> {
    const nowSeconds = this.time.nowMs() / 1000;
    for (const row of [...this.ledger.rows.values()]) {
      if (row.status !== 'deleted' || row.forgetAt === undefined || row.forgetAt > nowSeconds) continue;
      await this.table.forget(row.sandboxId);
      this.ledger.forget(row.sandboxId);
    }
  }

  #labels(): string {
    return [...this.#tasks].map(({ member, label }) => `${member.name} ${label}`).join(', ');
  }
}
