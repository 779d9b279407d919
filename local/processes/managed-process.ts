import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { OutputTail } from './output-tail';
import type { Watchdog } from './watchdog';

export interface ManagedProcessOptions {
  /** What people call it, e.g. `api-1`. */
  role: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** The folder in which it runs; ours by default. */
  cwd?: string;
  /** The user and group as whom it runs; ours by default. Only root can choose. */
  user?: { uid: number; gid: number };
  /** Resolves once the process does its work; asked again until then. */
  isReady: () => Promise<boolean>;
  watchdog: Watchdog;
  /** Its output goes there as well. */
  logFile?: string;
  readyTimeoutMs?: number;
  /** After SIGTERM and this long, SIGKILL. */
  stopTimeoutMs?: number;
}

/** How a process ended: one of the two is null. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process ended, or gave no sign, before it was ready. The message has the last lines it printed. */
export class ProcessStartError extends Error {
  override readonly name = 'ProcessStartError';
}

const READY_POLL_MS = 25;
const LAST_LINES = 15;

/**
 * A child process with a name, whose output is kept and which never outlives us. It may be killed and started again;
 * its output goes on where it was.
 */
export class ManagedProcess {
  readonly role: string;
  private readonly stdoutTail = new OutputTail();
  private readonly stderrTail = new OutputTail();
  private readonly exitListeners: ((exit: ProcessExit) => void)[] = [];
  private child?: ChildProcess;
  private exited?: Promise<ProcessExit>;
  private log?: WriteStream;
  private isExpectedToEnd = false;
  private last?: ProcessExit;

  constructor(private readonly options: ManagedProcessOptions) {
    this.role = options.role;
  }

  /** Undefined when it does not run. */
  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** How it last ended; undefined if it never has. */
  get lastExit(): ProcessExit | undefined {
    return this.last;
  }

  /** What it has printed since it was first started; at most the last 16 MiB. */
  get stdout(): string {
    return this.stdoutTail.text;
  }

  get stderr(): string {
    return this.stderrTail.text;
  }

  /** Calls back whenever the process ends although nobody asked for that through this object. */
  onUnexpectedExit(listener: (exit: ProcessExit) => void): void {
    this.exitListeners.push(listener);
  }

  /** Starts it and resolves when it is ready. Throws {@link ProcessStartError} if it does not get there. */
  async start(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.role} runs already`);
    this.isExpectedToEnd = true;
    try {
      await this.spawn();
      await this.untilReady();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.isExpectedToEnd = false;
  }

  /** Sends a signal that ends the process, and resolves when it has ended; at once if it does not run. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ProcessExit | undefined> {
    this.isExpectedToEnd = true;
    this.child?.kill(signal);
    return this.exited;
  }

  /** Ends it as an orchestrator would: SIGTERM, then SIGKILL if it takes too long. Resolves when it has ended. */
  async stop(): Promise<void> {
    const killTimer = setTimeout(() => this.child?.kill('SIGKILL'), this.options.stopTimeoutMs ?? 5_000);
    await this.kill('SIGTERM');
    clearTimeout(killTimer);
    await this.endLog();
  }

  /** Starts it again after it has ended; ends it first if it still runs. */
  async restart(): Promise<void> {
    if (this.isRunning) await this.stop();
    await this.start();
  }

  private async spawn(): Promise<void> {
    const { command, args, env, cwd, user, logFile } = this.options;
    if (logFile !== undefined) this.log ??= createWriteStream(logFile, { flags: this.child ? 'a' : 'w' });
    const child = spawn(command, args, {
      env,
      cwd,
      ...user,
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own: a Ctrl-C in the terminal reaches us alone, and we end it in order.
      detached: true,
    });
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.keep(this.stdoutTail, chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.keep(this.stderrTail, chunk);
    });
    this.exited = this.whenEnded(child);
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new ProcessStartError(`${this.role} cannot be run: ${(error as Error).message}`, {
        cause: error,
      });
    }
    // From now on only a signal that cannot be delivered gives an error: the process has ended by then.
    child.on('error', () => undefined);
  }

  private async whenEnded(child: ChildProcess): Promise<ProcessExit> {
    const { watchdog } = this.options;
    if (child.pid !== undefined) watchdog.watch(child.pid);
    // "close" comes after the last output, "exit" may come before it.
    await new Promise((resolve) => child.once('close', resolve));
    if (child.pid !== undefined) watchdog.forget(child.pid);
    const exit = { code: child.exitCode, signal: child.signalCode };
    this.last = exit;
    if (!this.isExpectedToEnd) for (const listener of this.exitListeners) listener(exit);
    return exit;
  }

  private async untilReady(): Promise<void> {
    const { isReady, readyTimeoutMs: timeoutMs = 15_000 } = this.options;
    const deadline = Date.now() + timeoutMs;
    while (this.isRunning) {
      const hasAnswered = await isReady();
      // If it has ended because its port was taken, it was the other program that answered.
      if (hasAnswered && this.pid !== undefined) return;
      if (Date.now() > deadline) {
        throw new ProcessStartError(`${this.role} was not ready after ${timeoutMs} ms.${this.lastLines()}`);
      }
      await delay(READY_POLL_MS);
    }
    const exit = await this.exited;
    const how = exit?.signal ? `was ended by ${exit.signal}` : `ended with exit code ${String(exit?.code)}`;
    throw new ProcessStartError(`${this.role} ${how} before it was ready.${this.lastLines()}`);
  }

  private async endLog(): Promise<void> {
    const { log } = this;
    this.log = undefined;
    if (log === undefined) return;
    await new Promise((resolve) => {
      log.end(resolve);
    });
  }

  private lastLines(): string {
    const lines = `${this.stdout}\n${this.stderr}`.split('\n').filter((line) => line.trim() !== '');
    return lines.length === 0 ? '' : ` It said:\n${lines.slice(-LAST_LINES).join('\n')}`;
  }

  private keep(tail: OutputTail, chunk: Buffer): void {
    tail.append(chunk);
    this.log?.write(chunk);
  }
}
