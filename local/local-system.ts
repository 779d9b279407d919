import { join } from 'node:path';
import { createStores } from '../app/compose';
import type { CspClient } from '../app/csp/csp-client';
import { HttpCspClient } from '../app/csp/http-csp-client';
import { createLogger } from '../app/logger';
import { portalIdentity, type PortalBindingStore } from '../app/store/portal-binding';
import type { SandboxStore } from '../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES, type TableNames } from '../app/store/table';
import { bundle, startBrokerProcess, type BrokerInstance } from './processes/broker-process';
import { CleanupStack } from './processes/cleanup-stack';
import { startEngine, type Engine, type EngineOptions } from './engine/engine';
import { fillPool } from './fill-pool';
import { newToken } from './new-token';
import { LOCAL_AWS_ENVIRONMENT } from './engine/local-credentials';
import type { ManagedProcess } from './processes/managed-process';
import type { RefillOptions } from './portal/portal-simulator';
import { startPortal, type Portal } from './processes/portal-process';
import { isPortFree, PortTakenError } from './processes/ports';
import { resolveEngine } from './engine/resolve-engine';
import type { RespawnOptions } from './processes/respawn';
import { settled } from './processes/settled';
import { Watchdog } from './processes/watchdog';

/** What this process itself has to say goes to the screen, in words for people. */
const SILENT = createLogger({ service: 'local', level: 'silent' });

export interface LocalSystemOptions {
  /** Accounts in the portal, and so sandboxes in the pool. */
  sandboxCount?: number;
  /** Begins the names of the sandboxes. */
  namePrefix?: string;
  /** Worker processes; production has one. */
  workerCount?: number;
  /** The first worker listens here; 0, the default, takes a free port. */
  firstWorkerPort?: number;
  /** More environment variables for API and worker processes; those for one kind win. */
  environment?: Record<string, string>;
  workerEnvironment?: Record<string, string>;
  /** The program of the worker processes, instead of dist/worker.js. */
  workerEntry?: string;
  /** API processes, as tasks of the service. */
  apiTaskCount?: number;
  /** The first API process listens here, the next one a port further; 0, the default, takes free ones. */
  firstApiPort?: number;
  tableNames?: TableNames;
  /** More environment variables for the API processes. */
  apiEnvironment?: Record<string, string>;
  /** The program of the API processes, instead of dist/api.js. */
  apiEntry?: string;
  /** Where API and worker processes find the table, given where it is: for a proxy in between. */
  processDynamodbEndpoint?: (engineEndpoint: string) => string | Promise<string>;
  /** Where API and worker processes find the portal, given where it is: for a proxy in between. */
  processCspUrl?: (portalUrl: string) => string | Promise<string>;
  /** The engine keeps its data in this file, for runs in which it is killed. Without it, in memory. */
  engineDataFile?: string;
  /** Lets the portal grow back after deletions. */
  refill?: RefillOptions;
  /** Restarts API and worker processes that end unasked, as ECS would. Without it they stay dead. */
  respawn?: RespawnOptions;
  /** Each process writes `<role>.log` in it. */
  logDirectory?: string;
  /** Gives up starting; what has been started is stopped. */
  signal?: AbortSignal;
}

/** A whole system that answers. */
export interface LocalSystem {
  apis: BrokerInstance[];
  workers: BrokerInstance[];
  brokerApiToken: string;
  brokerAdminToken: string;
  /** The engine itself, not the proxy. */
  dynamodbEndpoint: string;
  tableNames: TableNames;
  /** On the engine itself. */
  store: SandboxStore;
  csp: CspClient;
  cspUrl: string;
  cspApiToken: string;
  /** Undefined when DDB_ENDPOINT_URL names one that was there before. */
  engine: ManagedProcess | undefined;
  portal: ManagedProcess;
  /** Stops everything, and resolves when all processes have ended. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts engine, portal simulator and API processes, each in a process of its own, and fills the pool from the
 * portal. Sets the AWS credentials of this process to local ones. If any part fails, the others are stopped first.
 */
export async function startLocalSystem(options: LocalSystemOptions = {}): Promise<LocalSystem> {
  const cleanups = new CleanupStack();
  try {
    return await start(options, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function start(options: LocalSystemOptions, cleanups: CleanupStack): Promise<LocalSystem> {
  const { tableNames = DEFAULT_TABLE_NAMES, signal } = options;
  // What can be known to fail is found out before anything is started.
  const choice = resolveEngine();
  const apiPorts = await choosePorts(options.firstApiPort ?? 0, options.apiTaskCount ?? 2);
  const workerPorts = await choosePorts(options.firstWorkerPort ?? 0, options.workerCount ?? 0);
  const watchdog = new Watchdog();
  cleanups.add(() => watchdog.stop());

  const [engine, portal] = await settled([
    startOwnEngine(
      {
        choice,
        tableNames,
        watchdog,
        logFile: logFile(options, 'engine'),
        dataFile: options.engineDataFile,
      },
      cleanups,
    ),
    startPortal(
      {
        sandboxCount: options.sandboxCount ?? 50,
        namePrefix: options.namePrefix,
        refill: options.refill,
        watchdog,
        logFile: logFile(options, 'csp'),
      },
      cleanups,
    ),
  ]);
  signal?.throwIfAborted();

  const { store, bindings, close } = createStores(
    { tableNames, region: LOCAL_AWS_ENVIRONMENT.AWS_REGION, endpoint: engine.endpoint },
    SILENT,
  );
  cleanups.add(close);
  const csp = portalClient(portal);
  const brokerApiToken = newToken();
  const brokerAdminToken = newToken();
  const environment = {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    DDB_ENDPOINT_URL: (await options.processDynamodbEndpoint?.(engine.endpoint)) ?? engine.endpoint,
    DDB_TABLE_NAME: tableNames.table,
    DDB_GSI1_NAME: tableNames.statusIndex,
    DDB_GSI2_NAME: tableNames.trackIndex,
    DDB_GSI3_NAME: tableNames.nameIndex,
    CSP_BASE_URL: (await options.processCspUrl?.(portal.url)) ?? portal.url,
    CSP_API_TOKEN: portal.apiToken,
    ...LOCAL_AWS_ENVIRONMENT,
    ...options.environment,
  };
  const shared = { respawn: options.respawn, watchdog };
  const startApi = (port: number | 'free', index: number): Promise<BrokerInstance> =>
    startBrokerProcess(
      {
        ...shared,
        role: `api-${index + 1}`,
        entry: options.apiEntry ?? bundle('api'),
        port,
        portVariable: 'PORT',
        environment: {
          ...environment,
          DRAIN_SECONDS: '0',
          BROKER_API_TOKEN: brokerApiToken,
          BROKER_ADMIN_TOKEN: brokerAdminToken,
          ...options.apiEnvironment,
        },
        logFile: logFile(options, `api-${index + 1}`),
      },
      cleanups,
    );
  const startWorker = (port: number | 'free', index: number): Promise<BrokerInstance> => {
    const role = index === 0 ? 'worker' : `worker-${index + 1}`;
    return startBrokerProcess(
      {
        ...shared,
        role,
        entry: options.workerEntry ?? bundle('worker'),
        port,
        portVariable: 'WORKER_PORT',
        environment: { ...environment, ...options.workerEnvironment },
        logFile: logFile(options, role),
      },
      cleanups,
    );
  };
  const [, apis] = await settled([
    csp.listSandboxes().then(async ({ accounts }) => {
      await initialise(bindings, environment.CSP_BASE_URL);
      await fillPool(store, accounts);
    }),
    settled(apiPorts.map(startApi)),
  ]);
  signal?.throwIfAborted();
  // Last, so that the first sync finds the pool filled.
  const workers = await settled(workerPorts.map(startWorker));
  signal?.throwIfAborted();

  return {
    apis,
    workers,
    brokerApiToken,
    brokerAdminToken,
    dynamodbEndpoint: engine.endpoint,
    tableNames,
    store,
    csp,
    cspUrl: portal.url,
    cspApiToken: portal.apiToken,
    engine: engine.process,
    portal: portal.process,
    stop: () => cleanups.run(),
  };
}

/** Binds the table to the portal that the processes call, so that their jobs may work on it. A bound one is kept. */
async function initialise(bindings: PortalBindingStore, portalUrl: string): Promise<void> {
  const { binding, tableId } = await bindings.find();
  if (binding) return;
  const initialisedAt = Math.floor(Date.now() / 1000);
  const portal = portalIdentity(portalUrl);
  await bindings.bind({ portal, initialisedAt, initialisedBy: 'local system', tableId }, undefined);
}

async function choosePorts(first: number, count: number): Promise<(number | 'free')[]> {
  if (first === 0) return Array.from({ length: count }, () => 'free' as const);
  const ports = Array.from({ length: count }, (_, index) => first + index);
  for (const port of ports) {
    if (!(await isPortFree(port))) throw new PortTakenError(port);
  }
  return ports;
}

async function startOwnEngine(options: EngineOptions, cleanups: CleanupStack): Promise<Engine> {
  const engine = await startEngine(options);
  cleanups.add(() => engine.stop());
  return engine;
}

function portalClient({ url, apiToken }: Portal): CspClient {
  return new HttpCspClient({
    baseUrl: url,
    apiToken,
    connectTimeoutMs: 5_000,
    readTimeoutMs: 15_000,
    circuitBreaker: { threshold: 5, openMs: 60_000 },
    logger: SILENT,
  });
}

function logFile({ logDirectory }: LocalSystemOptions, role: string): string | undefined {
  return logDirectory === undefined ? undefined : join(logDirectory, `${role}.log`);
}
