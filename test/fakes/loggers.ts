import { pino } from 'pino';
import type { Logger } from '../../app/logger';

/** Logs nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** A line of the log; its other fields are those that the code gave it. */
export type LoggedLine = { level: number; msg: string } & Record<string, unknown>;

/** A logger and the lines it was given, parsed. */
export function recordingLogger(): { logger: Logger; lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as LoggedLine);
  };
  return { logger: pino({ level: 'trace' }, { write }), lines };
}
