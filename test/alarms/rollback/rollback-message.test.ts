import type { StepReport } from '../../../app/store/rollback-history';
import { rollbackMessage } from '../../../alarms/rollback/rollback-message';
import { apiAlarm, workerAlarm } from './rollback-world';

const DONE: StepReport[] = [
  { step: 'desired_count_parameter', outcome: 'done', detail: '0 (was 1)' },
  { step: 'worker_service', outcome: 'done', detail: 'desired 0 (was 1)' },
  { step: 'jobs_runner', outcome: 'done', detail: 'api (was worker)' },
  { step: 'confirmation', outcome: 'done', detail: 'desired 0, running 1, pending 0' },
];

function withFailure(failed: StepReport['step'], detail: string): StepReport[] {
  return DONE.map((step) => (step.step === failed ? { step: failed, outcome: 'failed', detail } : step));
}

it('tells what happened, why, what was done, how it stands, and how to look, undo and read on', () => {
  const { subject, message } = rollbackMessage(
    workerAlarm(),
    {
      steps: DONE,
      runner: 'api',
      durationMs: 2_450,
    },
    'dev',
  );

  expect(subject).toBe('Worker stopped: sandbox-broker-dev-worker-cpu-high');
  expect(message.split('\n')).toEqual([
    'Worker stopped.',
    '',
    'Alarm:   sandbox-broker-dev-worker-cpu-high',
    'Since:   2026-05-01T12:00:00.985Z',
    'Reason:  Threshold Crossed: 2 out of the last 2 datapoints were greater than the threshold (80.0)',
    '',
    'What was done, 2.5 s after the alarm:',
    '  done      desired count for the next deploy  0 (was 1)',
    '  done      worker service                     desired 0 (was 1)',
    '  done      jobs run by                        api (was worker)',
    '  done      ECS confirms                       desired 0, running 1, pending 0',
    '',
    'Now:     worker desired 0, running 1, pending 0; jobs run by: api',
    '',
    'Look:    npm run broker -- status --env dev',
    'Undo:    npm run broker -- resume worker --env dev',
    'Runbook: docs/runbooks/worker-cpu-high.md',
  ]);
});

it('says first what failed, and that waiting is no plan', () => {
  const steps = withFailure('confirmation', 'desired 1, running 1, pending 0; wanted 0');
  const { subject, message } = rollbackMessage(workerAlarm(), { steps, durationMs: 2_450 }, 'dev');

  expect(subject).toMatch(/^WORKER MAY STILL RUN: /);
  expect(message).toContain(
    'worker not confirmed (desired 1, running 1, pending 0; wanted 0); jobs run by: not known',
  );
  expect(message).toContain('tried again by itself, up to twice');
});

it('tells a worker that stands from a rollback that lacks something else', () => {
  const steps = withFailure('desired_count_parameter', 'AccessDenied');

  expect(rollbackMessage(workerAlarm(), { steps, runner: 'api', durationMs: 1 }, 'prod').subject).toMatch(
    /^Worker stopped, rollback INCOMPLETE: /,
  );
});

it('undoes with another command what was done about the API', () => {
  const steps: StepReport[] = [{ step: 'jobs_runner', outcome: 'done', detail: 'none (was api)' }];
  const { message } = rollbackMessage(apiAlarm(), { steps, runner: 'none', durationMs: 1 }, 'prod');

  expect(message).toContain('Undo:    npm run broker -- unfreeze --env prod');
  expect(message).toContain('Now:     jobs run by: none');
  expect(message).not.toContain('resume worker');
});

it.each(['x'.repeat(300), 'schöne\nGrüße\t✓'])('keeps the subject to what SNS takes: %j', (alarmName) => {
  const { subject } = rollbackMessage(workerAlarm({ alarmName }), { steps: DONE, durationMs: 1 }, 'prod');

  expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
});
