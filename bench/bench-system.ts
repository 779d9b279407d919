import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { startLocalSystem, type LocalSystem } from '../local/local-system';
import { CleanupStack } from '../local/processes/cleanup-stack';
import { epochMs } from './clock';
import { LimitClients } from './limit/limit-clients';
import { LoadGenerator } from './load/load-generator';
import { BenchPool } from './pool/bench-pool';
import type { BenchContext } from './scenario';

/** API processes, as tasks of the service in production. */
export const API_PROCESS_COUNT = 2;

/** Wide open: all load comes from one address, which in production a class does as well only behind one NAT gateway. */
const OPEN_IP_LIMIT = 1_000_000;
/** Longer than the API processes remember what they found, and that they found nothing: a second each. */
const FORGET_MS = 1_200;

export const RATE_LIMIT_NOTE =
  'Rate limits: per caller as by default (50/s, bursts of 200); per IP address wide open (1,000,000/s; ' +
  'default 500/s, bursts of 2,000), because all load comes from one address.';

export const CLIENT_NOTE =
  'The load comes from a process of its own, over bare kept-alive sockets, one for each student, opened beforehand. ' +
  'It shares the processors with all that it measures.';

export const LATENCY_NOTE =
  'A latency is from just before the call is written to the last byte of its answer, at the client; percentiles are ' +
  'by nearest rank, and calls that failed are among them, with the time to their refusal. A rate is the allocations ' +
  'made, divided by the time from the first call to the last answer.';

/** Two API processes on an engine of their own, and what puts load on them. */
export interface BenchSystem {
  system: LocalSystem;
  pool: BenchPool;
  load: LoadGenerator;
  /** The bare clients of the limit; they are started when they are first asked for. */
  limit(): LimitClients;
  /** Resolves when the API processes no longer remember what they saw in an earlier round. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchSystemOptions {
  /** Where API processes find the table, given where it is: for a proxy in between. */
  processDynamodbEndpoint?: (engineEndpoint: string) => Promise<string>;
}

/** Starts it, without worker, the pool empty. What was started is stopped if anything fails. */
export async function startBenchSystem(
  { bundleDirectory, signal }: BenchContext,
  options: BenchSystemOptions = {},
): Promise<BenchSystem> {
  const cleanups = new CleanupStack();
  try {
    const system = await startLocalSystem({
      ...options,
      sandboxCount: 0,
      apiTaskCount: API_PROCESS_COUNT,
      apiEntry: join(bundleDirectory, 'api.js'),
      apiEnvironment: {
        RATE_LIMIT_PER_IP_PER_SECOND: String(OPEN_IP_LIMIT),
        RATE_LIMIT_PER_IP_BURST: String(OPEN_IP_LIMIT),
      },
      signal,
    });
    cleanups.add(() => system.stop());
    const table = { endpoint: system.dynamodbEndpoint, tableNames: system.tableNames };
    const pool = new BenchPool(table);
    cleanups.add(() => {
      pool.close();
    });
    const ports = system.apis.map(({ url }) => Number(new URL(url).port));
    const load = new LoadGenerator(ports, system.brokerApiToken, signal);
    cleanups.add(() => load.stop());
    let limit: LimitClients | undefined;
    cleanups.add(() => limit?.stop());
    return {
      system,
      pool,
      load,
      limit: () => (limit ??= new LimitClients(table, signal)),
      settle: async () => {
        await delay(Math.max(0, load.lastAnswerAtMs + FORGET_MS - epochMs()), undefined, { signal });
      },
      stop: () => cleanups.run(),
    };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

/** Runs with a system, and stops it whatever happens. */
export async function withBenchSystem<T>(
  context: BenchContext,
  options: BenchSystemOptions,
  use: (bench: BenchSystem) => Promise<T>,
): Promise<T> {
  const bench = await startBenchSystem(context, options);
  try {
    return await use(bench);
  } finally {
    await bench.stop();
  }
}
