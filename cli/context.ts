import type { AwsPlatform, Platform } from './platform';
import type { AwsTarget, Target } from './target';
import type { Terminal } from './terminal';

/** What every command is given. */
export interface CliContext {
  target: Target;
  platform: Platform;
  terminal: Terminal;
  /** One JSON document on standard output instead of text; `watch` writes one a line. */
  isJson: boolean;
  /** Milliseconds since the Unix epoch. */
  nowMs: () => number;
  /** Rejects when the signal is aborted. */
  sleep: (durationMs: number, signal: AbortSignal) => Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** What the commands run with that mean nothing in the local system. */
export type AwsContext = CliContext & { target: AwsTarget; aws: AwsPlatform };
