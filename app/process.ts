import { setTimeout as delay } from 'node:timers/promises';
import { EXIT_CODE_ACCESS_DENIED } from './access-watch';
import { ConfigError, EXIT_CODE_BAD_CONFIG } from './environment';
import type { Lifecycle } from './lifecycle';
import { createLogger, type Logger, type LogLevel } from './logger';
import type { Readiness } from './readiness';

/** How often a process that has just started asks for the table, until it answers. */
const START_RETRY_MS = 1_000;

/** A process that ends by itself ends within this time; the longest is a call to the portal with its retries. */
const MAX_END_MS = 120_000;

/** A process that has started. */
export interface RunningProcess {
  lifecycle: Lifecycle;
  /** Finishes what is under way. The process exits 0 when it resolves. */
  end: () => Promise<void>;
  /** Resolves when DynamoDB denies this process access for good: it then ends in order, and exits with 77. */
  accessLost: Promise<unknown>;
}

/**
 * The life of one of our processes: reads its configuration (exit code 78 if it is faulty), starts, and ends in order
 * on SIGTERM or SIGINT. A second signal ends it at once. One that is denied access to its table for minutes ends by
 * itself (exit code 77), so that another one starts in its place.
 */
export async function runProcess<Config extends { logLevel: LogLevel }>(
  service: string,
  parseConfig: (env: NodeJS.ProcessEnv) => Config,
  start: (config: Config, logger: Logger) => Promise<RunningProcess>,
): Promise<void> {
  const config = readConfig(parseConfig);
  const logger = createLogger({ service, level: config.logLevel });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  const running = await start(config, logger).catch((error: unknown) => {
    const isPortTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    logger.fatal(
      { err: error },
      isPortTaken
        ? 'the port is taken: set PORT (the API) or WORKER_PORT (the worker) to another one'
        : 'could not start',
    );
    process.exit(1);
  });
  const end = (exitCode: number): void => {
    running.lifecycle.drain();
    void running.end().then(() => {
      logger.info('ended');
      process.exit(exitCode);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (running.lifecycle.state === 'draining') process.exit(1);
      logger.info({ signal }, 'draining');
      end(0);
    });
  }
  void running.accessLost.then((error) => {
    if (running.lifecycle.state === 'draining') return;
    logger.fatal(
      { err: error, exit_code: EXIT_CODE_ACCESS_DENIED },
      'DynamoDB keeps denying access to this process: ending it, so that another one starts with new credentials',
    );
    end(EXIT_CODE_ACCESS_DENIED);
    setTimeout(() => process.exit(EXIT_CODE_ACCESS_DENIED), MAX_END_MS).unref();
  });
}

/** Asks for the table until it answers, which makes the process `serving`; or until the process drains. */
export async function waitForTable(
  readiness: Readiness,
  lifecycle: Lifecycle,
  logger: Logger,
): Promise<void> {
  while (lifecycle.state === 'starting') {
    const tableState = await readiness.tableState();
    if (tableState === 'ok') {
      lifecycle.started();
      logger.info('serving');
    } else {
      logger.warn({ dynamodb: tableState }, 'the sandbox table does not answer yet');
      await delay(START_RETRY_MS);
    }
  }
}

function readConfig<Config>(parseConfig: (env: NodeJS.ProcessEnv) => Config): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CODE_BAD_CONFIG);
  }
}
