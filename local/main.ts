import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_TABLE_NAMES, type TableNames } from '../app/store/table';
import { describeEnvironment, EnvironmentFile } from './environment-file';
import { abortWithLauncher } from './screen/launcher';
import { startLocalSystem, type LocalSystem } from './local-system';
import type { ManagedProcess, ProcessExit } from './processes/managed-process';
import { watchPool } from './screen/pool-view';
import { PortTakenError } from './processes/ports';
import { Screen } from './screen/screen';
import { parseStartOptions, type StartOptions } from './screen/start-options';
import { welcomeText } from './screen/welcome';

/*
 * `npm start`: the whole system on one machine, until a signal comes.
 */

const ROOT = join(__dirname, '..');
const DEFAULT_BASE_PATH = '/v1';
/** Intervals at which a person can watch the jobs at work; any of them may be set in front of `npm start`. */
const QUICK_JOBS: Record<string, string> = {
  SYNC_INTERVAL_SEC: '20',
  CLEANUP_INTERVAL_SEC: '10',
  AUTO_EXPIRY_INTERVAL_SEC: '15',
  AUTO_DELETE_STALE_INTERVAL_SEC: '300',
};
/** Variables of the user's shell that the local system sets itself, or that belong to other programs. */
const NOT_A_SETTING = /^(AWS_|BROKER_|CSP_(BASE_URL|API_TOKEN)$|DDB_|npm_|NODE_|PORT$|WORKER_PORT$)/;

/** Starts, shows the pool until told to stop, and stops. Resolves with the exit code. */
async function main(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2));
  const screen = new Screen(process.stdout);
  const ending = new AbortController();
  // Ctrl-C may arrive more than once, from the terminal and from npm: the first one counts.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ending.abort();
    });
  }
  abortWithLauncher(ending);
  try {
    await run(options, screen, ending);
    return 0;
  } catch (error) {
    screen.end();
    if (ending.signal.aborted && error === ending.signal.reason) return 0;
    console.error(`\n${explain(error)}`);
    return 1;
  }
}

async function run(options: StartOptions, screen: Screen, ending: AbortController): Promise<void> {
  const directory = options.directory ?? join(ROOT, '.local');
  mkdirSync(directory, { recursive: true });
  if (options.apiEntry === undefined) await build();

  const environmentFile = new EnvironmentFile(join(directory, 'environment.json'));
  let running: LocalSystem | undefined = undefined;
  const writeEnvironment = (): void => {
    if (running !== undefined) environmentFile.write(describeEnvironment(running));
  };
  const environment = { ...QUICK_JOBS, ...settingsOf(process.env) };
  const system = await startLocalSystem({
    sandboxCount: options.sandboxes,
    apiTaskCount: options.tasks,
    firstApiPort: options.port,
    workerCount: 1,
    firstWorkerPort: options.workerPort,
    tableNames: tableNames(process.env),
    environment,
    apiEntry: options.apiEntry,
    workerEntry: options.apiEntry,
    refill: { targetCount: options.sandboxes, intervalMs: 15_000, maxPerInterval: 5 },
    respawn: {
      onEvent: (message) => {
        screen.say(message);
      },
      onRestarted: writeEnvironment,
    },
    logDirectory: directory,
    signal: ending.signal,
  });
  running = system;
  const whenLost = whenPartIsLost(system);
  writeEnvironment();
  const shown = relative(process.cwd(), directory) || '.';
  const files = `${shown}/environment.json, ${shown}/*.log`;
  screen.say(
    welcomeText(system, {
      basePath: environment.API_BASE_PATH ?? DEFAULT_BASE_PATH,
      jobs: describeJobs(environment),
      files,
    }),
  );
  const stopWatching = watchPool(system.store, (line) => {
    screen.showStatus(line);
  });

  try {
    await Promise.race([whenLost, whenAborted(ending.signal)]);
    screen.end();
    screen.say('Stopping …');
  } finally {
    stopWatching();
    environmentFile.remove();
    await system.stop();
  }
  screen.say('Everything is stopped.');
}

async function build(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`The build failed:\n${stderr ?? String(error)}`, { cause: error });
  }
}

/** Engine and portal keep all they know in memory: without them there is nothing to go on with. Rejects then. */
function whenPartIsLost(system: LocalSystem): Promise<never> {
  return new Promise((_resolve, reject) => {
    const watch = (part: ManagedProcess | undefined): void =>
      part?.onUnexpectedExit((exit: ProcessExit) => {
        const how = exit.signal ?? `exit code ${exit.code ?? '?'}`;
        reject(
          new Error(
            `The ${part.role} process ended (${how}), and all it knew is lost. Its output is in ${part.role}.log.`,
          ),
        );
      });
    watch(system.engine);
    watch(system.portal);
  });
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

/** Settings such as LAB_DURATION_HOURS may be given in front of `npm start`. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || NOT_A_SETTING.test(name) ? [] : [[name, value]],
    ),
  );
}

/** The jobs and how often they run, in one line. */
function describeJobs(environment: Record<string, string>): string {
  const every = (name: string): string => `every ${environment[`${name}_INTERVAL_SEC`] ?? '?'} s`;
  return (
    `sync ${every('SYNC')}, cleanup ${every('CLEANUP')}, auto-expiry ${every('AUTO_EXPIRY')}, ` +
    `auto-delete-stale ${every('AUTO_DELETE_STALE')}`
  );
}

function tableNames(env: NodeJS.ProcessEnv): TableNames {
  return {
    table: env.DDB_TABLE_NAME ?? DEFAULT_TABLE_NAMES.table,
    statusIndex: env.DDB_GSI1_NAME ?? DEFAULT_TABLE_NAMES.statusIndex,
    trackIndex: env.DDB_GSI2_NAME ?? DEFAULT_TABLE_NAMES.trackIndex,
    nameIndex: env.DDB_GSI3_NAME ?? DEFAULT_TABLE_NAMES.nameIndex,
  };
}

function explain(error: unknown): string {
  if (error instanceof PortTakenError) {
    return `${error.message}, perhaps by another "npm start". Take free ports with: npm start -- --port 0`;
  }
  return error instanceof Error ? error.message : String(error);
}

void main().then((exitCode) => {
  // The connections that may still be open are no reason to wait.
  process.exit(exitCode);
});
