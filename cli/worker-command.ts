import { ALARM_NAMES, ALARMS, cloudWatchAlarmName } from '../alarms/definitions';
import type { ManualRollback, PersonRequest } from '../alarms/rollback/manual-rollback';
import type { ActionReport, RollbackJobsRunner } from '../alarms/rollback/rollback-dependencies';
import { stepLines } from '../alarms/rollback/rollback-message';
import { agreed, personOf, type ActingOptions } from './acting';
import type { CliContext } from './context';
import { EXIT_CODES, type ExitCode } from './exit-code';
import { localReport, type WantedWorkers } from './local-rollback';
import { commandLine, describeTarget, type Target } from './target';
import { withSnakeCaseKeys } from './text/snake-case';

/** What can be done to the worker and the jobs by hand. */
export type WorkerAction =
  | { action: 'rollback_worker'; reason: string; jobsRunner: RollbackJobsRunner }
  | { action: 'resume_worker' | 'unfreeze'; reason?: string }
  | { action: 'freeze'; reason: string };

type Request = (manual: ManualRollback, request: PersonRequest) => Promise<ActionReport>;

interface Act {
  /** Of the action, as a question and as a heading. */
  title: string;
  request: Request;
  /** In the local system, which keeps no such number. */
  wantedWorkers: WantedWorkers;
  undo?: string;
}

/** Shows what it would do, asks, does it and tells. Every action may be repeated. */
export async function workerCommand(
  context: CliContext,
  action: WorkerAction,
  options: ActingOptions,
): Promise<ExitCode> {
  const { platform, target } = context;
  const act = actOf(action);
  const person = await personOf(context, options);
  const request = { by: person, reason: action.reason ?? 'by hand' };
  const manual = platform.manualRollback(act.wantedWorkers);
  if (action.action === 'resume_worker') await warnOfAlarmsStillOn(context);
  const run = async (isDryRun: boolean): Promise<ActionReport> => {
    const report = await act.request(manual, { ...request, isDryRun });
    return target.kind === 'local' ? localReport(report) : report;
  };

  if (options.isDryRun || !options.isConfirmed) {
    const plan = await run(true);
    // A failed look is no reason to refuse: the act itself goes on where it can.
    if (options.isDryRun || plan.isUnchanged) return tell(context, act, plan, options.isDryRun);
    context.terminal.note([`${act.title} (${describeTarget(target)}):`, ...stepLines(plan.steps)].join('\n'));
    if (!(await agreed(context))) return EXIT_CODES.failed;
  }
  return tell(context, act, await run(false), false);
}

function actOf(action: WorkerAction): Act {
  switch (action.action) {
    case 'rollback_worker': {
      const { jobsRunner } = action;
      return {
        title: 'Stop the worker',
        request: (manual, request) => manual.rollbackWorker({ ...request, jobsRunner }),
        wantedWorkers: 0,
        undo: 'resume worker',
      };
    }
    case 'resume_worker':
      return {
        title: 'Resume the worker',
        request: (manual, request) => manual.resumeWorker(request),
        wantedWorkers: 1,
      };
    case 'freeze':
      return {
        title: 'Freeze the jobs',
        request: (manual, request) => manual.freeze(request),
        wantedWorkers: 1,
        undo: 'unfreeze',
      };
    case 'unfreeze':
      return {
        title: 'Unfreeze the jobs',
        request: (manual, request) => manual.unfreeze(request),
        wantedWorkers: 1,
      };
  }
}

/** The rollback acts when an alarm goes off, not while one is on: a worker resumed now has nobody watching over it. */
async function warnOfAlarmsStillOn({ platform, target, terminal }: CliContext): Promise<void> {
  const { aws } = platform;
  if (aws === undefined || target.kind === 'local') return;
  const ours = ALARM_NAMES.filter((name) => ALARMS[name].triggersRollback);
  const names = new Set(ours.map((name) => cloudWatchAlarmName(target.alarmNamePrefix, name)));
  // An answer that does not come is no reason to keep somebody from resuming.
  const alarms = await aws.alarms.list().catch(() => []);
  const on = alarms.filter(({ name, state }) => state === 'ALARM' && names.has(name)).map(({ name }) => name);
  if (on.length === 0) return;
  terminal.note(
    `Still in ALARM: ${on.join(', ')}. Until it has been OK again, no rollback follows if the worker is still ill.`,
  );
}

function tell(context: CliContext, act: Act, report: ActionReport, isDryRun: boolean): ExitCode {
  const { terminal, target, isJson } = context;
  const exitCode = exitCodeOf(report);
  if (isJson) {
    terminal.out(JSON.stringify(withSnakeCaseKeys({ target, isDryRun, exitCode, ...report }), null, 2));
    return exitCode;
  }
  const isChanged = !isDryRun && exitCode === EXIT_CODES.done && !report.isUnchanged;
  const lines = [
    `${act.title} (${describeTarget(target)}): ${verdict(report, isDryRun)}`,
    ...stepLines(report.steps),
    ...remarks(target, report),
    ...(report.hasFailed && !isDryRun ? ['Repeat the same command: every step is safe to repeat.'] : []),
    ...(isChanged && act.undo !== undefined ? [`Undo: ${commandLine(target, act.undo)}`] : []),
    ...(isDryRun ? [] : [`Look: ${commandLine(target, 'status')}`]),
  ];
  terminal.out(lines.join('\n'));
  return exitCode;
}

function verdict(report: ActionReport, isDryRun: boolean): string {
  if (report.isUnchanged) return 'nothing to do, it is so already';
  if (isDryRun)
    return report.hasFailed ? 'dry run, not everything could be read' : 'dry run, nothing was changed';
  if (!report.hasFailed) return `done in ${(report.durationMs / 1000).toFixed(1)} s`;
  return exitCodeOf(report) === EXIT_CODES.partlyFailed ? 'PARTLY FAILED' : 'FAILED';
}

function exitCodeOf({ steps, hasFailed }: ActionReport): ExitCode {
  if (!hasFailed) return EXIT_CODES.done;
  const isSomethingDone = steps.some(({ step, outcome }) => step !== 'confirmation' && outcome === 'done');
  return isSomethingDone ? EXIT_CODES.partlyFailed : EXIT_CODES.failed;
}

function remarks(target: Target, { action, steps, isUnchanged }: ActionReport): string[] {
  if (isUnchanged) return [];
  const isJobsChange = steps.some(({ step, outcome }) => step === 'jobs_runner' && outcome === 'done');
  const isWorkerAction = action === 'rollback_worker' || action === 'resume_worker';
  return [
    ...(isJobsChange
      ? ['Processes notice within 10 s who runs the jobs; a run under way is finished first.']
      : []),
    ...(target.kind === 'local' && isWorkerAction
      ? [
          'There is no ECS service in the local system: its worker process goes on running, with or without jobs.',
        ]
      : []),
  ];
}
