/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { setTimeout as delay } from 'node:timers/promises';
import { JOB_NAMES } from '../../../../app/store/job-store';
import { present, serviceOf } from '../../deployment/support/deployed-broker';
import { changesOf } from '../../deployment/support/stack-plan';
import type { EcsTask } from '../../ecs/ecs-task';
import { waitUntil } from '../../../local/wait-until';
import type { LoggedRun } from '../../support/job-runs';
import { passRule, subscribeToAlarms, type WatchedQueue } from '../alarm-events';
import { ClassOfStudents } from '../class-of-students';
import type { DeployedSystem } from '../deployed-system';

/** The worker's alarm fires during a lesson; in the morning somebody deploys, and then resumes the worker. */
export function describeAutomatedRollback(system: () => DeployedSystem): void {
  let lesson: ClassOfStudents;
  let told: WatchedQueue;
  let alarm: Record<string, unknown>;
  let worker: EcsTask;
  let beganAtMs: number;

  beforeAll(async () => {
    const { agent, broker, rollback, track } = system();
    told = await subscribeToAlarms(broker, rollback.topicArn);
    await waitUntil(() => agent.healthyTasksOf(broker.names.apiService).length === 2);
    worker = present(agent.healthyTasksOf(broker.names.workerService)[0]);
    beganAtMs = Date.now();
    lesson = new ClassOfStudents(track);
  });

  afterAll(() => (lesson as ClassOfStudents | undefined)?.end());

  it('begins with the rule, which passes the alarm that went off and nothing else', async () => {
    const { broker } = system();

    const passed = await passRule(broker, [
      { alarm: 'worker_cpu_high', to: 'OK' },
      { alarm: 'pool_nearly_empty' },
      { alarm: 'worker_cpu_high' },
      { alarm: 'jobs_not_reporting', to: 'INSUFFICIENT_DATA' },
    ]);

    expect(passed).toHaveLength(1);
    alarm = present(passed[0]);
    expect(alarm).toMatchObject({
      source: 'aws.cloudwatch',
      detail: { alarmName: 'sandbox-broker-dev-worker-cpu-high', state: { value: 'ALARM' } },
    });
  });

  it('stops the worker, which ends in order', async () => {
    const { agent, broker, rollback, table, measured } = system();
    for (const job of ['cleanup', 'auto-expiry'] as const) await table.makeDue(job);

    const invocation = await rollback.invoke(alarm);

    expect(invocation.isError).toBe(false);
    expect((await serviceOf(broker, 'workerService')).desiredCount).toBe(0);
    measured('event to desired count 0', Date.now() - stateChangeMs(alarm));
    await waitUntil(() => worker.status === 'stopped');
    expect(worker.exit).toEqual({ code: 0, signal: null });
    expect(agent.tasksOf(broker.names.workerService)).toEqual([]);
  });

  it('has an API task run the jobs', async () => {
    const { measured, table } = system();
    for (const job of ['cleanup', 'auto-expiry'] as const) await table.makeDue(job);
    await waitUntil(async () => (await runsBy('api')).some(({ job }) => job === 'cleanup'));
    measured('event to jobs running in the API', Date.now() - stateChangeMs(alarm));

    await waitUntil(async () => (await runsBy('api')).some(({ job }) => job === 'auto-expiry'));
    expect((await runsBy('api')).every(({ outcome }) => outcome === 'success')).toBe(true);
  });

  it('tells people what happened, what it did, and how to undo it', async () => {
    const messages = await told.take();

    expect(messages).toHaveLength(1);
    const { Subject, Message } = messages[0] as { Subject: string; Message: string };
    expect(Subject).toBe('Worker stopped: sandbox-broker-dev-worker-cpu-high');
    expect(Message).toContain('npm run broker -- resume worker --env dev');
    expect(Message).toContain('docs/runbooks/worker-cpu-high.md');
  });

  it('changes nothing, and tells nobody, when the event is delivered once more', async () => {
    const { broker, rollback } = system();

    const { isError, logs } = await rollback.invoke(alarm);

    expect(isError).toBe(false);
    expect(logs).toContainEqual(expect.objectContaining({ outcome: 'finished_before' }));
    expect(await told.take()).toEqual([]);
    expect((await serviceOf(broker, 'workerService')).desiredCount).toBe(0);
  });

  it('stays as it is when somebody deploys', async () => {
    const { broker: deployed, deployer, deployAgain } = system();
    const { exitCode, output } = await deployAgain();

    expect(exitCode).toBe(0);
    const changes = output.match(/Resources: \d+ added, \d+ changed, \d+ destroyed|No changes\./g) ?? [];
    expect(changes.length).toBeGreaterThanOrEqual(deployer.stacks().length);
    expect(changes.filter((line) => /[1-9]/.test(line))).toEqual([]);
    expect((await serviceOf(deployed, 'workerService')).desiredCount).toBe(0);
  });

  it('shows on the command line what has happened', async () => {
    const status = JSON.parse(await broker('status --json')) as { jobs_runner: { value: unknown } };
    const history = await broker('history');

    expect(JSON.stringify(status)).toContain('"runner":"api"');
    expect(history).toContain('worker-cpu-high');
  });

  it('resumes when a person says so: one worker, and the jobs are back in it', async () => {
    const { agent, broker: deployed, deployer, table } = system();
    await broker('resume worker --yes');

    await waitUntil(() => agent.healthyTasksOf(deployed.names.workerService).length === 1);
    const resumedAt = Math.floor(Date.now() / 1_000);
    await waitUntil(async () => {
      // An API task may take a job that is due for as long as it has not heard of the change, some seconds.
      await table.makeDue('auto-expiry');
      await delay(1_000);
      return (await runsBy('worker')).some(
        ({ job, started_at }) => job === 'auto-expiry' && started_at >= resumedAt,
      );
    });
    const plan = await deployer.plan('sandbox-broker-dev-service');
    expect(changesOf(plan)).toEqual([]);
    expect((await serviceOf(deployed, 'workerService')).desiredCount).toBe(1);
  });

  it('ignores the old event when it is delivered yet again', async () => {
    const { broker: deployed, rollback } = system();

    const { isError, logs } = await rollback.invoke(alarm);

    expect(isError).toBe(false);
    expect(logs.map(({ outcome }) => outcome)).not.toContain('acted');
    expect((await serviceOf(deployed, 'workerService')).desiredCount).toBe(1);
  });

  it('takes the jobs from the API when its alarm goes off while it runs them', async () => {
    const { rollback, broker: deployed } = system();
    await broker('rollback worker --yes --reason rehearsal');
    const passed = await passRule(deployed, [{ alarm: 'api_memory_high' }]);
    expect(passed).toHaveLength(1);

    expect((await rollback.invoke(passed[0])).isError).toBe(false);

    expect((await told.take()).map(({ Subject }) => Subject)).toEqual([
      'Jobs taken from the API: sandbox-broker-dev-api-memory-high',
    ]);
    expect(await broker('status --json')).toContain('"runner": "none"');
    await broker('resume worker --yes');
  });

  it('went on all the time: no request failed, and no job ran twice at once', async () => {
    await lesson.end();

    expect(lesson.failures).toEqual([]);
    expect(lesson.servedCount).toBeGreaterThan(50);
    const runs = [...(await runsBy('api')), ...(await runsBy('worker'))];
    for (const job of JOB_NAMES) expect(overlapsOf(runs.filter((run) => run.job === job))).toEqual([]);
  });

  /** The runs since the lesson began. */
  async function runsBy(service: 'api' | 'worker'): Promise<TimedRun[]> {
    const { logLines, broker } = system();
    const group = service === 'api' ? broker.names.apiLogGroup : broker.names.workerLogGroup;
    const lines = (await logLines(group)).filter(({ msg }) => msg === 'job run') as unknown as TimedRun[];
    return lines.filter(({ started_at }) => started_at * 1_000 >= beganAtMs);
  }

  async function broker(command: string): Promise<string> {
    const { exitCode, output } = await system().runBroker(command);
    if (exitCode !== 0) throw new Error(`broker ${command} ended with ${String(exitCode)}:\n${output}`);
    return output;
  }
}

interface TimedRun extends LoggedRun {
  duration_ms: number;
}

function stateChangeMs(event: Record<string, unknown>): number {
  return Date.parse((event.detail as { state: { timestamp: string } }).state.timestamp);
}

/** Pairs of runs of one job, of which the second began before the first had ended; to a second, as they are logged. */
function overlapsOf(runs: TimedRun[]): [TimedRun, TimedRun][] {
  const sorted = runs.toSorted((one, other) => one.started_at - other.started_at);
  return sorted.flatMap((run, index): [TimedRun, TimedRun][] => {
    const next = sorted[index + 1];
    const endsAt = run.started_at + Math.floor(run.duration_ms / 1_000);
    return next !== undefined && next.started_at < endsAt ? [[run, next]] : [];
  });
}
