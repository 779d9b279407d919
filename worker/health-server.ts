import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Lifecycle } from '../app/lifecycle';

export interface HealthServerDependencies {
  lifecycle: Lifecycle;
  /** What has stalled: jobs, or the scheduler itself. */
  stalled: () => string[];
  registry: Registry;
}

/**
 * What machines ask the worker, inside its own network only. `/healthz` fails when a job has stalled, so that the
 * container check replaces the process; a table or a portal that is down makes no job stall.
 */
export function createHealthServer({ lifecycle, stalled, registry }: HealthServerDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    const names = stalled();
    const isHealthy = lifecycle.state === 'serving' && names.length === 0;
    response
      .status(isHealthy ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status: names.length > 0 ? 'stalled' : isHealthy ? 'ok' : lifecycle.state, stalled: names });
  });
  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', registry.contentType).send(await registry.metrics());
  });
  app.use((_request, response) => {
    response
      .status(404)
      .json({ error: { code: 'ROUTE_NOT_FOUND', message: 'Here are /healthz and /metrics.' } });
  });
  return app;
}
