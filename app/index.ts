import { setTimeout as delay } from 'node:timers/promises';
import { composeApi } from './compose';
import { ConfigError, EXIT_CODE_BAD_CONFIG, parseApiConfig, type ApiConfig } from './config';
import { close, listen } from './http-listener';
import { createLogger } from './logger';

/** How often a process that has just started asks for the table, until it answers. */
const START_RETRY_MS = 1_000;

/** The API process: starts, serves, and on SIGTERM or SIGINT ends without a request lost. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ service: 'api', level: config.logLevel });
  if (config.isProduction && config.corsAllowedOrigins === '*') {
    logger.warn('CORS_ALLOWED_ORIGINS is *: any web page may call this API. Name the origins that need to');
  }
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });

  const api = composeApi(config, logger);
  const server = await listen(api.app, config.port).catch((error: unknown) => {
    logger.fatal(
      { err: error, port: config.port },
      'cannot listen: is the port taken? Set PORT to another one',
    );
    process.exit(1);
  });
  logger.info({ port: config.port, table: config.table.tableNames.table }, 'listening');

  const end = async (signal: string): Promise<void> => {
    api.lifecycle.drain();
    logger.info({ signal, drain_ms: config.drainMs }, 'draining');
    // Until the load balancer has noticed, requests go on coming in: they are served.
    await delay(config.drainMs);
    await close(server);
    api.close();
    logger.info('ended');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (api.lifecycle.state === 'draining') process.exit(1);
      void end(signal);
    });
  }

  while (api.lifecycle.state === 'starting') {
    if (await api.readiness.isTableReachable()) {
      api.lifecycle.started();
      logger.info('serving');
    } else {
      logger.warn({ endpoint: config.table.endpoint }, 'the sandbox table does not answer yet');
      await delay(START_RETRY_MS);
    }
  }
}

function readConfig(): ApiConfig {
  try {
    return parseApiConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CODE_BAD_CONFIG);
  }
}

void main();
