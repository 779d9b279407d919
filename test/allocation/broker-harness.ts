import {
  AllocationService,
  type AllocateRequest,
  type AllocateResult,
  type AllocationOptions,
} from '../../app/allocation/allocation-service';
import { CandidateFinder } from '../../app/allocation/candidate-finder';
import type { Clock } from '../../app/allocation/clock';
import type { Sandbox } from '../../app/allocation/sandbox';
import type { Logger } from '../../app/logger';
import type { SandboxStore } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { FaultyStore, type NextFault } from '../fakes/faulty-store';
import type { FaultOfKey } from '../fakes/keyed-faults';
import { recordingLogger, silentLogger } from '../fakes/loggers';
import type { PoolContents } from '../fakes/pool-invariants';
import { seededRandom } from '../fakes/seeded-random';

export const LAB_SECONDS = 4 * 3_600;
export const GRACE_SECONDS = 30 * 60;

const OPTIONS: AllocationOptions = {
  labDurationSeconds: LAB_SECONDS,
  gracePeriodSeconds: GRACE_SECONDS,
  // Of real time, while the clock of these tests is a fake: nothing runs out unless a test means it to.
  timeBudgetMs: 4_000,
};

export interface ProcessOptions extends Partial<AllocationOptions> {
  seed?: number;
  logger?: Logger;
}

/** What one API process has of the domain: its own service and finder on a table that others may share. */
export interface BrokerProcess {
  service: AllocationService;
  lostRaces: () => number;
}

export function newProcess(
  store: SandboxStore,
  clock: Clock,
  { seed = 1, logger = silentLogger, ...options }: ProcessOptions = {},
): BrokerProcess {
  let lostRaceCount = 0;
  const random = seededRandom(seed);
  const service = new AllocationService(
    {
      store,
      finder: new CandidateFinder(store, clock, random),
      clock,
      random,
      logger,
      events: {
        onLostRace: () => {
          lostRaceCount += 1;
        },
      },
    },
    { ...OPTIONS, ...options },
  );
  return { service, lostRaces: () => lostRaceCount };
}

/** One process on a fake table of its own. Calls let the fake time pass until they have their answer. */
export interface BrokerHarness {
  service: AllocationService;
  clock: FakeClock;
  table: FakeSandboxStore;
  store: FaultyStore;
  lostRaces: () => number;
  logLines: { level: number; msg: string }[];
  /** The key is the caller's id unless given, as in HTTP. */
  allocate: (caller: string, request?: Partial<Omit<AllocateRequest, 'caller'>>) => Promise<AllocateResult>;
  get: (sandboxId: string, caller: string) => Promise<Sandbox>;
  markForDeletion: (sandboxId: string, caller: string) => Promise<Sandbox>;
}

export function newBrokerHarness(
  contents: Partial<PoolContents>,
  {
    nextFault,
    faultOf,
    latencyMs = 0,
    indexLagMs = 0,
    ...options
  }: ProcessOptions & {
    nextFault?: NextFault;
    faultOf?: FaultOfKey;
    /** How long each call of the table takes, of the fake time. */
    latencyMs?: number;
    indexLagMs?: number;
  } = {},
): BrokerHarness {
  const clock = new FakeClock();
  const table = new FakeSandboxStore({ clock, indexLagMs: () => indexLagMs });
  table.seed(contents);
  const store = new FaultyStore(table, {
    nextFault,
    keyed: faultOf && { faultOf, clock },
    latency: latencyMs > 0 ? { clock, durationMs: () => latencyMs / 2 } : undefined,
  });
  const { logger, lines } = recordingLogger();
  const { service, lostRaces } = newProcess(store, clock, { logger, ...options });
  return {
    service,
    clock,
    table,
    store,
    lostRaces,
    logLines: lines,
    allocate: (caller, request) =>
      clock.passUntil(service.allocate({ caller, idempotencyKey: caller, ...request })),
    get: (sandboxId, caller) => clock.passUntil(service.get(sandboxId, caller)),
    markForDeletion: (sandboxId, caller) => clock.passUntil(service.markForDeletion(sandboxId, caller)),
  };
}
