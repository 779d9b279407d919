import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { AllocateRequest, AllocateResult } from '../../app/allocation/allocation-service';
import { systemClock } from '../../app/allocation/clock';
import type { AllocatedSandbox, Sandbox } from '../../app/allocation/sandbox';
import { parseApiConfig } from '../../app/config';
import { close, listen } from '../../app/http-listener';
import { Lifecycle } from '../../app/lifecycle';
import { Metrics } from '../../app/metrics';
import { PoolGauges } from '../../app/pool-gauges';
import { Readiness } from '../../app/readiness';
import { refusalLog } from '../../app/refusal-log';
import { createServer, type ServerDependencies } from '../../app/server';
import type { KnownCounts } from '../../app/store/sandbox-store';
import { allocatedSandbox, SAMPLE_ALLOCATION } from '../fakes/sandbox-samples';
import { call, type Answer, type CallOptions } from './http-client';

export const TRACK_TOKEN = 'track-token-of-these-tests';
export const SECOND_TRACK_TOKEN = 'track-token-while-rotating';
export const ADMIN_TOKEN = 'admin-token-of-these-tests';

/** A line of the log, as JSON. */
export type LogLine = Record<string, unknown>;

/** An allocation service that does what the test says, and remembers what it was asked. */
export class ScriptedService {
  readonly asked: unknown[] = [];

  onAllocate: (request: AllocateRequest) => Promise<AllocateResult> = ({ caller, trackName }) =>
    Promise.resolve({ sandbox: heldBy({ caller, trackName }), isNew: true });
  onGet: (sandboxId: string, caller: string) => Promise<Sandbox> = (sandboxId, caller) =>
    Promise.resolve({ ...heldBy({ caller }), sandboxId });
  onMark: (sandboxId: string, caller: string) => Promise<Sandbox> = (sandboxId, caller) =>
    Promise.resolve({ ...heldBy({ caller }), sandboxId });

  async allocate(request: AllocateRequest): Promise<AllocateResult> {
    this.asked.push(request);
    return this.onAllocate(request);
  }

  async get(sandboxId: string, caller: string): Promise<Sandbox> {
    this.asked.push({ sandboxId, caller });
    return this.onGet(sandboxId, caller);
  }

  async markForDeletion(sandboxId: string, caller: string): Promise<Sandbox> {
    this.asked.push({ sandboxId, caller });
    return this.onMark(sandboxId, caller);
  }
}

/** A sandbox in this caller's hands. */
function heldBy(holder: { caller: string; trackName?: string }): AllocatedSandbox {
  return allocatedSandbox({ allocation: { ...SAMPLE_ALLOCATION, ...holder } });
}

/** Nothing refills any more, and nothing cached gets old, until `jest.restoreAllMocks()`. */
export function stopTheClock(): void {
  jest.spyOn(systemClock, 'nowMs').mockReturnValue(systemClock.nowMs());
  jest.spyOn(systemClock, 'monotonicMs').mockReturnValue(systemClock.monotonicMs());
}

/** The part of the store that probes and scrapes use: counts how often it is asked. */
export class CountingStore {
  pings = 0;
  counts = 0;
  onPing: () => Promise<void> = () => Promise.resolve();
  onCount: () => Promise<KnownCounts> = () =>
    Promise.resolve({
      available: 5,
      allocated: 4,
      pending_deletion: 3,
      deletion_unconfirmed: 6,
      deletion_failed: 2,
      stale: 1,
    });

  async ping(): Promise<void> {
    this.pings += 1;
    return this.onPing();
  }

  async countByStatus(): Promise<KnownCounts> {
    this.counts += 1;
    return this.onCount();
  }
}

/** A running API on a port of its own, with everything around it in the test's hands. */
export interface TestApi {
  port: number;
  server: Server;
  service: ScriptedService;
  store: CountingStore;
  lifecycle: Lifecycle;
  metrics: Metrics;
  /** What it has logged, `debug` included. */
  logLines: LogLine[];
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** The same with a track's token and a caller; `headers` come on top. */
  callAsTrack(path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts the real Express application behind the real listener; `env` overrides the configuration. */
export async function startTestApi(
  env: Record<string, string> = {},
  { isStarted = true }: { isStarted?: boolean } = {},
): Promise<TestApi> {
  const config = parseApiConfig({
    BROKER_API_TOKEN: `${TRACK_TOKEN},${SECOND_TRACK_TOKEN}`,
    BROKER_ADMIN_TOKEN: ADMIN_TOKEN,
    DDB_ENDPOINT_URL: 'http://127.0.0.1:1',
    CSP_BASE_URL: 'http://127.0.0.1:1',
    CSP_API_TOKEN: 'portal-token-of-these-tests',
    ...env,
  });
  const logLines: LogLine[] = [];
  const logger = pino(
    { level: 'debug', base: { service: 'api' } },
    { write: (line: string) => logLines.push(JSON.parse(line) as LogLine) },
  );
  const service = new ScriptedService();
  const store = new CountingStore();
  const lifecycle = new Lifecycle();
  if (isStarted) lifecycle.started();
  const metrics = new Metrics();
  const app = createServer({
    config,
    // The class has private parts, which no stand-in can have; its public ones are all here.
    service: service,
    // No test here gets as far as an admin's call itself.
    administration: {} as ServerDependencies['administration'],
    lifecycle,
    readiness: new Readiness(store, systemClock),
    metrics,
    gauges: new PoolGauges(store, metrics, systemClock, logger, config.metricsCacheMs),
    logger,
  });
  const server = await listen(app, 0, { onRefusal: refusalLog(logger, metrics, systemClock) });
  const { port } = server.address() as AddressInfo;
  const { basePath } = config;
  return {
    port,
    server,
    service,
    store,
    lifecycle,
    metrics,
    logLines,
    call: (path, options) => call(port, path, { basePath, ...options }),
    callAsTrack: (path, options) =>
      call(port, path, {
        basePath,
        ...options,
        headers: {
          Authorization: `Bearer ${TRACK_TOKEN}`,
          'X-Instruqt-Sandbox-ID': 'student-1',
          ...options?.headers,
        },
      }),
    stop: async () => {
      server.closeAllConnections();
      await close(server);
    },
  };
}
