import { spawn, type ChildProcess } from 'node:child_process';
import type { Watchdog } from '../../../../local/processes/watchdog';

export interface Command {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** After this long it is killed, with everything that it has started. */
  timeoutMs: number;
}

export interface CommandResult {
  /** Null when it was killed. */
  exitCode: number | null;
  stdout: string;
  /** What it printed, both streams as they came. */
  output: string;
  durationMs: number;
}

/** Runs commands one or many at a time, and leaves none of them behind. */
export class CommandRunner {
  private readonly running = new Set<ChildProcess>();

  constructor(private readonly watchdog: Watchdog) {}

  /** Resolves when the command has ended, however it did. @throws Error when it cannot be started. */
  async run({ command, args, cwd, env, timeoutMs }: Command): Promise<CommandResult> {
    const startedAt = Date.now();
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stdout: string[] = [];
    const output: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout.push(text);
      output.push(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));

    this.running.add(child);
    // A negative pid is a whole process group.
    if (child.pid !== undefined) this.watchdog.watch(-child.pid);
    const timer = setTimeout(() => {
      output.push(`\nKilled: it took longer than ${timeoutMs} ms.\n`);
      killGroup(child);
    }, timeoutMs);
    try {
      const exitCode = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      return {
        exitCode,
        stdout: stdout.join(''),
        output: output.join(''),
        durationMs: Date.now() - startedAt,
      };
    } finally {
      clearTimeout(timer);
      this.running.delete(child);
      if (child.pid !== undefined) this.watchdog.forget(-child.pid);
    }
  }

  /** Kills what still runs and resolves when all of it has ended. */
  async stop(): Promise<void> {
    const ended = [...this.running].map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of this.running) killGroup(child);
    await Promise.all(ended);
  }
}

/** cdktf runs Terraform in a terminal of its own, which hangs up with cdktf: that ends Terraform and its plugins. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
