import type { JobsControl } from '../../app/store/job-store';
import type { RollbackStep, StepReport, StoredRollbackEntry } from '../../app/store/rollback-history';
import type { AlarmEvent } from './alarm-event';
import type { Announcement } from './announcer';
import { shorten } from './describe-error';
import { failedSteps } from './steps';

/** SNS takes fewer than 100 characters. */
const MAX_SUBJECT_LENGTH = 99;
/** CloudWatch gives at most 1,023 characters. */
const MAX_REASON_LENGTH = 1_023;

/** Steps in words. */
const STEP_TITLES: Record<RollbackStep | 'unknown', string> = {
  desired_count_parameter: 'desired count for the next deploy',
  worker_service: 'worker service',
  jobs_runner: 'jobs run by',
  api_service: 'API service',
  confirmation: 'ECS confirms',
  history: 'history',
  unknown: 'a step of another release',
};

const WIDEST_TITLE = Math.max(...Object.values(STEP_TITLES).map((title) => title.length));

/** What was done about an alarm. */
export interface AlarmOutcome {
  steps: StepReport[];
  /** Who runs the jobs now, if it is known. */
  runner?: JobsControl['runner'];
  /** From the alarm's change of state to the end of the act. */
  durationMs: number;
}

/** The message to on-call people: what happened, why, what was done, how it stands, how to look and how to undo it. */
export function rollbackMessage(
  event: AlarmEvent,
  outcome: AlarmOutcome,
  environmentName: string,
): Announcement {
  const failures = failedSteps(outcome.steps);
  const headline = headlineOf(event, failures);
  return {
    subject: asSubject(`${headline}: ${event.alarmName}`),
    message: [
      `${headline}.`,
      '',
      `Alarm:   ${event.alarmName}`,
      `Since:   ${new Date(event.atMs).toISOString()}`,
      `Reason:  ${shorten(event.reason, MAX_REASON_LENGTH)}`,
      '',
      `What was done, ${(outcome.durationMs / 1000).toFixed(1)} s after the alarm:`,
      ...stepLines(outcome.steps),
      '',
      `Now:     ${stateLine(event, outcome)}`,
      ...(failures.length > 0
        ? [
            '',
            'What failed is tried again by itself, up to twice within minutes, unless a person has spoken since. Do not wait: look.',
          ]
        : []),
      '',
      `Look:    npm run broker -- status --env ${environmentName}`,
      `Undo:    npm run broker -- ${undoCommand(event)} --env ${environmentName}`,
      `Runbook: ${event.runbook}`,
    ].join('\n'),
  };
}

/** Each step in one line, for messages and the command line. */
export function stepLines(steps: StoredRollbackEntry['steps']): string[] {
  return steps.map(
    ({ step, outcome, detail }) =>
      `  ${outcome.padEnd(9)} ${STEP_TITLES[step].padEnd(WIDEST_TITLE)}  ${detail}`,
  );
}

function headlineOf({ action }: AlarmEvent, failures: RollbackStep[]): string {
  if (action === 'freeze_api_jobs') {
    return failures.includes('jobs_runner') ? 'JOBS MAY STILL RUN IN THE API' : 'Jobs taken from the API';
  }
  if (failures.includes('confirmation')) return 'WORKER MAY STILL RUN';
  return failures.length > 0 ? 'Worker stopped, rollback INCOMPLETE' : 'Worker stopped';
}

function stateLine({ action }: AlarmEvent, { steps, runner }: AlarmOutcome): string {
  const jobs = `jobs run by: ${runner ?? 'not known'}`;
  if (action === 'freeze_api_jobs') return jobs;
  const confirmation = steps.find(({ step }) => step === 'confirmation');
  const worker =
    confirmation?.outcome === 'failed' ? `not confirmed (${confirmation.detail})` : confirmation?.detail;
  return `worker ${worker ?? 'not confirmed'}; ${jobs}`;
}

function undoCommand({ action }: AlarmEvent): string {
  return action === 'freeze_api_jobs' ? 'unfreeze' : 'resume worker';
}

function asSubject(text: string): string {
  return shorten(text.replaceAll(/[^\x20-\x7e]/g, '?'), MAX_SUBJECT_LENGTH);
}
