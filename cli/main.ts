import { setTimeout as delay } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { NotConfirmedError } from './acting';
import { composePlatform } from './compose';
import { EXIT_CODES, type ExitCode } from './exit-code';
import { explainError } from './explain-error';
import type { Invocation } from './invocation';
import { parseCommandLine } from './parse-command-line';
import { requireCredentials } from './require-credentials';
import { runCommand } from './run-command';
import { resolveTarget, TargetError, type Target } from './target';
import { processTerminal as terminal } from './terminal';

/*
 * `npm run broker`: what on-call people see and do. One command, and an exit code.
 */

/** What the embedded engine of `npm start` asks for; the user's own credentials stay unused. */
const LOCAL_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' } as const;
/** How long a command may take to say how far it came, after Ctrl-C. */
const LAST_WORDS_MS = 2_000;

async function main(argv: string[]): Promise<ExitCode> {
  const invocation = understand(argv);
  if (typeof invocation === 'number') return invocation;
  const interruption = listenForInterruption(`Interrupted.${afterInterruption(invocation)}`);
  const isJson = invocation.global.isJson;
  let target: Target | undefined;
  try {
    target = resolveTarget(invocation.global, process.env);
    const exitCode = await Promise.race([
      run(invocation, target, interruption.signal),
      interruption.lastWordsOver,
    ]);
    return interruption.exitCode ?? exitCode;
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    const isUsage = error instanceof TargetError || error instanceof NotConfirmedError;
    const text = isUsage || !target ? messageOf(error) : explainError(error, target);
    terminal.note(`error: ${text}`);
    if (isJson) terminal.out(JSON.stringify({ error: text }));
    return isUsage ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
}

async function run(invocation: Invocation, target: Target, signal: AbortSignal): Promise<ExitCode> {
  if (target.kind === 'local') useLocalCredentials();
  else await requireCredentials(target.table.region);
  const { isJson, isVerbose } = invocation.global;
  const platform = composePlatform(target, { isVerbose });
  const sleep = (durationMs: number, until: AbortSignal): Promise<void> =>
    delay(durationMs, undefined, { signal: until });
  return runCommand(
    { target, platform, terminal, isJson, nowMs: () => Date.now(), sleep, signal },
    invocation,
  );
}

/** The invocation, or the exit code when there is none. Commander has said why. */
function understand(argv: string[]): Invocation | ExitCode {
  try {
    return parseCommandLine(argv, {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.code === 'commander.helpDisplayed' ? EXIT_CODES.done : EXIT_CODES.usage;
  }
}

/** What a person must know who ends a command half-way. */
function afterInterruption({ command }: Invocation): string {
  switch (command) {
    case 'worker':
      return ' If something was begun: repeating the command is safe, and status tells.';
    case 'rollback_api':
      return ' If ECS was told already, it goes on with it: look at status before you give the command again.';
    case 'replay_allocations':
      return ' What was written stays: repeating the command goes on from there.';
    default:
      return '';
  }
}

interface Interruption {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Set by the first signal. */
  exitCode?: ExitCode;
  /** Resolves when a command that was interrupted has had its moment. */
  lastWordsOver: Promise<ExitCode>;
}

/** Ends a command on Ctrl-C or SIGTERM in order; a second one ends it at once. */
function listenForInterruption(message: string): Interruption {
  const ending = new AbortController();
  const { promise, resolve } = withResolver<ExitCode>();
  const interruption: Interruption = { signal: ending.signal, lastWordsOver: promise };
  const listen = (signal: NodeJS.Signals, exitCode: ExitCode): void => {
    process.on(signal, () => {
      if (interruption.exitCode !== undefined) process.exit(exitCode);
      interruption.exitCode = exitCode;
      terminal.note(`\n${message}`);
      ending.abort();
      setTimeout(resolve, LAST_WORDS_MS, exitCode);
    });
  };
  listen('SIGINT', EXIT_CODES.interrupted);
  listen('SIGTERM', EXIT_CODES.terminated);
  return interruption;
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function useLocalCredentials(): void {
  Object.assign(process.env, LOCAL_CREDENTIALS);
  delete process.env.AWS_PROFILE;
  delete process.env.AWS_SESSION_TOKEN;
}

function exitCodeOfOutput(error: unknown): ExitCode {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
    ? EXIT_CODES.outputClosed
    : EXIT_CODES.failed;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
// A reader that has gone, as in `| head`, must not look like a watch that ended well.
process.stdout.on('error', (error) => process.exit(exitCodeOfOutput(error)));
// Nobody reads the remarks: the result counts all the same.
process.stderr.on('error', () => undefined);
void main(process.argv.slice(2)).then((exitCode) => {
  // Connections that are kept open are no reason to wait. Output to a pipe must be written first.
  process.stdout.write('', (error) => process.exit(error ? exitCodeOfOutput(error) : exitCode));
});
