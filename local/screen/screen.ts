import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

/** What a screen writes to: a terminal, a pipe or a file. */
export type ScreenOutput = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/**
 * Text for people, above one status line. On a terminal that line is rewritten in place; elsewhere it is printed
 * again whenever it changes.
 */
export class Screen {
  private status = '';

  constructor(private readonly output: ScreenOutput) {}

  /** Prints lines that stay. */
  say(text: string): void {
    if (!this.isTerminal) {
      this.output.write(`${text}\n`);
      return;
    }
    this.clearStatus();
    this.output.write(`${text}\n`);
    this.drawStatus();
  }

  /** Sets the status line. */
  showStatus(status: string): void {
    if (status === this.status) return;
    if (!this.isTerminal) {
      this.status = status;
      this.output.write(`${status}\n`);
      return;
    }
    this.clearStatus();
    this.status = status;
    this.drawStatus();
  }

  /** Ends the status line, so that whatever comes next stands on a line of its own. */
  end(): void {
    if (this.isTerminal && this.status !== '') this.output.write('\n');
    this.status = '';
  }

  private get isTerminal(): boolean {
    return this.output.isTTY === true;
  }

  private clearStatus(): void {
    if (this.status === '') return;
    const terminal = this.output as WriteStream;
    cursorTo(terminal, 0);
    clearLine(terminal, 0);
  }

  private drawStatus(): void {
    // A line that wraps could not be rewritten in place.
    this.output.write(this.status.slice(0, (this.output.columns ?? 80) - 1));
  }
}
