import { CLOCK_TOLERANCE_SECONDS, isInFuture } from '../../app/store/clock-tolerance';
import { latestLeaseEndMs, type JobsControl } from '../../app/store/job-store';
import { unwatchedAlarms } from '../alarms/unwatched-alarms';
import { isSteady, primaryOf, type DeployedService } from '../services/deployed-services';
import { valueOf } from '../source';
import { commandLine } from '../target';
import { relativeTime } from '../text/times';
import { unknownSources, type JobStatus, type StatusReport } from './status-report';

/** The longest interval that a setting allows, a tenth of jitter and some tolerance added, in seconds. */
const LATEST_DUE_SECONDS = 1.1 * 7 * 86_400 + CLOCK_TOLERANCE_SECONDS;
/** The longest lease that a setting allows. */
const MAX_LEASE_MS = 3_600_000;

/** A job that is this late is not about to begin: schedulers look every second, and who runs them changes in ten. */
const OVERDUE_SECONDS = 120;

/** What a person should look at, most urgent first; empty when all is well. */
export function findingsOf(report: StatusReport): string[] {
  return [
    ...alarmFindings(report),
    ...workerFindings(report),
    ...jobsRunnerFindings(report),
    ...serviceFindings(valueOf(report.apiService), 'API'),
    ...serviceFindings(valueOf(report.workerService), 'worker'),
    ...jobFindings(report),
    ...poolFindings(report),
    ...unknownFindings(report),
  ];
}

function alarmFindings({ alarms, atMs }: StatusReport): string[] {
  const status = valueOf(alarms);
  if (status === undefined) return [];
  const firing = status.alarms
    .filter(({ state }) => state === 'ALARM')
    .map(({ name, sinceMs, runbook }) => {
      const since = sinceMs === undefined ? '' : `, since ${relativeTime(sinceMs, atMs)}`;
      return `Alarm ${name} is in ALARM${since}.${runbook === undefined ? '' : ` Runbook: ${runbook}`}`;
    });
  const unwatched = unwatchedAlarms(status.alarms);
  const { missing } = status;
  return [
    ...firing,
    ...(unwatched.length === 0
      ? []
      : [
          `A deploy now would not go back because of ${shortList(unwatched)}: ECS ignores an alarm that is on already.`,
        ]),
    ...(missing.length === 0
      ? []
      : [`${missing.length} of our alarms do not exist in CloudWatch: ${shortList(missing)}.`]),
  ];
}

function workerFindings({ target, workerService, workerDesiredCountParameter }: StatusReport): string[] {
  const worker = valueOf(workerService);
  const wanted = valueOf(workerDesiredCountParameter);
  const findings: string[] = [];
  if (worker?.desiredCount === 0) {
    findings.push(
      `The worker is stopped (desired 0). Start it again: ${commandLine(target, 'resume worker')}`,
    );
  }
  if (worker !== undefined && wanted !== undefined && worker.desiredCount !== wanted) {
    findings.push(
      `The next deploy sets the worker's desired count to ${wanted}; now it is ${worker.desiredCount}. ` +
        'Make them agree with rollback worker or resume worker.',
    );
  }
  return findings;
}

function jobsRunnerFindings({ target, control, workerService, atMs }: StatusReport): string[] {
  const word = valueOf(control);
  if (word === undefined) return [];
  if (word.runner === 'none') {
    return [
      ...timeFindings(word, atMs),
      `Nobody runs the jobs${whoAndWhen(word, atMs)}. Undo: ${commandLine(target, 'unfreeze')}`,
    ];
  }
  const odd = timeFindings(word, atMs);
  if (word.runner === 'unknown') {
    const what = word.storedRunner === undefined ? 'cannot be read' : `is "${word.storedRunner}"`;
    const undo = commandLine(target, 'unfreeze');
    return [...odd, `Who runs the jobs ${what}: nobody runs them${whoAndWhen(word, atMs)}. Undo: ${undo}`];
  }
  const isWorkerGone = valueOf(workerService)?.desiredCount === 0;
  if (word.runner === 'worker' && isWorkerGone) {
    const command = commandLine(target, 'rollback worker --reason ...');
    return [
      ...odd,
      `The worker is to run the jobs, but is stopped: nobody runs them. Give them to the API: ${command}`,
    ];
  }
  return word.runner === 'api'
    ? [...odd, `The API runs the jobs in the worker's place${whoAndWhen(word, atMs)}.`]
    : odd;
}

/** Such a time is not believed: alarms count as if it was not there. */
function timeFindings({ since, personChangedAt }: JobsControl, atMs: number): string[] {
  const future = [since, personChangedAt].filter(
    (time) => time !== undefined && isInFuture(time, atMs / 1000),
  );
  return future.length === 0
    ? []
    : [
        `Who runs the jobs was changed in the future, ${relativeTime((future[0] ?? 0) * 1000, atMs)}: by a wrong clock.`,
      ];
}

function serviceFindings(service: DeployedService | undefined, role: string): string[] {
  if (service === undefined || isSteady(service)) return [];
  const primary = primaryOf(service);
  const rollout = primary?.rolloutState;
  const why =
    rollout === 'FAILED' ? ` Roll-out FAILED: ${primary?.rolloutStateReason ?? 'no reason given'}.` : '';
  const event = service.events[0]?.message;
  return [
    `The ${role} is not steady: wants ${service.desiredCount}, runs ${service.runningCount}, ` +
      `${service.pendingCount} pending, ${service.deployments.length} deployments.${why}` +
      (event === undefined ? '' : ` ECS: ${event}`),
  ];
}

function jobFindings({ jobs, control, atMs }: StatusReport): string[] {
  // While they are frozen all jobs are late.
  const word = valueOf(control);
  const isFrozen = word?.runner === 'none';
  return (valueOf(jobs) ?? []).flatMap((job) => [
    ...recordFindings(job, atMs),
    ...failureOf(job, atMs),
    ...doubtsOf(job),
    ...(isFrozen ? [] : latenessOf(job, believedSince(word, atMs), atMs)),
  ]);
}

/** What in a job's records makes no sense, or cannot be right. */
function recordFindings({ job, lastRun, lease, unreadable = [] }: JobStatus, atMs: number): string[] {
  const findings = unreadable.map((why) => `A record of job ${job} cannot be read. ${why}`);
  if (lastRun && lastRun.nextDueAt > atMs / 1000 + LATEST_DUE_SECONDS) {
    const due = relativeTime(lastRun.nextDueAt * 1000, atMs);
    findings.push(`Job ${job} is said to be due ${due}, which cannot be right: it is due now.`);
  }
  if (lastRun && isInFuture(lastRun.startedAt, atMs / 1000)) {
    const start = relativeTime(lastRun.startedAt * 1000, atMs);
    findings.push(`The last run of job ${job} is said to begin ${start}: a wrong clock wrote it.`);
  }
  if (lease && lease.expiresAtMs > latestLeaseEndMs(atMs, MAX_LEASE_MS)) {
    const end = relativeTime(lease.expiresAtMs, atMs);
    findings.push(
      `The lease of job ${job} is said to end ${end}, which cannot be right: it holds nobody back.`,
    );
  }
  return findings;
}

/** A change from the future does not make a job less late. */
function believedSince(word: JobsControl | undefined, atMs: number): number {
  const since = word?.since ?? 0;
  return isInFuture(since, atMs / 1000) ? 0 : since;
}

function failureOf({ job, lastRun }: JobStatus, atMs: number): string[] {
  if (lastRun === undefined || lastRun.outcome === 'success' || lastRun.outcome === 'stopped') return [];
  const { outcome, error, lastSuccessAt } = lastRun;
  const success =
    lastSuccessAt === undefined
      ? 'It never succeeded.'
      : `Last success ${relativeTime(lastSuccessAt * 1000, atMs)}.`;
  return [`Job ${job} ended "${outcome}"${error === undefined ? '' : `: ${error}`}. ${success}`];
}

/** What a run that succeeded may have found all the same. */
function doubtsOf({ job, lastRun }: JobStatus): string[] {
  const { unconfirmed = 0, listed_after_deletion: listed = 0 } = lastRun?.counts ?? {};
  const findings: string[] = [];
  if (job === 'cleanup' && unconfirmed > 0) {
    findings.push(
      `${unconfirmed} deletions are unconfirmed: no list of the portal shows yet that the accounts are gone. ` +
        'Runbook: docs/runbooks/deletion-unconfirmed.md',
    );
  }
  if (job === 'sync' && listed > 0) {
    findings.push(
      `The portal lists ${listed} accounts that count as deleted. Runbook: docs/runbooks/deleted-accounts-listed.md`,
    );
  }
  return findings;
}

/** @param runnerSince seconds; after a freeze the clock runs from when somebody was told to run the jobs again. */
function latenessOf(
  { job, lastRun, lease, unreadable }: JobStatus,
  runnerSince: number,
  atMs: number,
): string[] {
  if (lease !== undefined && lease.expiresAtMs <= latestLeaseEndMs(atMs, MAX_LEASE_MS)) return [];
  if (unreadable !== undefined) return [];
  if (lastRun === undefined) return [`Job ${job} has never run.`];
  const isOverdue = atMs / 1000 - Math.max(lastRun.nextDueAt, runnerSince) > OVERDUE_SECONDS;
  return isOverdue
    ? [`Job ${job} was due ${relativeTime(lastRun.nextDueAt * 1000, atMs)} and has not run.`]
    : [];
}

function poolFindings({ pool }: StatusReport): string[] {
  return valueOf(pool)?.available === 0 ? ['The pool is empty: students get no sandbox.'] : [];
}

/** What several sources fail for is said once. */
function unknownFindings(report: StatusReport): string[] {
  const namesByReason = new Map<string, string[]>();
  for (const { name, reason } of unknownSources(report)) {
    namesByReason.set(reason, [...(namesByReason.get(reason) ?? []), name]);
  }
  return [...namesByReason].map(([reason, names]) => `Not known: ${names.join(', ')}. ${reason}`);
}

function whoAndWhen({ since, changedBy, reason }: JobsControl, atMs: number): string {
  const when = since === undefined ? '' : `, since ${relativeTime(since * 1000, atMs)}`;
  const who = changedBy === undefined ? '' : `, by ${changedBy}`;
  return `${when}${who}${reason === undefined ? '' : ` (${reason})`}`;
}

function shortList(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
