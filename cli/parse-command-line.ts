import { Command, InvalidArgumentError, Option } from 'commander';
import type { RollbackJobsRunner } from '../alarms/rollback/rollback-dependencies';
import { portalIdentity } from '../app/store/portal-binding';
import type { ActingOptions } from './acting';
import type { GlobalOptions, Invocation } from './invocation';
import type { TargetOptions } from './target';

const MAX_WATCH_MINUTES = 24 * 60;
const MAX_TEXT_LENGTH = 500;

type Parsed = Omit<Invocation, 'global'> & Record<string, unknown>;

interface ActingFlags {
  by?: string;
  reason?: string;
  dryRun?: boolean;
  yes?: boolean;
}

/**
 * Reads the command line.
 *
 * @throws CommanderError for a faulty one, and for --help. Its text has been written by then.
 */
export function parseCommandLine(
  argv: string[],
  output: { out: (text: string) => void; err: (text: string) => void },
): Invocation {
  let parsed: Parsed | undefined;
  const program = createProgram((invocation) => {
    parsed = invocation;
  });
  // Sub-commands have inherited neither.
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ]) {
    command.exitOverride().configureOutput({ writeOut: output.out, writeErr: output.err });
  }
  program.parse(argv, { from: 'user' });
  if (parsed === undefined) throw new Error('commander ran no command');
  const flags = program.opts<TargetOptions & { json?: boolean; verbose?: boolean }>();
  const { json, verbose, ...target } = flags;
  const global: GlobalOptions = { ...target, isJson: json ?? false, isVerbose: verbose ?? false };
  return { global, ...parsed } as Invocation;
}

function createProgram(found: (invocation: Parsed) => void): Command {
  const program = new Command('npm run broker --')
    .description('What on-call people need: look at the sandbox broker, stop, resume and roll back.')
    .option('--json', 'JSON instead of text')
    .option('--verbose', 'log failed calls to standard error')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(npm run broker -- --help tells the commands)')
    .addHelpText('after', '\nExit codes and examples: docs/cli.md');
  addTargetOptions(program);
  addLookingCommands(program, found);
  addActingCommands(program, found);
  // The same for every command that is added.
  for (const command of program.commands) command.configureHelp({ showGlobalOptions: true });
  return program;
}

function addTargetOptions(program: Command): void {
  program
    .option('--env <name>', 'the environment, dev or prod (default: SANDBOX_BROKER_ENV, else dev)')
    .option('--local', 'the local system that npm start runs here')
    .addOption(
      new Option(
        '--endpoint-dynamodb <url>',
        'the local system whose table is there (default: DDB_ENDPOINT_URL)',
      ),
    )
    .option('--region <name>', "another region than the environment's own")
    .option('--cluster <name>', 'another ECS cluster')
    .option('--api-service <name>', 'another ECS service of the API')
    .option('--worker-service <name>', 'another ECS service of the worker')
    .option('--parameter <name>', "another SSM parameter of the worker's desired count")
    .option('--alarm-prefix <text>', 'another prefix of the alarm names')
    .option('--table <name>', 'another DynamoDB table');
}

function addLookingCommands(program: Command, found: (invocation: Parsed) => void): void {
  program
    .command('status')
    .description('services, alarms, who runs the jobs, their last runs, the pool, the last action')
    .option('--no-pool', 'do not count the pool, which reads a whole index')
    .action(({ pool }: { pool: boolean }) => {
      found({ command: 'status', isPoolCounted: pool });
    });
  program
    .command('watch')
    .description('print what changes; end with 4 when an alarm fires, with 0 when the time is over')
    .option('--minutes <N>', 'how long', wholeNumber(1, MAX_WATCH_MINUTES), 60)
    .option('--interval-seconds <N>', 'from one look to the next', wholeNumber(1, 300), 15)
    .action((options: { minutes: number; intervalSeconds: number }) => {
      found({ command: 'watch', options });
    });
  program
    .command('history')
    .description('what alarms and people did, newest first')
    .option('--limit <N>', 'how many entries', wholeNumber(1, 1_000), 10)
    .action(({ limit }: { limit: number }) => {
      found({ command: 'history', limit });
    });
}

function addActingCommands(program: Command, found: (invocation: Parsed) => void): void {
  const rollback = program.command('rollback').description('stop the worker, or go back to an earlier API');
  acting(rollback.command('worker'), 'required')
    .description('stop the worker and hand its jobs to the API')
    .addOption(
      new Option('--jobs <runner>', 'who runs the jobs meanwhile').choices(['api', 'none']).default('api'),
    )
    .action((flags: ActingFlags & { reason: string; jobs: RollbackJobsRunner }) => {
      const action = { action: 'rollback_worker', reason: flags.reason, jobsRunner: flags.jobs };
      found({ command: 'worker', action, options: actingOptions(flags) });
    });
  acting(rollback.command('api'), 'optional')
    .description('put the API on its previous ACTIVE task definition, and wait until it runs')
    .option('--to <revision>', 'a revision: its number, or family:number', revisionName)
    .option(
      '--wait-minutes <N>',
      'how long to wait until it is steady; 0 does not wait',
      wholeNumber(0, 120),
      15,
    )
    .action((flags: ActingFlags & { to?: string; waitMinutes: number }) => {
      const { to, reason, waitMinutes } = flags;
      found({ command: 'rollback_api', options: { ...actingOptions(flags), to, reason, waitMinutes } });
    });

  const resume = program.command('resume').description('undo a rollback of the worker');
  acting(resume.command('worker'), 'optional')
    .description('start the worker again and give it the jobs')
    .action((flags: ActingFlags) => {
      const action = { action: 'resume_worker', reason: flags.reason };
      found({ command: 'worker', action, options: actingOptions(flags) });
    });
  acting(program.command('freeze'), 'required')
    .description('let nobody run the jobs, e.g. while the portal is under maintenance')
    .action((flags: ActingFlags & { reason: string }) => {
      found({
        command: 'worker',
        action: { action: 'freeze', reason: flags.reason },
        options: actingOptions(flags),
      });
    });
  acting(program.command('unfreeze'), 'optional')
    .description('let the jobs run again')
    .action((flags: ActingFlags) => {
      const action = { action: 'unfreeze', reason: flags.reason };
      found({ command: 'worker', action, options: actingOptions(flags) });
    });
  acting(program.command('initialise'), 'none')
    .description('bind a new or restored table to its portal: until then sync adds nothing')
    .requiredOption('--portal <url>', 'the CSP_BASE_URL of API and worker', portalUrl)
    .option('--replaces <url>', 'the portal that the table is bound to, if it has moved', portalUrl)
    .action((flags: ActingFlags & { portal: string; replaces?: string }) => {
      const { portal, replaces } = flags;
      found({ command: 'initialise', options: { ...actingOptions(flags), portal, replaces } });
    });
  acting(program.command('replay-allocations'), 'none')
    .description('write allocations of the API’s log into a table that was restored to a time before them')
    .requiredOption('--file <path>', 'log lines of the API, one JSON document a line')
    .action((flags: ActingFlags & { file: string }) => {
      found({ command: 'replay_allocations', options: { ...actingOptions(flags), file: flags.file } });
    });
  for (const group of [rollback, resume]) {
    for (const command of group.commands) command.configureHelp({ showGlobalOptions: true });
  }
}

/** What every acting command has. */
function acting(command: Command, reason: 'required' | 'optional' | 'none'): Command {
  const why = new Option('--reason <text>', 'why, for whoever finds it so').argParser(words('reason'));
  if (reason !== 'none') command.addOption(reason === 'required' ? why.makeOptionMandatory() : why);
  return command
    .option('--by <name>', 'who asks (default: the identity that AWS knows)', words('name'))
    .option('--dry-run', 'tell what would be done, and change nothing')
    .option('--yes', 'do not ask');
}

function actingOptions({ by, dryRun, yes }: ActingFlags): ActingOptions {
  return { by, isDryRun: dryRun ?? false, isConfirmed: yes ?? false };
}

function words(what: string): (text: string) => string {
  return (text) => {
    const trimmed = text.trim();
    // Else `--reason --dry-run` would be an action, with a strange reason.
    if (trimmed.startsWith('-'))
      throw new InvalidArgumentError(`The ${what} must not begin with -. Is its text missing?`);
    if (trimmed !== '' && trimmed.length <= MAX_TEXT_LENGTH) return trimmed;
    throw new InvalidArgumentError(`The ${what} must have 1 to ${MAX_TEXT_LENGTH} characters.`);
  };
}

function portalUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return portalIdentity(text);
  throw new InvalidArgumentError('It must be a URL such as https://portal.example.com/api.');
}

function revisionName(text: string): string {
  if (/^([A-Za-z0-9_-]{1,255}:)?[1-9]\d{0,8}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a revision such as 7, or sandbox-broker-dev-api:7.');
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
