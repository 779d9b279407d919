import { composeWorker } from '../app/compose';
import { close, listen } from '../app/http-listener';
import { runProcess, waitForTable } from '../app/process';
import { Lifecycle } from '../app/lifecycle';
import { parseWorkerConfig } from './config';
import { createHealthServer } from './health-server';

/** The worker process: runs the jobs while it is the worker's turn. SIGTERM: finishes the item in hand and ends. */
void runProcess('worker', parseWorkerConfig, async (config, logger) => {
  const worker = composeWorker(config, logger);
  const lifecycle = new Lifecycle();
  const health = createHealthServer({
    lifecycle,
    stalled: () => worker.scheduler.stalled(),
    registry: worker.registry,
  });
  const server = await listen(health, config.port);
  logger.info({ port: config.port, table: config.table.tableNames.table }, 'listening');
  void waitForTable(worker.readiness, lifecycle, logger).then(() => {
    if (lifecycle.state === 'serving') worker.scheduler.start();
  });
  return {
    lifecycle,
    accessLost: worker.accessLost,
    end: async () => {
      await worker.scheduler.stop();
      await close(server);
      worker.close();
    },
  };
});
