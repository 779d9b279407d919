import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Alarms, Job, Jobs, Rollback, Stats } from '../../../app/console/model/api-types';
import { plainText } from '../../../app/console/model/phrase';
import { findingsOf, type Finding, type Known } from '../../../app/console/model/findings';
import { bindingFault } from '../../../app/store/portal-binding';
import { resumePlan } from '../../../app/console/model/resume-plan';

const NOW_MS = 1_795_440_000_000;
const NOW = NOW_MS / 1000;

const STATS: Stats = {
  total: 3,
  available: 3,
  allocated: 0,
  pending_deletion: 0,
  deletion_unconfirmed: 0,
  deletion_failed: 0,
  stale: 0,
  deletion_given_up: 0,
  listed_after_deletion: 0,
};

function job(overrides: Partial<Job> = {}, run: Partial<NonNullable<Job['last_run']>> = {}): Job {
  return {
    name: 'cleanup',
    interval_seconds: 300,
    last_run: {
      started_at: NOW - 60,
      duration_ms: 10,
      outcome: 'success',
      counts: {},
      error: null,
      run_by: 'worker/host/1/abc',
      ...run,
    },
    last_success_at: NOW - 60,
    next_due_at: NOW + 240,
    lease: null,
    problem: null,
    ...overrides,
  };
}

function jobs(one: Job, runner: Partial<Jobs['runner']> = {}): Jobs {
  return {
    runner: { runner: 'worker', since: null, changed_by: null, reason: null, ...runner },
    jobs: [one],
  };
}

const WORKER_STOP: Rollback = {
  at: NOW - 60,
  action: 'rollback_worker',
  cause: { kind: 'alarm', name: 'worker-cpu-high', reason: 'x' },
  steps: [],
  duration_ms: 1,
  attempts: 1,
  is_finished: true,
};

const ALARMS: Alarms = {
  available: true,
  alarms: [
    {
      name: 'a',
      state: 'ALARM',
      since: NOW,
      reason: null,
      description: null,
      runbook: 'docs/runbooks/README.md',
    },
    { name: 'b', state: 'INSUFFICIENT_DATA', since: null, reason: null, description: null, runbook: null },
  ],
  missing: ['c'],
};

const WELL: Known = { stats: STATS, jobs: jobs(job()), alarms: { ...ALARMS, alarms: [], missing: [] } };

const textsOf = (findings: Finding[]): string[] => findings.map(({ text }) => plainText(text));

describe('what needs attention', () => {
  it('is nothing when all is well, or nothing is known', () => {
    expect(findingsOf(WELL, NOW_MS)).toEqual([]);
    expect(findingsOf({}, NOW_MS)).toEqual([]);
  });

  it.each<[string, Known, RegExp]>([
    ['an alarm', { alarms: ALARMS }, /^Alarm a is in ALARM, since [\d:]+\.$/],
    ['an empty pool', { stats: { ...STATS, available: 0 } }, /^The pool is empty/],
    [
      'counts that are not known',
      { stats: { ...STATS, total: null, stale: null, uncounted: ['total', 'stale'] } },
      /^The table did not answer for every count: not known are total, stale\.$/,
    ],
    ['one deletion given up', { stats: { ...STATS, deletion_given_up: 1 } }, /^1 deletion was given up/],
    ['several', { stats: { ...STATS, deletion_given_up: 2 } }, /^2 deletions were given up/],
    [
      'an account that is listed after its deletion',
      { stats: { ...STATS, listed_after_deletion: 1 } },
      /^The portal lists 1 account that counts as deleted\.$/,
    ],
    [
      'deletions that no list has confirmed',
      { jobs: jobs(job({}, { counts: { unconfirmed: 2 } })) },
      /^2 deletions are unconfirmed/,
    ],
    ['a guarded cleanup', { jobs: jobs(job({}, { outcome: 'guarded' })) }, /^Job cleanup ended “guarded”/],
    [
      'a stopped worker',
      { rollbacks: { rollbacks: [], cursor: null, worker_stop: WORKER_STOP } },
      /by alarm worker-cpu-high/,
    ],
    [
      'frozen jobs',
      { jobs: jobs(job(), { runner: 'none', changed_by: 'Ann', reason: 'why' }) },
      /by Ann \(why\)/,
    ],
    [
      'a portal out of reach',
      { jobs: jobs(job({}, { outcome: 'unavailable', error: 'Down' })) },
      /“unavailable”: Down\. Last success at/,
    ],
    [
      'a failed job',
      { jobs: jobs(job({ last_success_at: null }, { outcome: 'failed' })) },
      /It never succeeded/,
    ],
    [
      'a guarded sync',
      { jobs: jobs(job({ name: 'sync' }, { outcome: 'guarded' })) },
      /^Job sync ended “guarded”/,
    ],
    [
      'a record that cannot be right',
      { jobs: jobs(job({ problem: 'Its lease ends too late to be right' })) },
      /^The records of job cleanup are not all right: Its lease ends too late to be right\.$/,
    ],
    [
      'a runner that is not known',
      { jobs: jobs(job(), { runner: 'unknown', since: 9_007_199_254_740_991 }) },
      /^Who runs the jobs is not known, so nobody does, since a time that no calendar has, by somebody/,
    ],
    [
      'a late job, whoever was told to run it in a year',
      { jobs: jobs(job({ next_due_at: NOW - 121 }), { since: NOW + 31_536_000 }) },
      /^Job cleanup was due at [\d:]+ and has not run/,
    ],
    [
      'a late job that a lease without end does not excuse',
      {
        jobs: jobs(
          job({
            next_due_at: NOW - 121,
            lease: { holder: 'x', expires_at: NOW + 31_536_000, run_id: 'cleanup-1' },
          }),
        ),
      },
      /^Job cleanup was due at [\d:]+ and has not run/,
    ],
    [
      'a late job',
      { jobs: jobs(job({ next_due_at: NOW - 121 })) },
      /^Job cleanup was due at [\d:]+ and has not run/,
    ],
  ])('is %s, and there is a runbook for it', (_what, known, text) => {
    const findings = findingsOf({ ...WELL, ...known }, NOW_MS);

    expect(textsOf(findings)[0]).toMatch(text);
    const { runbook } = findings[0] ?? {};
    expect(runbook).toMatch(/^docs\/runbooks\//);
    expect(existsSync(join(__dirname, '../../..', runbook ?? ''))).toBe(true);
  });

  it('says of a cleanup in an unbound table what to do, and has the page for it', () => {
    const error = bindingFault({}, 'https://portal.example.com') ?? null;
    const [finding] = findingsOf({ ...WELL, jobs: jobs(job({}, { outcome: 'guarded', error })) }, NOW_MS);

    expect(plainText(finding?.text ?? [])).toContain('initialise=true');
    expect(finding?.runbook).toBe('docs/runbooks/sync-guarded.md');
  });

  it('has the runbook of whoever ran the job that failed', () => {
    const known = { jobs: jobs(job({}, { outcome: 'failed', run_by: 'api/host/1/abc' })) };

    expect(findingsOf(known, NOW_MS)[0]?.runbook).toBe('docs/runbooks/api-job-failures.md');
  });

  it('is alarms that do not exist, but not those without data', () => {
    expect(textsOf(findingsOf({ alarms: ALARMS }, NOW_MS))).toEqual([
      expect.stringContaining('Alarm a'),
      'Alarms that should exist and do not: c.',
    ]);
  });

  it('is no late job while it runs, or while the jobs are frozen', () => {
    const late = { next_due_at: NOW - 500 };
    const running = jobs(job({ ...late, lease: { holder: 'h', expires_at: NOW } }));
    const frozen = jobs(job(late), { runner: 'none' });

    expect(findingsOf({ jobs: running }, NOW_MS)).toEqual([]);
    expect(textsOf(findingsOf({ jobs: frozen }, NOW_MS))).toEqual([
      expect.stringMatching(/^Nobody runs the jobs/),
    ]);
  });

  it('is no late job until those who resumed the jobs have had their time', () => {
    const late = job({ next_due_at: NOW - 5_000 });
    const resumedAt = (since: number): string[] =>
      textsOf(findingsOf({ jobs: jobs(late, { since }) }, NOW_MS));

    expect(resumedAt(NOW - 120)).toEqual([]);
    expect(resumedAt(NOW - 121)).toEqual([expect.stringMatching(/^Job cleanup was due at .* has not run/)]);
  });

  it('keeps what others wrote apart from our own words, each part by itself', () => {
    const frozen = jobs(job({}, { outcome: 'failed', error: 'an error' }), {
      runner: 'none',
      changed_by: 'somebody',
      reason: 'a reason',
    });
    const stop = { ...WORKER_STOP, cause: { ...WORKER_STOP.cause, name: 'a cause' } };
    const rollbacks = { rollbacks: [], cursor: null, worker_stop: stop };
    const found = findingsOf({ jobs: frozen, alarms: ALARMS, rollbacks }, NOW_MS).flatMap(({ text }) => text);

    for (const foreign of ['a', 'c', 'a cause', 'somebody', 'a reason', 'an error.']) {
      expect(found).toContainEqual({ foreign });
    }
  });
});

describe('resumePlan', () => {
  it('gives the jobs to the worker while it is not stopped', () => {
    expect(resumePlan(undefined, 'prod')).toEqual({ runner: 'worker' });
    expect(resumePlan({ worker_stop: null }, 'prod')).toEqual({ runner: 'worker' });
  });

  it.each([
    ['prod', 'npm run broker -- resume worker --env prod'],
    ['local', 'npm run broker -- resume worker --local'],
  ])(
    'gives those of a stopped worker to the API, and tells how a person starts it in %s',
    (name, command) => {
      expect(resumePlan({ worker_stop: WORKER_STOP }, name)).toEqual({ runner: 'api', command });
    },
  );
});
