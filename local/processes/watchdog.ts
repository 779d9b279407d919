import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Ends the processes in its care when this process dies, even by SIGKILL. */
export class Watchdog {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor() {
    this.child = spawn(process.execPath, [join(__dirname, 'watchdog-process.mjs')], {
      // In a process group of its own: a Ctrl-C in the terminal is for us, not for it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.exited = once(this.child, 'exit');
    // Should it have died, we are as well off as without it.
    this.child.on('error', () => undefined);
    this.child.stdin?.on('error', () => undefined);
    this.exited.catch(() => undefined);
  }

  watch(pid: number): void {
    this.child.stdin?.write(`+${pid}\n`);
  }

  forget(pid: number): void {
    this.child.stdin?.write(`-${pid}\n`);
  }

  /** Kills what it still watches and resolves when it has ended. */
  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.exited.catch(() => undefined);
  }
}
