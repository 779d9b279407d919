import type { JobsControl } from '../../../app/store/job-store';
import type { RollbackEntry } from '../../../app/store/rollback-history';
import type { AlarmEvent } from '../../../alarms/rollback/alarm-event';
import { AlarmResponder } from '../../../alarms/rollback/alarm-responder';
import type { AlarmResponse } from '../../../alarms/rollback/conclude-alarm';
import type { Announcement, Announcer } from '../../../alarms/rollback/announcer';
import type { DesiredCountParameter } from '../../../alarms/rollback/desired-count-parameter';
import { ManualRollback } from '../../../alarms/rollback/manual-rollback';
import type { RollbackJobsRunner } from '../../../alarms/rollback/rollback-dependencies';
import type { ServiceState, WorkerService } from '../../../alarms/rollback/worker-service';
import { FakeJobStore } from '../../fakes/fake-job-store';
import { FakeRollbackHistory } from '../../fakes/fake-rollback-history';
import { silentLogger } from '../../fakes/loggers';

/** What a test makes fail, by port and method. `dynamo` is the whole table. */
export type Failure =
  | 'service.describe'
  | 'service.setDesiredCount'
  | 'parameter.read'
  | 'parameter.write'
  | 'announcer.publish'
  | 'jobs.getControl'
  | 'jobs.setControl'
  | 'jobs.changeControl'
  | 'history.get'
  | 'history.save';

const TABLE: Failure[] = [
  'jobs.getControl',
  'jobs.setControl',
  'jobs.changeControl',
  'history.get',
  'history.save',
];

/** Everything at once that needs the table. */
export const TABLE_DOWN = TABLE;

/**
 * An AWS account with a worker that runs, as the rollback sees it. What is written stays, so that a second delivery
 * meets what the first has left.
 */
export class RollbackWorld {
  desiredCount = 1;
  runningCount = 1;
  parameterValue = 1;
  readonly published: Announcement[] = [];
  readonly jobs = new FakeJobStore();
  readonly history = new FakeRollbackHistory();
  /** Two seconds and a half after the sample alarm. */
  nowMs = Date.UTC(2026, 4, 1, 12, 0, 3, 485);
  readonly #failing = new Set<Failure>();
  /** Calls that changed something, in order. */
  readonly writes: string[] = [];

  readonly service: WorkerService = {
    describe: () =>
      this.#call<ServiceState>('service.describe', () => ({
        desiredCount: this.desiredCount,
        runningCount: this.runningCount,
        pendingCount: 0,
      })),
    setDesiredCount: (desiredCount) =>
      this.#call('service.setDesiredCount', () => {
        if (desiredCount !== this.desiredCount) this.writes.push(`service ${desiredCount}`);
        this.desiredCount = desiredCount;
      }),
  };

  readonly parameter: DesiredCountParameter = {
    read: () => this.#call('parameter.read', () => this.parameterValue),
    write: (desiredCount) =>
      this.#call('parameter.write', () => {
        this.writes.push(`parameter ${desiredCount}`);
        this.parameterValue = desiredCount;
      }),
  };

  readonly announcer: Announcer = {
    publish: (announcement) =>
      this.#call('announcer.publish', () => {
        this.published.push(announcement);
      }),
  };

  /** Lets these fail from now on, and only these. */
  fail(failures: Failure[]): void {
    this.#failing.clear();
    this.jobs.failing.clear();
    this.history.failing.clear();
    for (const failure of failures) {
      this.#failing.add(failure);
      const [port, method] = failure.split('.');
      if (port === 'jobs') this.jobs.failing.add(method as 'getControl');
      if (port === 'history') this.history.failing.add(method as 'get');
    }
  }

  /** A function that has just started; `wrap` may stand between it and its ports. */
  responder(
    jobsRunner: RollbackJobsRunner = 'api',
    wrap: <Port extends object>(port: Port) => Port = (port) => port,
  ): AlarmResponder {
    return new AlarmResponder({
      service: wrap(this.service),
      parameter: wrap(this.parameter),
      jobs: wrap(this.jobs),
      history: wrap(this.history),
      announcer: wrap(this.announcer),
      jobsRunner,
      environmentName: 'dev',
      nowMs: () => this.nowMs,
      logger: silentLogger,
    });
  }

  /** Delivers an event to a new function. */
  deliver(event: AlarmEvent): Promise<AlarmResponse> {
    return this.responder().respond(event);
  }

  manual(): ManualRollback {
    const { service, parameter, jobs, history } = this;
    return new ManualRollback({
      service,
      parameter,
      jobs,
      history,
      nowMs: () => this.nowMs,
      logger: silentLogger,
    });
  }

  control(): Promise<JobsControl> {
    return this.jobs.getControl();
  }

  async entries(): Promise<RollbackEntry[]> {
    return (await this.history.list({ limit: 100 })).items;
  }

  /** How it stands, in one look. */
  async standing(): Promise<{ desiredCount: number; parameterValue: number; runner: string }> {
    const { desiredCount, parameterValue } = this;
    return { desiredCount, parameterValue, runner: (await this.control()).runner };
  }

  #call<T>(failure: Failure, answer: () => T): Promise<T> {
    if (this.#failing.has(failure)) return Promise.reject(new Error(`${failure} refused (injected)`));
    return Promise.resolve().then(answer);
  }
}

/** The worker's CPU alarm. */
export function workerAlarm(overrides: Partial<AlarmEvent> = {}): AlarmEvent {
  return {
    action: 'rollback_worker',
    alarmName: 'sandbox-broker-dev-worker-cpu-high',
    reason: 'Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (80.0)',
    atMs: Date.UTC(2026, 4, 1, 12, 0, 0, 985),
    runbook: 'docs/runbooks/worker-cpu-high.md',
    ...overrides,
  };
}

/** The API's CPU alarm. */
export function apiAlarm(overrides: Partial<AlarmEvent> = {}): AlarmEvent {
  return workerAlarm({
    action: 'freeze_api_jobs',
    alarmName: 'sandbox-broker-dev-api-cpu-high',
    runbook: 'docs/runbooks/api-cpu-high.md',
    ...overrides,
  });
}

/** Ends a function at its nth call of any port, before or after the call has its effect. Nothing comes after. */
export class Killer {
  callCount = 0;
  #isDead = false;

  constructor(
    private readonly atCall: number,
    private readonly when: 'before' | 'after',
  ) {}

  readonly wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          const index = this.callCount;
          this.callCount += 1;
          if (index === this.atCall && this.when === 'before') this.#isDead = true;
          if (this.#isDead) throw new Error('killed');
          const answer: unknown = await (member.apply(target, args) as Promise<unknown>);
          if (index === this.atCall) this.#isDead = true;
          // The type may say otherwise, but a call beside this one may have ended the function.
          if (this.#isDead) throw new Error('killed');
          return answer;
        };
      },
    });
}
