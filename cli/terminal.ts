import { createInterface } from 'node:readline/promises';
import { printable } from './text/printable';

/** Where a command's words go, and where its questions are answered. */
export interface Terminal {
  /** The result, on standard output. */
  out(text: string): void;
  /** What goes on meanwhile, and what went wrong, on standard error. */
  note(text: string): void;
  /** Somebody is there to answer. */
  readonly isInteractive: boolean;
  /** Asks for a yes; anything else is a no. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
}

/** The terminal of this process. Nothing that anybody else wrote can steer it, or turn our words around. */
export const processTerminal: Terminal = {
  out(text) {
    process.stdout.write(`${printable(text)}\n`);
  },
  note(text) {
    process.stderr.write(`${printable(text)}\n`);
  },
  get isInteractive() {
    return process.stdin.isTTY && process.stderr.isTTY;
  },
  async confirm(question, signal) {
    // On standard error, so that a redirected result holds no question.
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    // In raw mode the terminal hands Ctrl-C to the reader instead of sending a signal; it means the same.
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    // Ctrl-D closes the reader, which then answers nothing: that is no yes.
    const closed = new Promise<string>((resolve) => {
      reader.once('close', () => {
        resolve('');
      });
    });
    try {
      const answer = await Promise.race([
        reader.question(`${printable(question)} [y/N] `, { signal }),
        closed,
      ]);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      reader.close();
    }
  },
};
