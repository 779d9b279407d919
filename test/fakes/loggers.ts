import { pino } from 'pino';
import type { Logger } from '../../app/logger';

/** Logs nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** A logger and the lines it was given, parsed. */
export function recordingLogger(): { logger: Logger; lines: { level: number; msg: string }[] } {
  const lines: { level: number; msg: string }[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as { level: number; msg: string });
  };
  return { logger: pino({ level: 'trace' }, { write }), lines };
}
