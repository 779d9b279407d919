import type { AlarmState } from '../../cli/alarms/alarm-states';
import type { AwsContext } from '../../cli/context';
import type { DeployedService, DeployedServices, Revision } from '../../cli/services/deployed-services';
import type { AwsTarget } from '../../cli/target';
import type { Terminal } from '../../cli/terminal';
import { ALARM_NAMES, cloudWatchAlarmName, ROLLBACK_ALARM_NAMES } from '../../alarms/definitions';
import { ServiceNotFoundError } from '../../alarms/rollback/worker-service';
import { JOB_NAMES, type JobName, type JobRun } from '../../app/store/job-store';
import type { KnownCounts } from '../../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES } from '../../app/store/table';
import { RollbackWorld } from '../alarms/rollback/rollback-world';
import { FakeInventoryStore } from '../fakes/fake-inventory-store';
import { FakePortalBindings } from '../fakes/fake-portal-bindings';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { silentLogger } from '../fakes/loggers';

export const PREFIX = 'sandbox-broker-dev';
const API = `${PREFIX}-api`;
const WORKER = `${PREFIX}-worker`;

const TARGET: AwsTarget = {
  kind: 'aws',
  environment: 'dev',
  cluster: PREFIX,
  apiService: API,
  workerService: WORKER,
  desiredCountParameter: '/sandbox-broker/dev/worker/desired-count',
  alarmNamePrefix: PREFIX,
  table: { region: 'us-east-1', tableNames: DEFAULT_TABLE_NAMES },
  options: [],
  endpointVariables: [],
};

/** What a person sees and answers. */
export class FakeTerminal implements Terminal {
  readonly outLines: string[] = [];
  readonly notes: string[] = [];
  readonly questions: string[] = [];
  isInteractive = true;
  answer = true;

  out(text: string): void {
    this.outLines.push(text);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  confirm(question: string): Promise<boolean> {
    this.questions.push(question);
    return Promise.resolve(this.answer);
  }

  get output(): string {
    return this.outLines.join('\n');
  }

  json(): Record<string, unknown> {
    return JSON.parse(this.output) as Record<string, unknown>;
  }
}

type Source = 'services' | 'alarms' | 'identity' | 'pool';

/**
 * A deployed environment that is well: two API tasks on revision 3, a worker, every alarm OK, every job on time. Time
 * stands still but for sleeps, which end at once; {@link onSleep} may change something meanwhile.
 */
export class CliWorld {
  readonly rollback = new RollbackWorld();
  readonly terminal = new FakeTerminal();
  readonly bindings = new FakePortalBindings();
  readonly rows = new FakeSandboxStore();
  readonly inventory = new FakeInventoryStore(this.rows);
  readonly failing = new Map<Source, Error>();
  readonly ending = new AbortController();
  readonly sleptMs: number[] = [];
  alarmStates: AlarmState[] = [...ALARM_NAMES, ...ROLLBACK_ALARM_NAMES].map((name) => ({
    name: cloudWatchAlarmName(PREFIX, name),
    state: 'OK',
    sinceMs: this.rollback.nowMs - 86_400_000,
    reason: 'below the threshold',
  }));
  pool: KnownCounts = {
    available: 40,
    allocated: 9,
    pending_deletion: 3,
    deletion_unconfirmed: 0,
    deletion_failed: 0,
    stale: 0,
  };
  revisions: Revision[] = [1, 2, 3].map((number) => ({
    name: `${API}:${number}`,
    number,
    status: 'ACTIVE',
    image: `registry/sandbox-broker:v${number}`,
    runs: `v${number}`,
    registeredAtMs: this.rollback.nowMs - (4 - number) * 3_600_000,
  }));
  api: DeployedService = {
    name: API,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    revision: `${API}:3`,
    deployments: [{ isPrimary: true, revision: `${API}:3`, rolloutState: 'COMPLETED' }],
    events: [],
  };
  onSleep: (sleepCount: number) => void = () => undefined;
  /** What ECS makes of being told to run a revision. */
  onSetRevision: (revision: string) => void = (revision) => {
    this.runs(revision);
  };

  constructor() {
    for (const job of JOB_NAMES) this.lastRun(job, {});
  }

  readonly services: DeployedServices = {
    describe: (service) => this.#answer('services', () => this.#describe(service)),
    revision: (name) =>
      this.#answer('services', () => this.revisions.find((revision) => revision.name === name)),
    olderRevisions: (family, below, limit) =>
      this.#answer('services', () =>
        this.revisions
          .filter(
            ({ name, number, status }) =>
              name.startsWith(`${family}:`) && number < below && status === 'ACTIVE',
          )
          .map(({ number }) => number)
          .reverse()
          .slice(0, limit),
      ),
    newestRevision: (family) =>
      this.#answer('services', () =>
        this.revisions
          .filter(({ name, status }) => name.startsWith(`${family}:`) && status === 'ACTIVE')
          .map(({ number }) => number)
          .at(-1),
      ),
    setRevision: (_service, revision) =>
      this.#answer('services', () => {
        this.rollback.writes.push(`revision ${revision}`);
        this.onSetRevision(revision);
      }),
  };

  /** For a command. */
  context(options: { isJson?: boolean } = {}): AwsContext {
    const aws = {
      services: this.services,
      parameter: this.rollback.parameter,
      alarms: { list: () => this.#answer('alarms', () => this.alarmStates.map((alarm) => ({ ...alarm }))) },
      identity: { arn: () => this.#answer('identity', () => 'arn:aws:iam::123456789012:user/alice') },
    };
    return {
      target: TARGET,
      aws,
      platform: {
        aws,
        jobs: this.rollback.jobs,
        pool: { countByStatus: () => this.#answer('pool', () => this.pool) },
        bindings: this.bindings,
        inventory: this.inventory,
        replay: { store: this.rows, inventory: this.inventory },
        history: this.rollback.history,
        manualRollback: () => this.rollback.manual(),
        logger: silentLogger,
      },
      terminal: this.terminal,
      isJson: options.isJson ?? false,
      nowMs: () => this.rollback.nowMs,
      sleep: (durationMs, signal) => this.#sleep(durationMs, signal),
      signal: this.ending.signal,
    };
  }

  /** The API runs that revision, and nothing else. */
  runs(revision: string): void {
    this.api = {
      ...this.api,
      revision,
      deployments: [{ isPrimary: true, revision, rolloutState: 'COMPLETED' }],
    };
  }

  setAlarm(name: string, state: AlarmState['state']): void {
    const sinceMs = this.rollback.nowMs;
    this.alarmStates = this.alarmStates.map((alarm) =>
      alarm.name === `${PREFIX}-${name}` ? { ...alarm, state, sinceMs, reason: 'Threshold Crossed' } : alarm,
    );
  }

  lastRun(job: JobName, run: Partial<JobRun>): void {
    const now = Math.floor(this.rollback.nowMs / 1000);
    this.rollback.jobs.seedRun({
      job,
      startedAt: now - 60,
      durationMs: 120,
      outcome: 'success',
      counts: { listed: 52, marked_stale: 0 },
      runBy: 'worker-1',
      nextDueAt: now + 240,
      lastSuccessAt: now - 60,
      ...run,
    });
  }

  #describe(service: string): DeployedService {
    if (service === API) return this.api;
    if (service !== WORKER) throw new ServiceNotFoundError(`no active service ${service}`);
    const { desiredCount } = this.rollback;
    const revision = `${WORKER}:5`;
    return {
      name: WORKER,
      desiredCount,
      runningCount: desiredCount,
      pendingCount: 0,
      revision,
      deployments: [{ isPrimary: true, revision, rolloutState: 'COMPLETED' }],
      events: [],
    };
  }

  #sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    this.sleptMs.push(durationMs);
    this.rollback.nowMs += durationMs;
    this.onSleep(this.sleptMs.length);
    return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
  }

  #answer<T>(source: Source, answer: () => T): Promise<T> {
    const error = this.failing.get(source);
    return error ? Promise.reject(error) : Promise.resolve().then(answer);
  }
}
