import { setTimeout as delay } from 'node:timers/promises';
import { epochMs } from '../clock';
import { RawConnection } from '../load/raw-connection';
import { Admin } from '../../test/e2e/support/admin-client';
import { call } from '../../test/e2e/support/broker-client';
import { RARE_PREFIX, type PoolSystem } from './pool-system';

/** Milliseconds of each call, by the size of the pool. */
export type Durations = Map<number, number[]>;

/** A counted pool is kept for a second. */
const COUNT_LIFETIME_MS = 1_100;

export interface AllocationRounds {
  count: number;
  /** For sandboxes that are a hundred in the whole pool. */
  namePrefix?: typeof RARE_PREFIX;
  /** Between two allocations in the same pool, at least. {@link FORGET_MS} makes each of them search. */
  pauseMs?: number;
  signal: AbortSignal;
}

/** Found candidates are kept for a second (`CandidateFinder`); the next allocation after that queries the index. */
export const FORGET_MS = 1_100;

/**
 * Allocates one sandbox after the other, each time in another pool, so that a slow moment of the machine hits pools
 * of all sizes alike.
 */
export async function allocateInTurn(
  pools: readonly PoolSystem[],
  { count, namePrefix, pauseMs = 0, signal }: AllocationRounds,
): Promise<Durations> {
  const durations: Durations = new Map(pools.map(({ size }) => [size, []]));
  const lanes = await Promise.all(
    pools.map(async ({ size, system }) => ({
      size,
      token: system.brokerApiToken,
      connection: await RawConnection.open(Number(new URL(system.apis[0]?.url ?? '').port)),
      restedAtMs: 0,
    })),
  );
  try {
    for (let round = 0; round < count; round += 1) {
      signal.throwIfAborted();
      for (const lane of lanes) {
        const { size, token, connection } = lane;
        const restMs = lane.restedAtMs - epochMs();
        if (restMs > 0) await delay(restMs, undefined, { signal });
        const caller = `${namePrefix ?? 'any'}-${round}-${process.hrtime.bigint()}`;
        const answer = await connection.send(allocateRequest(token, caller, namePrefix));
        if (answer.status !== 201) throw new Error(`Allocation in a pool of ${size}: ${answer.body}`);
        durations.get(size)?.push(answer.endedAtMs - answer.startedAtMs);
        lane.restedAtMs = answer.endedAtMs + pauseMs;
      }
      // The next round begins with another pool.
      lanes.push(...lanes.splice(0, 1));
    }
  } finally {
    for (const { connection } of lanes) connection.close();
  }
  return durations;
}

function allocateRequest(token: string, caller: string, namePrefix: string | undefined): string {
  return [
    'POST /v1/allocate HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
    `X-Instruqt-Sandbox-ID: ${caller}`,
    ...(namePrefix === undefined ? [] : [`X-Sandbox-Name-Prefix: ${namePrefix}`]),
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** What admins and machines wait for, in milliseconds. */
export interface WatcherDurations {
  stats: number[];
  countingScrape: number[];
  adminPage: number[];
  /** Walking the whole list, 500 a page. */
  allPages: number;
}

/** Asks for what reads the whole pool, or a page of it, so many times. */
export async function watch({ size, system }: PoolSystem, count: number): Promise<WatcherDurations> {
  const admin = new Admin(system);
  const durations: WatcherDurations = { stats: [], countingScrape: [], adminPage: [], allPages: 0 };
  const apiUrl = system.apis[0]?.url ?? '';
  for (let turn = 0; turn < count; turn += 1) {
    durations.stats.push(await timeOf(() => expectOk(admin.get('/stats'))));
    durations.adminPage.push(await timeOf(() => expectOk(admin.get('/sandboxes?limit=100'))));
    await delay(COUNT_LIFETIME_MS);
    durations.countingScrape.push(await timeOf(() => expectOk(call('GET', `${apiUrl}/metrics`))));
  }
  durations.allPages = await timeOf(async () => {
    const { length } = await admin.listAll();
    if (length !== size) throw new Error(`The list of a pool of ${size} has ${length} sandboxes`);
  });
  return durations;
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const startedAtMs = epochMs();
  await action();
  return epochMs() - startedAtMs;
}

async function expectOk(answer: Promise<{ status: number }>): Promise<void> {
  const { status } = await answer;
  if (status !== 200) throw new Error(`The API answered ${status}`);
}
