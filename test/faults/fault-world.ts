import { join } from 'node:path';
import { DEFAULT_TABLE_NAMES, tableDefinition } from '../../app/store/table';
import { sandboxToItem } from '../../app/store/items';
import type { Random } from '../../app/allocation/clock';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import type { CleanupStack } from '../../local/processes/cleanup-stack';
import { scanTable } from '../e2e/support/table-scan';
import type { BundleVariant } from './bundles/bundle-variant';
import { openEngineDoor, type EngineDoor } from './doors/engine-door';
import { LeaseJournal } from './doors/lease-journal';
import { openPortalDoor, type PortalDoor } from './doors/portal-door';
import { RowHistory } from './doors/row-history';
import { BrokerLine } from './people/broker-call';
import { FaultyDayAdmin } from './people/admin';
import { PortalOwner } from './people/portal-owner';
import type { EngineFault, PortalFault, Rates } from './plan/phases';
import { ProcessKeeper } from './process-keeper';

/** Enough for a while, and not for ever: some callers find the pool empty. */
const POOL_SIZE = 250;
const REFILL = { targetCount: POOL_SIZE, intervalMs: 500, maxPerInterval: 10 };
export const API_COUNT = 2;
export const WORKER_COUNT = 2;

/** Short leases, short intervals, an impatient portal client: half a minute must hold what else takes an hour. */
const ENVIRONMENT = {
  JOB_LEASE_SEC: '3',
  SYNC_INTERVAL_SEC: '2',
  CLEANUP_INTERVAL_SEC: '1',
  AUTO_EXPIRY_INTERVAL_SEC: '1',
  AUTO_DELETE_STALE_INTERVAL_SEC: '5',
  STALE_GRACE_PERIOD_HOURS: '0',
  CLEANUP_BATCH_DELAY_SEC: '0',
  CIRCUIT_BREAKER_TIMEOUT_SEC: '1',
  CSP_TIMEOUT_CONNECT_SEC: '1',
  CSP_TIMEOUT_READ_SEC: '1',
};

const API_ENVIRONMENT = { METRICS_CACHE_SECONDS: '1', STATUS_REPORT_SEC: '2', POOL_REPORT_SEC: '5' };

export interface FaultWorldOptions {
  bundles: BundleVariant;
  /** How long labs last in these bundles, and the grace after them. */
  labSeconds: number;
  graceSeconds: number;
  /** The engine's data and the logs go there. */
  directory: string;
  stream: (name: string) => Random;
  engineRates: () => Rates<EngineFault>;
  portalRates: () => Rates<PortalFault>;
  maxIndexLagMs: () => number;
  onProblem: (what: string) => void;
}

/** A whole system behind its two doors, and the people around it. */
export interface FaultWorld {
  system: LocalSystem;
  apiUrls: string[];
  history: RowHistory;
  leases: LeaseJournal;
  engineDoor: EngineDoor;
  portalDoor: PortalDoor;
  keeper: ProcessKeeper;
  line: BrokerLine;
  admin: FaultyDayAdmin;
  portalOwner: PortalOwner;
}

/** Starts two API processes and two workers, whose every call to engine and portal goes through a door. */
export async function startFaultWorld(
  options: FaultWorldOptions,
  cleanups: CleanupStack,
): Promise<FaultWorld> {
  const { bundles, directory, stream, onProblem } = options;
  const history = new RowHistory();
  const leases = new LeaseJournal();
  const doors: { engine?: EngineDoor; portal?: PortalDoor } = {};
  const told: { keeper?: ProcessKeeper } = {};

  const system = await startLocalSystem({
    sandboxCount: POOL_SIZE,
    refill: REFILL,
    apiTaskCount: API_COUNT,
    workerCount: WORKER_COUNT,
    environment: {
      ...ENVIRONMENT,
      LAB_DURATION_HOURS: String(options.labSeconds),
      GRACE_PERIOD_MINUTES: String(options.graceSeconds),
    },
    apiEnvironment: API_ENVIRONMENT,
    ...bundles,
    engineDataFile: join(directory, 'engine.sqlite'),
    logDirectory: directory,
    respawn: {
      onEvent: (message) => {
        told.keeper?.onRespawnEvent(message);
      },
      firstDelayMs: 200,
      maxDelayMs: 2_000,
    },
    processDynamodbEndpoint: async (engineEndpoint) => {
      doors.engine = await openEngineDoor({
        engineEndpoint,
        table: tableDefinition(DEFAULT_TABLE_NAMES),
        history,
        leases,
        random: stream('engine door'),
        rates: options.engineRates,
        maxIndexLagMs: options.maxIndexLagMs,
      });
      cleanups.add(() => doors.engine?.stop());
      return doors.engine.url;
    },
    processCspUrl: async (portalUrl) => {
      doors.portal = await openPortalDoor({
        portalUrl,
        random: stream('portal door'),
        rates: options.portalRates,
      });
      cleanups.add(() => doors.portal?.stop());
      return doors.portal.url;
    },
  });
  cleanups.add(() => system.stop());
  const { engine: engineDoor, portal: portalDoor } = doors;
  if (!engineDoor || !portalDoor) throw new Error('The system was started without its doors');
  history.load((await scanTable(system)).sandboxes.map(sandboxToItem));

  const keeper = new ProcessKeeper(system);
  told.keeper = keeper;
  const line = new BrokerLine();
  cleanups.add(() => {
    line.close();
  });
  const apiUrls = system.apis.map(({ url }) => url);
  return {
    system,
    apiUrls,
    history,
    leases,
    engineDoor,
    portalDoor,
    keeper,
    line,
    admin: new FaultyDayAdmin({
      line,
      apiUrls,
      token: system.brokerAdminToken,
      random: stream('admin'),
      onProblem,
    }),
    portalOwner: new PortalOwner({
      portalUrl: system.cspUrl,
      apiToken: system.cspApiToken,
      random: stream('portal owner'),
    }),
  };
}
