import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { pino } from 'pino';
import { AdminService } from '../../app/admin/admin-service';
import { AlarmBoard } from '../../app/admin/alarm-board';
import { JobsService } from '../../app/admin/jobs-service';
import { RollbackList } from '../../app/admin/rollback-list';
import { AllocationService } from '../../app/allocation/allocation-service';
import { CandidateFinder } from '../../app/allocation/candidate-finder';
import { systemClock, type Clock } from '../../app/allocation/clock';
import { composeJobs } from '../../app/compose-jobs';
import { parseApiConfig } from '../../app/config';
import { consoleAssets } from '../../app/console/console-assets';
import { close, listen } from '../../app/http-listener';
import { Lifecycle } from '../../app/lifecycle';
import { Metrics } from '../../app/metrics';
import { PoolGauges } from '../../app/pool-gauges';
import { Readiness } from '../../app/readiness';
import type { Refusal } from '../../app/refusal';
import { createServer } from '../../app/server';
import { FakeCspClient } from '../fakes/fake-csp-client';
import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakeJobStore } from '../fakes/fake-job-store';
import { PortalCheck } from '../../app/jobs/portal-check';
import { FakePortalBindings, PORTAL_URL } from '../fakes/fake-portal-bindings';
import { FakeRollbackHistory } from '../fakes/fake-rollback-history';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { poolViolations } from '../fakes/pool-invariants';
import { seededRandom } from '../fakes/seeded-random';
import type { Answer } from '../http/http-client';
import { ADMIN_TOKEN, TRACK_TOKEN, type LogLine } from '../http/test-api';
import { poolToFuzz } from './fuzz-pool';
import { realListings, type KnownWorld } from './known-world';
import { listRoutes, type ListedRoute } from './route-list';

/** The limits are not what is tried here. */
const WIDE_OPEN = '1000000';

/** A whole API process in this one, its table and portal in memory, with a pool that callers hold parts of. */
export interface FuzzApi {
  port: number;
  app: Express;
  routes: ListedRoute[];
  basePath: string;
  world: KnownWorld;
  agent: Agent;
  metrics: Metrics;
  logLines: LogLine[];
  refusals: Refusal[];
  /** How often the table was asked for anything: a request that got there has got past validation. */
  tableCalls: () => number;
  /** Why a request was answered with a 500, from the log. */
  causeOf: (answer: Answer) => string[];
  /** What is wrong with the pool. */
  poolViolations: () => string[];
  stop: () => Promise<void>;
}

/** `change` may add what no application should have, before it listens. */
export async function startFuzzApi(
  seed: number,
  change: (app: Express) => void = () => undefined,
): Promise<FuzzApi> {
  const config = parseApiConfig({
    BROKER_API_TOKEN: TRACK_TOKEN,
    BROKER_ADMIN_TOKEN: ADMIN_TOKEN,
    DDB_ENDPOINT_URL: 'http://127.0.0.1:1',
    CSP_BASE_URL: 'http://127.0.0.1:1',
    CSP_API_TOKEN: 'portal-token-of-these-tests',
    CLEANUP_BATCH_DELAY_SEC: '0',
    RATE_LIMIT_PER_SECOND: WIDE_OPEN,
    RATE_LIMIT_BURST: WIDE_OPEN,
    RATE_LIMIT_PER_IP_PER_SECOND: WIDE_OPEN,
    RATE_LIMIT_PER_IP_BURST: WIDE_OPEN,
  });
  const logLines: LogLine[] = [];
  const logger = pino({ level: 'debug' }, { write: (line) => logLines.push(JSON.parse(line) as LogLine) });
  const random = seededRandom(seed);
  // Waiting would only make it slow: to find the pool empty takes a quarter of a second.
  const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
  const { pool, ...known } = poolToFuzz();
  const fakeStore = new FakeSandboxStore();
  fakeStore.seed(pool);
  const csp = new FakeCspClient({ clock });
  csp.has(pool.sandboxes.filter(({ status }) => status !== 'stale' && status !== 'deleted'));
  let calls = 0;
  const counted = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          calls += 1;
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  const store = counted(fakeStore);
  const inventory = counted(new FakeInventoryStore(fakeStore));
  const jobStore = counted(new FakeJobStore());
  const metrics = new Metrics();
  const service = new AllocationService(
    {
      store,
      finder: new CandidateFinder(store, clock, random),
      clock,
      random,
      logger,
      events: { onLostRace: () => undefined },
    },
    {
      labDurationSeconds: config.labDurationSeconds,
      gracePeriodSeconds: config.gracePeriodSeconds,
      timeBudgetMs: 20_000,
    },
  );
  const { jobs, runner } = composeJobs(
    'api',
    config.jobs,
    { store, inventory, jobStore, clock, bindings: FakePortalBindings.bound() },
    csp,
    metrics.registry,
    logger,
  );
  const lifecycle = new Lifecycle();
  lifecycle.started();
  const app = createServer({
    config,
    service,
    administration: {
      admin: new AdminService({
        store,
        inventory,
        portal: new PortalCheck(FakePortalBindings.bound(), PORTAL_URL, clock),
        clock,
        random,
        logger,
      }),
      jobs,
      jobsService: new JobsService({
        runner,
        store: jobStore,
        clock,
        logger,
        intervalSeconds: config.jobs.intervalSeconds,
        leaseTtlMs: config.jobs.leaseTtlMs,
      }),
      rollbacks: new RollbackList(counted(new FakeRollbackHistory()), clock),
      alarms: new AlarmBoard(undefined, clock, logger),
    },
    consoleAssets: consoleAssets('script();', 'a { color: red }'),
    lifecycle,
    readiness: new Readiness(fakeStore, systemClock),
    metrics,
    gauges: new PoolGauges(fakeStore, metrics, systemClock, logger, config.metricsCacheMs),
    logger,
  });
  change(app);
  const refusals: Refusal[] = [];
  const server = await listen(app, 0, { onRefusal: (refusal) => refusals.push(refusal) });
  const { port } = server.address() as AddressInfo;
  const tokens = { trackToken: TRACK_TOKEN, adminToken: ADMIN_TOKEN, basePath: config.basePath };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    port,
    app,
    routes: listRoutes(app),
    basePath: config.basePath,
    world: { ...tokens, ...known, listings: await realListings(port, tokens) },
    agent,
    metrics,
    logLines,
    refusals,
    tableCalls: () => calls,
    causeOf: ({ status, headers }) =>
      status < 500
        ? []
        : logLines
            .filter(({ err, request_id: id }) => err !== undefined && id === headers['x-request-id'])
            .map(({ err }) => JSON.stringify(err)),
    poolViolations: () => poolViolations(fakeStore.contents()),
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await close(server);
    },
  };
}
