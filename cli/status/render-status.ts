import { COUNTED_STATUSES } from '../../app/store/sandbox-store';
import { entryHeadline } from '../history-command';
import { primaryOf, type DeployedService } from '../services/deployed-services';
import type { Source } from '../source';
import { describeTarget } from '../target';
import { columns } from '../text/columns';
import { fullTime, localTime, relativeTime } from '../text/times';
import type { AlarmStatus, JobStatus, StatusReport } from './status-report';

const MAX_REASON_LENGTH = 160;

/** The status as a person reads it: first what needs attention, then everything. */
export function renderStatus(report: StatusReport, findings: string[]): string {
  const { target, atMs } = report;
  return [
    `${describeTarget(target)} · ${localTime(atMs)}`,
    '',
    ...(findings.length === 0
      ? ['Nothing needs attention.']
      : ['NEEDS ATTENTION', ...findings.map((finding) => `  ! ${finding}`)]),
    '',
    ...servicesPart(report),
    '',
    ...alarmsPart(report),
    '',
    ...jobsPart(report),
    '',
    `POOL  ${shown(report.pool, (counts) =>
      COUNTED_STATUSES.map((status) => `${counts[status] ?? 'unknown'} ${status}`).join(' · '),
    )}`,
    '',
    `LAST ACTION  ${shown(report.lastAction, (entry) =>
      entry === null ? 'none so far' : `${entryHeadline(entry, atMs)}: ${entry.cause.reason}`,
    )}`,
  ].join('\n');
}

function servicesPart({ apiService, workerService, workerDesiredCountParameter }: StatusReport): string[] {
  if (apiService.kind === 'not_there') return [`SERVICES  ${apiService.reason}`];
  const row = (name: string, source: Source<DeployedService>): (string | number)[] =>
    source.kind === 'known' ? serviceRow(name, source.value) : [name, 'unknown'];
  return [
    'SERVICES',
    ...columns([
      ['', 'desired', 'running', 'pending', 'revision', 'roll-out'],
      row('API', apiService),
      row('worker', workerService),
    ]),
    `  workers at the next deploy: ${shown(workerDesiredCountParameter, String)}`,
  ];
}

function serviceRow(name: string, service: DeployedService): (string | number)[] {
  const { desiredCount, runningCount, pendingCount, revision, deployments } = service;
  const others = deployments.length > 1 ? `, ${deployments.length} deployments` : '';
  const rollout = `${primaryOf(service)?.rolloutState ?? 'unknown'}${others}`;
  return [name, desiredCount, runningCount, pendingCount, revision, rollout];
}

function alarmsPart({ alarms, atMs }: StatusReport): string[] {
  if (alarms.kind !== 'known') return [`ALARMS  ${shown(alarms, String)}`];
  const { alarms: all, missing } = alarms.value;
  const count = (state: AlarmStatus['state']): number => all.filter((alarm) => alarm.state === state).length;
  const parts = [
    `${count('ALARM')} in ALARM`,
    `${count('OK')} OK`,
    `${count('INSUFFICIENT_DATA')} without data`,
    ...(missing.length > 0 ? [`${missing.length} missing`] : []),
  ];
  return [
    `ALARMS  ${parts.join(' · ')}`,
    ...all
      .filter(({ state }) => state === 'ALARM')
      .flatMap(({ name, sinceMs, reason, runbook }) => [
        `  ALARM  ${name}${sinceMs === undefined ? '' : `  since ${fullTime(sinceMs, atMs)}`}`,
        `         ${reason.slice(0, MAX_REASON_LENGTH)}`,
        ...(runbook === undefined ? [] : [`         ${runbook}`]),
      ]),
  ];
}

function jobsPart({ control, jobs, atMs }: StatusReport): string[] {
  const who = shown(control, ({ runner, since, changedBy, reason }) =>
    [
      `run by ${runner}`,
      ...(since === undefined ? [] : [`since ${fullTime(since * 1000, atMs)}`]),
      ...(changedBy === undefined ? [] : [`by ${changedBy}`]),
      ...(reason === undefined ? [] : [`reason: ${reason}`]),
    ].join(', '),
  );
  const table =
    jobs.kind === 'known'
      ? columns([
          ['', 'last run', 'outcome', 'next due', 'what it did'],
          ...jobs.value.map((job) => jobRow(job, atMs)),
        ])
      : [`  ${shown(jobs, String)}`];
  return [`JOBS  ${who}`, ...table];
}

function jobRow({ job, lastRun, lease }: JobStatus, atMs: number): string[] {
  const now = lease === undefined ? '' : ` · running now in ${lease.holder}`;
  if (lastRun === undefined) return [job, 'never', '', '', now.slice(3)];
  const { startedAt, outcome, nextDueAt, counts } = lastRun;
  const did = Object.entries(counts)
    .filter(([, count]) => count !== 0)
    .map(([what, count]) => `${what} ${count}`);
  return [
    job,
    relativeTime(startedAt * 1000, atMs),
    outcome,
    relativeTime(nextDueAt * 1000, atMs),
    `${did.length > 0 ? did.join(', ') : 'nothing to do'}${now}`,
  ];
}

/** What a source told in words, or why it told nothing. */
function shown<T>(source: Source<T>, words: (value: T) => string): string {
  switch (source.kind) {
    case 'known':
      return words(source.value);
    case 'unknown':
      return `unknown: ${source.reason}`;
    case 'not_there':
      return source.reason;
  }
}
