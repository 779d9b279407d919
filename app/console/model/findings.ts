import type { Alarms, Jobs, RollbackPage, Stats } from './api-types';
import { inARow, phrase, type Phrase } from './phrase';
import { clockTime, plainWords, sentence } from './words';

/** What a person should look at, and where it says what to do. */
export interface Finding {
  text: Phrase;
  /** A page of this repository. */
  runbook?: string;
}

/** What is known so far; what has not been read yet is absent. */
export interface Known {
  stats?: Stats;
  jobs?: Jobs;
  alarms?: Alarms;
  rollbacks?: RollbackPage;
}

/** A job that is this late is not about to begin: schedulers look every second, and who runs them changes in ten. */
const OVERDUE_SECONDS = 120;

/** How far clocks may differ, and the longest lease that is ever believed. */
const CLOCK_TOLERANCE_SECONDS = 300;
const LATEST_LEASE_SECONDS = 7_200;

const RUNBOOKS = 'docs/runbooks';

/**
 * What needs attention, most urgent first; the same things that `npm run broker -- status` finds in the table.
 * Times are those of the clock, not "3 min ago": the page reads changes of this list aloud.
 */
export function findingsOf(known: Known, nowMs: number): Finding[] {
  return [
    ...alarmFindings(known, nowMs),
    ...poolFindings(known),
    ...runnerFindings(known, nowMs),
    ...jobFindings(known, nowMs),
  ];
}

function alarmFindings({ alarms }: Known, nowMs: number): Finding[] {
  if (alarms?.available !== true) return [];
  const firing = alarms.alarms
    .filter(({ state }) => state === 'ALARM')
    .map(({ name, since, runbook }) => ({
      text: phrase`Alarm ${name} is in ALARM${since === null ? [] : phrase`, since ${clockTime(since, nowMs)}`}.`,
      runbook: runbook ?? undefined,
    }));
  const { missing } = alarms;
  if (missing.length === 0) return firing;
  return [...firing, { text: phrase`Alarms that should exist and do not: ${inARow(missing)}.` }];
}

function poolFindings({ stats }: Known): Finding[] {
  if (!stats) return [];
  const findings: Finding[] = [];
  if (stats.available === 0) {
    findings.push({
      text: ['The pool is empty: students get no sandbox.'],
      runbook: `${RUNBOOKS}/pool-nearly-empty.md`,
    });
  }
  if (stats.uncounted && stats.uncounted.length > 0) {
    findings.push({
      text: phrase`The table did not answer for every count: not known are ${inARow(stats.uncounted)}.`,
      runbook: `${RUNBOOKS}/dynamodb-throttling.md`,
    });
  }
  const givenUp = stats.deletion_given_up ?? 0;
  if (givenUp > 0) {
    findings.push({
      text: [
        givenUp === 1 ? '1 deletion was' : `${givenUp} deletions were`,
        ' given up: the accounts live on in the portal.',
      ],
      runbook: `${RUNBOOKS}/deletions-given-up.md`,
    });
  }
  const listed = stats.listed_after_deletion ?? 0;
  if (listed > 0) {
    findings.push({
      text: [
        'The portal lists ',
        listed === 1 ? '1 account that counts' : `${listed} accounts that count`,
        ' as deleted.',
      ],
      runbook: `${RUNBOOKS}/deleted-accounts-listed.md`,
    });
  }
  return findings;
}

function runnerFindings({ jobs, rollbacks }: Known, nowMs: number): Finding[] {
  const findings: Finding[] = [];
  const stop = rollbacks?.worker_stop;
  if (stop) {
    findings.push({
      text: phrase`The worker was stopped at ${clockTime(stop.at, nowMs)}, by ${stop.cause.kind === 'alarm' ? ['alarm '] : []}${stop.cause.name}.`,
      runbook: `${RUNBOOKS}/undo-a-rollback.md`,
    });
  }
  const control = jobs?.runner;
  if (control?.runner === 'none' || control?.runner === 'unknown') {
    const why = control.reason === null ? [] : phrase` (${control.reason})`;
    const when = control.since === null ? [] : phrase`, since ${clockTime(control.since, nowMs)}`;
    findings.push({
      text: phrase`${control.runner === 'none' ? 'Nobody runs the jobs' : 'Who runs the jobs is not known, so nobody does'}${when}, by ${control.changed_by ?? 'somebody'}${why}.`,
      runbook: `${RUNBOOKS}/portal-maintenance.md`,
    });
  }
  return findings;
}

function jobFindings({ jobs }: Known, nowMs: number): Finding[] {
  return (jobs?.jobs ?? []).flatMap((job) => {
    const { last_run: run, lease, next_due_at: dueAt, problem = null } = job;
    const findings: Finding[] = [];
    if (problem !== null) {
      findings.push({
        text: phrase`The records of job ${job.name} are not all right: ${sentence(problem)}`,
        runbook: `${RUNBOOKS}/jobs-not-reporting.md`,
      });
    }
    if (run && run.outcome !== 'unknown' && run.outcome !== 'success' && run.outcome !== 'stopped') {
      const success =
        job.last_success_at === null
          ? ['It never succeeded.']
          : phrase`Last success at ${clockTime(job.last_success_at, nowMs)}.`;
      findings.push({
        text: phrase`Job ${job.name} ended “${plainWords(run.outcome)}”${run.error === null ? ['.'] : phrase`: ${sentence(run.error)}`} ${success}`,
        runbook: `${RUNBOOKS}/${runbookFor(job.name, run.outcome, run.run_by, run.error)}.md`,
      });
    }
    const unconfirmed = job.name === 'cleanup' ? (run?.counts.unconfirmed ?? 0) : 0;
    if (unconfirmed > 0) {
      findings.push({
        text: [
          unconfirmed === 1 ? '1 deletion is' : `${unconfirmed} deletions are`,
          ' unconfirmed: no list of the portal shows yet that the accounts are gone.',
        ],
        runbook: `${RUNBOOKS}/deletion-unconfirmed.md`,
      });
    }
    const isLeaseBelieved = lease !== null && lease.expires_at - nowMs / 1000 < LATEST_LEASE_SECONDS;
    if (jobs?.runner.runner === 'none' || jobs?.runner.runner === 'unknown' || isLeaseBelieved)
      return findings;
    const since = jobs?.runner.since ?? 0;
    // A change from the future does not make a job less late.
    const believedSince = since > nowMs / 1000 + CLOCK_TOLERANCE_SECONDS ? 0 : since;
    // After a freeze every job is late at first: the clock runs from when somebody was told to run them again.
    const lateSince = dueAt === null ? Infinity : Math.max(dueAt, believedSince);
    if (dueAt !== null && nowMs / 1000 - lateSince > OVERDUE_SECONDS) {
      findings.push({
        text: phrase`Job ${job.name} was due at ${clockTime(dueAt, nowMs)} and has not run.`,
        runbook: `${RUNBOOKS}/jobs-not-reporting.md`,
      });
    }
    return findings;
  });
}

function runbookFor(
  job: string,
  outcome: 'guarded' | 'unavailable' | 'failed',
  runBy: string,
  error: string | null,
): string {
  switch (outcome) {
    case 'guarded':
      // What is wrong with the table's portal stands in one page for all jobs.
      return job === 'cleanup' && error?.startsWith('This table ') !== true
        ? 'deletion-unconfirmed'
        : 'sync-guarded';
    case 'unavailable':
      return error?.includes('sandbox table') === true ? 'api-not-ready' : 'portal-circuit-open';
    case 'failed':
      return runBy.startsWith('worker/') ? 'worker-job-failures' : 'api-job-failures';
  }
}
