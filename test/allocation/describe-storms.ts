/* eslint-disable jest/no-export -- a suite for the tests of each store to run */
import type { AllocateResult } from '../../app/allocation/allocation-service';
import type { Clock, Random } from '../../app/allocation/clock';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import {
  AllocationContendedError,
  NoSandboxesAvailableError,
  ServiceUnavailableError,
  type BrokerError,
} from '../../app/errors';
import type { SandboxStore } from '../../app/store/sandbox-store';
import { FaultyStore, randomFaults, type FaultRates } from '../fakes/faulty-store';
import { poolViolations, type PoolContents } from '../fakes/pool-invariants';
import { availableSandboxes } from '../fakes/sandbox-samples';
import { seededRandom } from '../fakes/seeded-random';
import { newProcess, type BrokerProcess } from './broker-harness';

/** A table to storm, and the time that its callers live in. */
export interface StormTable {
  store: SandboxStore;
  clock: Clock;
  contents(): Promise<PoolContents>;
  /** Lets time pass, where it does not by itself, until the promise settles. */
  pass<T>(promise: Promise<T>): Promise<T>;
}

/** Makes a new table that holds the pool, with indexes that lag by as much. Called once a test. */
export type NewStormTable = (pool: AvailableSandbox[], indexLagMs: () => number) => Promise<StormTable>;

export interface StormOptions {
  callerCount: number;
  /** How long an injected fault or call may take, and a client waits before it tries again. */
  latencyMs: number;
  retryDelayMs: number;
}

interface Weather {
  name: string;
  rates: FaultRates;
  maxIndexLagMs: number;
}

const WEATHERS: Weather[] = [
  { name: 'with no faults', rates: {}, maxIndexLagMs: 0 },
  { name: 'with an index up to two seconds late', rates: {}, maxIndexLagMs: 2_000 },
  {
    name: 'with conflicts and throttling',
    rates: { conflict_on_claim: 0.1, conflict_on_sandbox: 0.1, throttled: 0.1 },
    maxIndexLagMs: 0,
  },
  {
    name: 'with lost answers and calls',
    rates: { answer_lost: 0.15, unavailable: 0.1, read_unavailable: 0.02 },
    maxIndexLagMs: 0,
  },
  {
    name: 'with all of that at once',
    rates: {
      conflict_on_claim: 0.05,
      conflict_on_sandbox: 0.05,
      throttled: 0.05,
      answer_lost: 0.1,
      unavailable: 0.05,
      read_unavailable: 0.02,
    },
    maxIndexLagMs: 2_000,
  },
];

/** The rules of allocation, for many callers at once over two processes that share one table. */
export function describeStorms(name: string, newTable: NewStormTable, options: StormOptions): void {
  describe.each(WEATHERS)(`Many callers on ${name}, $name`, ({ rates, maxIndexLagMs }) => {
    const { callerCount } = options;
    const callers = Array.from({ length: callerCount }, (_, index) => `student-${index}`);

    async function newStorm(poolSize: number, seed: number): Promise<Storm> {
      const random = seededRandom(seed);
      const pool = availableSandboxes(poolSize);
      const table = await newTable(pool, () => random() * maxIndexLagMs);
      return new Storm(table, rates, random, options);
    }

    it('each get a sandbox of their own while there are enough', async () => {
      const storm = await newStorm(Math.ceil(callerCount * 1.2), 1);

      const answers = await storm.run(callers, (caller) => storm.allocate(caller));

      expect(answers.map(holderOf)).toEqual(callers);
      expectAllDifferent(answers.map(sandboxOf));
      await storm.expectSoundPool({ allocated: callerCount });
    });

    it('take exactly those that are there when there are fewer', async () => {
      const poolSize = Math.floor(callerCount * 0.7);
      const storm = await newStorm(poolSize, 2);

      const answers = await storm.run(callers, (caller) => storm.allocate(caller));

      const winners = answers.filter((answer) => answer !== 'none');
      expect(winners).toHaveLength(poolSize);
      expectAllDifferent(winners.map(sandboxOf));
      await storm.expectSoundPool({ allocated: poolSize });
    });

    it('get one sandbox a caller and key, however often they ask at once', async () => {
      const keys = Array.from({ length: 4 }, (_, index) => `key-${index}`);
      const storm = await newStorm(callerCount, 3);
      const asks = Array.from({ length: callerCount }, (_, index) => keys[index % keys.length] ?? '');

      const answers = await storm.run(asks, (key) => storm.allocate('student-1', key));

      const sandboxesByKey = keys.map(
        (key) => new Set(answers.filter((_, index) => asks[index] === key).map(sandboxOf)),
      );
      expect(sandboxesByKey.map(({ size }) => size)).toEqual(keys.map(() => 1));
      expectAllDifferent(sandboxesByKey.flatMap((ids) => [...ids]));
      expect(answers.filter((answer) => answer !== 'none' && answer.isNew).length).toBeLessThanOrEqual(4);
      await storm.expectSoundPool({ allocated: keys.length });
    });

    it('give back and ask again, and never get the same one twice', async () => {
      const storm = await newStorm(callerCount * 2, 4);

      const rounds = await storm.run(callers, async (caller) => {
        const first = await storm.allocate(caller);
        await storm.giveBack(sandboxOf(first), caller);
        return [first, await storm.allocate(caller)];
      });

      expectAllDifferent(rounds.flat().map(sandboxOf));
      await storm.expectSoundPool({ allocated: callerCount, pending_deletion: callerCount });
    });
  });
}

type Answer = AllocateResult | 'none';

/** Two processes on one table with faults, and clients who try again as they are told to. */
class Storm {
  readonly #processes: [BrokerProcess, BrokerProcess];
  #callCount = 0;

  constructor(
    private readonly table: StormTable,
    rates: FaultRates,
    random: Random,
    private readonly options: StormOptions,
  ) {
    const latency = { clock: table.clock, durationMs: () => random() * options.latencyMs };
    const store = new FaultyStore(table.store, { nextFault: randomFaults(rates, random), latency });
    this.#processes = [
      newProcess(store, table.clock, { seed: 11 }),
      newProcess(store, table.clock, { seed: 12 }),
    ];
  }

  /** All at once. */
  async run<Ask, T>(asks: Ask[], work: (ask: Ask) => Promise<T>): Promise<T[]> {
    return this.table.pass(Promise.all(asks.map(work)));
  }

  async allocate(caller: string, idempotencyKey = caller): Promise<Answer> {
    return this.#persistently(async ({ service }) => {
      try {
        return await service.allocate({ caller, idempotencyKey });
      } catch (error) {
        if (error instanceof NoSandboxesAvailableError) return 'none';
        throw error;
      }
    });
  }

  async giveBack(sandboxId: string, caller: string): Promise<void> {
    await this.#persistently(({ service }) => service.markForDeletion(sandboxId, caller));
  }

  /** Sees to it that the whole table keeps the rules, and holds that many of each status. */
  async expectSoundPool(counts: Record<string, number>): Promise<void> {
    const contents = await this.table.contents();
    expect(poolViolations(contents)).toEqual([]);
    const actual = Object.fromEntries(
      Object.keys(counts).map((status) => [
        status,
        contents.sandboxes.filter((sandbox) => sandbox.status === status).length,
      ]),
    );
    expect(actual).toEqual(counts);
  }

  /** As a client does, behind a load balancer: again after every 503, with any process. */
  async #persistently<T>(call: (process: BrokerProcess) => Promise<T>): Promise<T> {
    for (;;) {
      this.#callCount += 1;
      const process = this.#processes[this.#callCount % 2 === 0 ? 0 : 1];
      try {
        return await call(process);
      } catch (error) {
        if (!isWorthRetrying(error)) throw error;
        await this.table.clock.sleep(this.options.retryDelayMs);
      }
    }
  }
}

function isWorthRetrying(error: unknown): error is BrokerError {
  return error instanceof ServiceUnavailableError || error instanceof AllocationContendedError;
}

function holderOf(answer: Answer): string {
  return answer === 'none' ? 'none' : answer.sandbox.allocation.caller;
}

function sandboxOf(answer: Answer): string {
  return answer === 'none' ? 'none' : answer.sandbox.sandboxId;
}

function expectAllDifferent(values: string[]): void {
  expect(values).not.toContain('none');
  expect(new Set(values).size).toBe(values.length);
}
