import { statusCommand } from '../../../cli/status/status-command';
import { sampleRun } from '../../store/job-store-contract';
import { CliWorld, PREFIX } from '../cli-world';

const COUNTED = { isPoolCounted: true };

/** What stands under NEEDS ATTENTION. */
async function findings(world: CliWorld): Promise<string[]> {
  await statusCommand(world.context(), COUNTED);
  return world.terminal.output
    .split('\n')
    .filter((line) => line.startsWith('  ! '))
    .map((line) => line.slice(4));
}

it('says so when all is well, and shows everything', async () => {
  const world = new CliWorld();

  expect(await statusCommand(world.context(), COUNTED)).toBe(0);

  const { output } = world.terminal;
  expect(output).toContain('Nothing needs attention.');
  expect(output).toMatch(/API +2 +2 +0 +sandbox-broker-dev-api:3 +COMPLETED/);
  expect(output).toMatch(/worker +1 +1 +0 +sandbox-broker-dev-worker:5 +COMPLETED/);
  expect(output).toContain('workers at the next deploy: 1');
  expect(output).toContain(`ALARMS  0 in ALARM · ${world.alarmStates.length} OK`);
  expect(output).toMatch(/sync +1 min ago +success +in 4 min +listed 52$/m);
  expect(output).toContain('POOL  40 available · 9 allocated · 3 pending_deletion');
  expect(output).toContain('LAST ACTION  none so far');
});

it('tells of a rollback: what fired, what was done by whom, and how to undo it', async () => {
  const world = new CliWorld();
  await world.rollback.manual().rollbackWorker({ by: 'alice', reason: 'it burns', jobsRunner: 'api' });
  world.setAlarm('worker-cpu-high', 'ALARM');
  world.rollback.nowMs += 180_000;

  const found = await findings(world);

  expect(found).toEqual([
    `Alarm ${PREFIX}-worker-cpu-high is in ALARM, since 3 min ago. Runbook: docs/runbooks/worker-cpu-high.md`,
    'The worker is stopped (desired 0). Start it again: npm run broker -- resume worker --env dev',
    "The API runs the jobs in the worker's place, since 3 min ago, by alice (it burns).",
  ]);
  expect(world.terminal.output).toMatch(
    /LAST ACTION {2}rollback worker, 3 min ago \(.*\), by alice: it burns/,
  );
});

it.each<[string, (world: CliWorld) => unknown, RegExp]>([
  [
    'jobs are frozen',
    (world) => world.rollback.manual().freeze({ by: 'bob', reason: 'portal' }),
    /^Nobody runs the jobs, since now, by bob \(portal\)\. Undo: .*unfreeze/,
  ],
  [
    'a stopped worker is to run the jobs',
    (world) => {
      world.rollback.desiredCount = 0;
      world.rollback.parameterValue = 0;
    },
    /nobody runs them/,
  ],
  [
    'the next deploy wants another count',
    (world) => {
      world.rollback.parameterValue = 0;
    },
    /next deploy sets the worker's desired count to 0; now it is 1/,
  ],
  [
    'tasks are missing',
    (world) => {
      world.api = {
        ...world.api,
        runningCount: 1,
        pendingCount: 1,
        events: [{ atMs: 1, message: 'unable to place a task' }],
      };
    },
    /API is not steady: wants 2, runs 1, 1 pending.*ECS: unable to place a task/,
  ],
  [
    'a roll-out has failed',
    (world) => {
      world.api = {
        ...world.api,
        deployments: [
          { isPrimary: true, revision: 'x:4', rolloutState: 'FAILED', rolloutStateReason: 'circuit breaker' },
        ],
      };
    },
    /Roll-out FAILED: circuit breaker/,
  ],
  [
    'a job has failed',
    (world) => {
      world.lastRun('cleanup', { outcome: 'failed', error: 'boom', lastSuccessAt: undefined });
    },
    /^Job cleanup ended "failed": boom\. It never succeeded\./,
  ],
  [
    'a job is late',
    (world) => {
      world.lastRun('sync', { nextDueAt: Math.floor(world.rollback.nowMs / 1000) - 600 });
    },
    /^Job sync was due 10 min ago and has not run/,
  ],
  [
    'the record of a job cannot be read',
    (world) => world.rollback.jobs.unreadable.add('JOB#sync'),
    /^A record of job sync cannot be read\. .*JOB#sync/,
  ],
  [
    'a job is said to be due in a year',
    (world) => {
      world.lastRun('sync', { nextDueAt: Math.floor(world.rollback.nowMs / 1000) + 31_536_000 });
    },
    /^Job sync is said to be due in 365 days, which cannot be right/,
  ],
  [
    'a run is said to begin in a year',
    (world) => {
      world.lastRun('sync', { startedAt: Math.floor(world.rollback.nowMs / 1000) + 31_536_000 });
    },
    /^The last run of job sync is said to begin in 365 days: a wrong clock/,
  ],
  [
    'a job ended in a way that this release does not know',
    (world) => {
      world.rollback.jobs.seedRun({ ...sampleRun({ job: 'sync' }), outcome: 'unknown' });
    },
    /^Job sync ended "unknown"/,
  ],
  [
    'a lease is said to end in a year',
    (world) => {
      const expiresAtMs = world.rollback.nowMs + 31_536_000_000;
      world.rollback.jobs.seedLease({ job: 'sync', holder: 'x', fencingNumber: 1, expiresAtMs });
    },
    /^The lease of job sync is said to end in 365 days.*holds nobody back/,
  ],
  [
    'who runs the jobs was changed in the future',
    (world) =>
      world.rollback.jobs.setControl({
        runner: 'worker',
        since: Math.floor(world.rollback.nowMs / 1000) + 86_400,
      }),
    /^Who runs the jobs was changed in the future, in 24 h/,
  ],
  [
    'who runs the jobs was changed at a time that no calendar has',
    (world) => world.rollback.jobs.setControl({ runner: 'none', since: 9_007_199_254_740_991 }),
    /^Nobody runs the jobs/,
  ],
  [
    'another release has said who runs the jobs',
    (world) => world.rollback.jobs.setControl({ runner: 'unknown', storedRunner: 'batch' }),
    /^Who runs the jobs is "batch": nobody runs them/,
  ],
  [
    'who runs the jobs cannot be read',
    (world) => world.rollback.jobs.unreadable.add('CONTROL#jobs'),
    /^Who runs the jobs cannot be read: nobody runs them/,
  ],
  [
    'the pool is empty',
    (world) => {
      world.pool = { ...world.pool, available: 0 };
    },
    /^The pool is empty/,
  ],
  [
    'a deployment alarm is on, which ECS ignores in a deploy that begins now',
    (world) => {
      world.setAlarm('unhealthy-targets', 'ALARM');
    },
    /^A deploy now would not go back because of sandbox-broker-dev-unhealthy-targets: ECS ignores/,
  ],
  [
    'an alarm does not exist',
    (world) => {
      world.alarmStates = world.alarmStates.slice(1);
    },
    /^1 of our alarms do not exist in CloudWatch: sandbox-broker-dev-worker-cpu-high/,
  ],
])('needs attention when %s', async (_what, arrange, expected) => {
  const world = new CliWorld();
  await arrange(world);

  expect(await findings(world)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
});

it('calls no job late while the jobs are frozen, or while somebody is at it', async () => {
  const frozen = new CliWorld();
  frozen.lastRun('sync', { nextDueAt: 1 });
  await frozen.rollback.manual().freeze({ by: 'bob', reason: 'portal' });
  const busy = new CliWorld();
  busy.lastRun('sync', { nextDueAt: 1 });
  await busy.rollback.jobs.acquireLease('sync', 'worker-1', busy.rollback.nowMs, 60_000);

  expect((await findings(frozen)).filter((text) => text.includes('was due'))).toEqual([]);
  expect(await findings(busy)).toEqual([]);
  expect(busy.terminal.output).toContain('running now in worker-1');
});

it('calls no job late after a freeze until the worker has had its time', async () => {
  const world = new CliWorld();
  world.lastRun('sync', { nextDueAt: 1 });
  await world.rollback.manual().freeze({ by: 'bob', reason: 'portal' });
  await world.rollback.manual().unfreeze({ by: 'bob', reason: 'over' });
  const late = async (): Promise<string[]> =>
    (await findings(world)).filter((text) => text.includes('was due'));

  expect(await late()).toEqual([]);
  world.rollback.nowMs += 122_000;
  expect(await late()).toEqual([expect.stringMatching(/^Job sync was due/)]);
});

it('shows what it can when a source cannot be read, says why, and ends with 3', async () => {
  const world = new CliWorld();
  world.failing.set('alarms', Object.assign(new Error('not for you'), { name: 'AccessDeniedException' }));

  expect(await statusCommand(world.context(), COUNTED)).toBe(3);

  expect(world.terminal.output).toContain(
    '! Not known: alarms. These credentials may not do that: not for you',
  );
  expect(world.terminal.output).toContain('ALARMS  unknown:');
  expect(world.terminal.output).toMatch(/API +2 +2/);
});

it('ends with 1 when nothing can be read, and says the common reason once', async () => {
  const world = new CliWorld();
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  for (const source of ['services', 'alarms', 'pool'] as const) world.failing.set(source, refused);
  world.rollback.fail(['parameter.read', 'jobs.getControl']);
  world.rollback.jobs.failing.add('getRun');
  world.rollback.history.failing.add('list');

  const found = await findings(world);

  expect(await statusCommand(world.context(), COUNTED)).toBe(1);
  expect(found).toContain(
    'Not known: API service, worker service, alarms, pool. Cannot be reached: connect ECONNREFUSED',
  );
});

it('shows what it could count of the pool, and what it could not', async () => {
  const world = new CliWorld();
  world.pool = { ...world.pool, stale: undefined };

  await statusCommand(world.context(), COUNTED);

  expect(world.terminal.output).toMatch(/POOL {2}40 available .* unknown stale/);
});

it('does not count the pool when told not to', async () => {
  const world = new CliWorld();
  world.failing.set('pool', new Error('asked all the same'));

  expect(await statusCommand(world.context(), { isPoolCounted: false })).toBe(0);
  expect(world.terminal.output).toContain('POOL  not counted');
});

it('gives the same as one JSON document, in snake_case', async () => {
  const world = new CliWorld();
  world.failing.set('alarms', new Error('boom'));

  expect(await statusCommand(world.context({ isJson: true }), COUNTED)).toBe(3);

  expect(world.terminal.json()).toMatchObject({
    target: { kind: 'aws', environment: 'dev', api_service: 'sandbox-broker-dev-api' },
    at_ms: world.rollback.nowMs,
    worker_service: { kind: 'known', value: { desired_count: 1, running_count: 1 } },
    worker_desired_count_parameter: { kind: 'known', value: 1 },
    alarms: { kind: 'unknown', reason: 'Error: boom' },
    control: { kind: 'known', value: { runner: 'worker' } },
    pool: { kind: 'known', value: { available: 40 } },
    last_action: { kind: 'known', value: null },
    findings: ['Not known: alarms. Error: boom'],
  });
});

it('says in a local system what is not there, without calling it a fault', async () => {
  const world = new CliWorld();
  const { platform, ...context } = world.context();
  const local = {
    ...context,
    platform: { ...platform, aws: undefined },
    target: {
      kind: 'local',
      isFound: true,
      options: [],
      table: { ...context.target.table, endpoint: 'http://127.0.0.1:8000' },
    },
  } as const;

  expect(await statusCommand(local, COUNTED)).toBe(0);
  expect(world.terminal.output).toContain('Nothing needs attention.');
  expect(world.terminal.output).toContain('SERVICES  not there (local system)');
  expect(world.terminal.output).toContain('JOBS  run by worker');
});
