import { join } from 'node:path';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { LOCAL_AWS_ENVIRONMENT } from '../../local/engine/local-credentials';
import { BenchProcess } from '../child-process';
import type { TableAt } from '../pool/bench-pool';
import { sum } from '../statistics';

/** How bare clients make their transactions. */
export interface LimitManner {
  allocationsPerTransaction: number;
  /** Transactions in flight at a time, in each client. */
  concurrency: number;
}

/** The transactions that one bare client is to make. */
export interface LimitWork extends LimitManner {
  endpoint: string;
  region: string;
  tableName: string;
  sandboxes: AvailableSandbox[];
  /** Begins the callers' names, so that no two rounds share a claim. */
  callerPrefix: string;
}

/** What a bare client's process is asked. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no Record
export type LimitQuestions = {
  transact: {
    question: LimitWork;
    answer: {
      startedAtMs: number;
      endedAtMs: number;
      /** Made. */
      allocationCount: number;
      /** Of each transaction that was made. */
      latenciesMs: number[];
      /** Why the last transaction that was not made was not. */
      failure: string | undefined;
    };
  };
};

/** How it went, over all clients. */
export interface LimitRound {
  /** Made; those that failed are not counted in the rate either. */
  allocationCount: number;
  /** Allocations that were not made. */
  failedCount: number;
  /** From the first client's start to the last one's end. */
  durationMs: number;
  /** Allocations, not transactions. */
  ratePerSecond: number;
  /** Of each transaction that was made. */
  latenciesMs: number[];
}

/** As many clients as there are API processes. */
export const LIMIT_CLIENT_COUNT = 2;
/** As many as the app has at work in a process: `MAX_CONCURRENT_CALLS` of app/allocation/allocation-service.ts. */
export const LIMIT_CONCURRENCY = 64;
/** Every allocation in a transaction of its own, as many under way as the app has calls at work. */
export const ONE_EACH: LimitManner = { allocationsPerTransaction: 1, concurrency: LIMIT_CONCURRENCY };
/** As the app groups them when many students call at once: the two limits of app/store/dynamo-allocations.ts. */
export const GROUPED: LimitManner = { allocationsPerTransaction: 8, concurrency: 8 };

/** Bare clients, each a process: how fast this machine and engine can allocate if nobody had to search or to ask. */
export class LimitClients {
  readonly #processes: BenchProcess<LimitQuestions>[];

  constructor(
    private readonly table: TableAt,
    signal: AbortSignal,
  ) {
    this.#processes = Array.from(
      { length: LIMIT_CLIENT_COUNT },
      () => new BenchProcess<LimitQuestions>(join(__dirname, 'limit-process.ts'), signal),
    );
  }

  /** Takes these sandboxes, shared out evenly. They must be available and nobody else's. */
  async take(sandboxes: AvailableSandbox[], callerPrefix: string, manner: LimitManner): Promise<LimitRound> {
    const { endpoint, tableNames } = this.table;
    const share = Math.ceil(sandboxes.length / this.#processes.length);
    const ends = await Promise.all(
      this.#processes.map((process, index) =>
        process.ask('transact', {
          endpoint,
          region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
          tableName: tableNames.table,
          sandboxes: sandboxes.slice(index * share, (index + 1) * share),
          callerPrefix,
          ...manner,
        }),
      ),
    );
    const durationMs =
      Math.max(...ends.map((end) => end.endedAtMs)) - Math.min(...ends.map((end) => end.startedAtMs));
    const allocationCount = sum(ends.map((end) => end.allocationCount));
    const failure = ends.find((end) => end.failure !== undefined)?.failure;
    if (allocationCount === 0) throw new Error(`No transaction could be made: ${failure ?? 'no reason'}`);
    return {
      allocationCount,
      failedCount: sandboxes.length - allocationCount,
      durationMs,
      ratePerSecond: (allocationCount / durationMs) * 1_000,
      latenciesMs: ends.flatMap((end) => end.latenciesMs),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }
}
