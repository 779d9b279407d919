import { setTimeout as delay } from 'node:timers/promises';
import { composeApi } from './compose';
import { parseApiConfig } from './config';
import { close, listen } from './http-listener';
import { runProcess, waitForTable } from './process';

/** The API process: serves, runs the jobs while it is its turn, and on SIGTERM ends without a request lost. */
void runProcess('api', parseApiConfig, async (config, logger) => {
  if (config.isProduction && config.corsAllowedOrigins === '*') {
    logger.warn('CORS_ALLOWED_ORIGINS is *: any web page may call this API. Name the origins that need to');
  }
  const api = composeApi(config, logger);
  const server = await listen(api.app, config.port, { onRefusal: api.onRefusal });
  logger.info({ port: config.port, table: config.table.tableNames.table }, 'listening');
  api.statusReport.start();
  void waitForTable(api.readiness, api.lifecycle, logger).then(() => {
    if (api.lifecycle.state === 'serving') api.scheduler.start();
  });
  return {
    lifecycle: api.lifecycle,
    accessLost: api.accessLost,
    end: async () => {
      api.statusReport.stop();
      // Until the load balancer has noticed, requests go on coming in: they are served. Jobs end meanwhile.
      await Promise.all([delay(config.drainMs), api.scheduler.stop()]);
      await close(server);
      api.close();
    },
  };
});
