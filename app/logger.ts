import { pino } from 'pino';

/** What the code logs with. Any pino logger fits; tests pass a silent one. */
export type Logger = pino.Logger;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * One JSON object a line on standard output, as CloudWatch Logs and its metric filters read it: `level` as a word,
 * `time` in ISO 8601, and the process's role as `service`. Nothing that holds a token is ever passed to it; should a
 * header object slip in, the token in it is not printed.
 */
export function createLogger(options: { service: string; level: LogLevel }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['authorization', '*.authorization', '*.headers.authorization'],
  });
}
