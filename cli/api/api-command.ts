import type { RollbackEntry, StepReport } from '../../app/store/rollback-history';
import { stepLines } from '../../alarms/rollback/rollback-message';
import { attempt } from '../../alarms/rollback/steps';
import { agreed, personOf, type ActingOptions } from '../acting';
import { unwatchedAlarms } from '../alarms/unwatched-alarms';
import type { AwsContext } from '../context';
import { EXIT_CODES, type ExitCode } from '../exit-code';
import { isSteady, type DeployedService, type Revision } from '../services/deployed-services';
import { commandLine, describeTarget } from '../target';
import { withSnakeCaseKeys } from '../text/snake-case';
import { localTimeOfDay, relativeTime } from '../text/times';
import { chooseRevision, type RevisionChoice } from './choose-revision';
import { waitUntilSteady } from './wait-until-steady';

export interface ApiRollbackOptions extends ActingOptions {
  /** A revision's number, or `family:number`; without it the previous ACTIVE one. */
  to?: string;
  reason?: string;
  /** How long to wait until the service is steady; 0 does not wait. */
  waitMinutes: number;
}

/** Puts the API back on an earlier revision of its task definition, waits until that runs, and says what comes next. */
export async function apiCommand(context: AwsContext, options: ApiRollbackOptions): Promise<ExitCode> {
  const { aws, target, terminal } = context;
  const service = await aws.services.describe(target.apiService);
  const choice = await chooseRevision(aws.services, service.revision, options.to);
  switch (choice.kind) {
    case 'refused':
      terminal.note(`error: ${choice.why}`);
      if (context.isJson)
        printJson(context, { isDryRun: options.isDryRun, exitCode: EXIT_CODES.failed, error: choice.why });
      return EXIT_CODES.failed;
    case 'already': {
      const steps = [step('api_service', 'unchanged', `${choice.to.name} already`)];
      // ECS is still at it, by an earlier command or by itself.
      if (!options.isDryRun && options.waitMinutes > 0 && !isSteady(service)) {
        steps.push(await confirm(context, options, service, choice.to));
      }
      return tell(context, { choice, service, steps, isDryRun: options.isDryRun });
    }
    case 'go':
      return go(context, options, service, choice);
  }
}

async function go(
  context: AwsContext,
  options: ApiRollbackOptions,
  service: DeployedService,
  choice: RevisionChoice & { kind: 'go' },
): Promise<ExitCode> {
  const { terminal, platform, nowMs } = context;
  const plan = step('api_service', 'planned', `${choice.to.name} (was ${service.revision})`);
  await warnOfUnwatchedAlarms(context);
  if (options.isDryRun) return tell(context, { choice, service, steps: [plan], isDryRun: true });
  if (!options.isConfirmed) {
    terminal.note(planText(context, choice, service));
    if (!(await agreed(context))) return EXIT_CODES.failed;
  }
  const by = await personOf(context, options);
  const startedAtMs = nowMs();
  const entry = (steps: StepReport[], isFinished: boolean): RollbackEntry => ({
    atMs: startedAtMs,
    cause: { kind: 'person', name: by, reason: options.reason ?? 'by hand' },
    action: 'rollback_api',
    steps,
    durationMs: nowMs() - startedAtMs,
    attempts: 1,
    isFinished,
  });
  const record = (steps: StepReport[], isFinished: boolean): Promise<StepReport> =>
    attempt('history', platform.logger, async () => {
      await platform.history.save(entry(steps, isFinished));
      return { outcome: 'done', detail: 'recorded' };
    });

  const update = await attempt('api_service', platform.logger, async () => {
    // The choice was made on what ran before the question.
    const { revision } = await context.aws.services.describe(service.name);
    if (revision !== service.revision) throw new RevisionChangedError(service.revision, revision);
    await context.aws.services.setRevision(service.name, choice.to.name);
    return { outcome: 'done', detail: plan.detail };
  });
  const steps = [update];
  if (update.outcome === 'done' && options.waitMinutes > 0) {
    // Recorded before the wait, which a person may well end.
    await record(steps, false);
    steps.push(await confirm(context, options, service, choice.to));
  }
  steps.push(await record(steps, true));
  return tell(context, { choice, service, steps, isDryRun: false });
}

/** A rollback is a deployment, too, and mostly begins because of an alarm. Not being able to look must not hold it up. */
async function warnOfUnwatchedAlarms({ aws, terminal }: AwsContext): Promise<void> {
  const alarms = await aws.alarms.list().catch(() => undefined);
  if (alarms === undefined) {
    terminal.note('The alarms cannot be read: ECS ignores those in this roll-out that are on already.');
    return;
  }
  const unwatched = unwatchedAlarms(alarms);
  if (unwatched.length === 0) return;
  terminal.note(
    `On already, so ECS ignores it in this roll-out, and you watch it yourself: ${unwatched.join(', ')}`,
  );
}

async function confirm(
  context: AwsContext,
  { waitMinutes }: ApiRollbackOptions,
  service: DeployedService,
  to: Revision,
): Promise<StepReport> {
  const { terminal, aws, nowMs, sleep, signal } = context;
  terminal.note(
    `ECS is at it. Waiting up to ${waitMinutes} min until it is steady; Ctrl-C ends only the waiting.`,
  );
  try {
    const result = await waitUntilSteady(
      { services: aws.services, nowMs, sleep, signal },
      { service: service.name, revision: to.name, maxWaitMs: waitMinutes * 60_000 },
      (line) => {
        terminal.note(`  ${localTimeOfDay(nowMs())}  ${line}`);
      },
    );
    return step('confirmation', result.isSteady ? 'done' : 'failed', result.detail);
  } catch (error) {
    if (!signal.aborted) throw error;
    return step('confirmation', 'failed', 'not waited for; ECS goes on with it');
  }
}

interface Outcome {
  choice: RevisionChoice & { kind: 'go' | 'already' };
  service: DeployedService;
  steps: StepReport[];
  isDryRun: boolean;
}

function tell(context: AwsContext, { choice, service, steps, isDryRun }: Outcome): ExitCode {
  const { target, terminal } = context;
  const { to } = choice;
  const exitCode = exitCodeOf(steps);
  if (context.isJson) {
    const from = {
      revision: service.revision,
      image: choice.kind === 'go' ? choice.current?.image : to.image,
    };
    printJson(context, { isDryRun, exitCode, from, to: { revision: to.name, image: to.image }, steps });
    return exitCode;
  }
  const heading = `Roll the API back (${describeTarget(target)}): ${verdict(choice, exitCode, isDryRun)}`;
  const isMoved = choice.kind === 'go' && exitCode !== EXIT_CODES.failed;
  terminal.out(
    [
      ...(isDryRun && choice.kind === 'go' ? [planText(context, choice, service)] : []),
      heading,
      ...stepLines(steps),
      ...(isMoved ? ['', ...forwardWarning(to)] : []),
      ...(isDryRun ? [] : [`Look: ${commandLine(target, 'status')}`]),
    ].join('\n'),
  );
  return exitCode;
}

function planText(
  { target, nowMs }: AwsContext,
  { current, to, others, passedOver }: RevisionChoice & { kind: 'go' },
  service: DeployedService,
): string {
  const age =
    to.registeredAtMs === undefined ? '' : `, registered ${relativeTime(to.registeredAtMs, nowMs())}`;
  return [
    `Roll the API back (${describeTarget(target)}), service ${service.name}:`,
    `  from  ${service.revision}  image ${current?.image ?? 'unknown'}`,
    `  to    ${to.name}  image ${to.image}${age}`,
    ...(passedOver.length > 0
      ? [`  passed over, as they run the same as ${service.revision}: ${passedOver.join(', ')}`]
      : []),
    ...(others.length > 0 ? [`  other ACTIVE ones, with --to: ${others.join(', ')}`] : []),
  ].join('\n');
}

/** Terraform knows nothing of it. */
function forwardWarning(to: Revision): string[] {
  return [
    'The next deploy goes forward again. Until the fault is mended, deploy with the image of this revision:',
    `  export TF_VAR_container_image=${to.image}`,
    'The worker takes its image from there, too. CPU, memory and variables come from the code that is deployed.',
  ];
}

function verdict(choice: Outcome['choice'], exitCode: ExitCode, isDryRun: boolean): string {
  if (choice.kind === 'already' && exitCode === EXIT_CODES.done) return 'nothing to do, it is so already';
  if (isDryRun) return 'dry run, nothing was changed';
  if (exitCode === EXIT_CODES.done) return 'done';
  return exitCode === EXIT_CODES.partlyFailed ? 'PARTLY FAILED' : 'FAILED';
}

function exitCodeOf(steps: StepReport[]): ExitCode {
  if (steps.every(({ outcome }) => outcome !== 'failed')) return EXIT_CODES.done;
  const isMoved = steps.some(({ step: name, outcome }) => name === 'api_service' && outcome !== 'failed');
  return isMoved ? EXIT_CODES.partlyFailed : EXIT_CODES.failed;
}

/** Somebody, or ECS, was faster than the person who was asked. */
class RevisionChangedError extends Error {
  override readonly name = 'RevisionChangedError';

  constructor(before: string, now: string) {
    super(`the API runs ${now} now, no longer ${before}; nothing was changed. Look again`);
  }
}

function step(name: StepReport['step'], outcome: StepReport['outcome'], detail: string): StepReport {
  return { step: name, outcome, detail };
}

function printJson({ target, terminal }: AwsContext, body: Record<string, unknown>): void {
  const json = withSnakeCaseKeys({ target, action: 'rollback_api', ...body });
  terminal.out(JSON.stringify(json, null, 2));
}
