import { Router } from 'express';
import type { Lifecycle } from '../lifecycle';
import type { Metrics } from '../metrics';
import { methodNotAllowed } from '../middleware/error-handler';
import type { PoolGauges } from '../pool-gauges';
import type { Readiness } from '../readiness';
import type { HealthBody, ReadinessBody } from './contract/probe-operations';
import { named } from './named';

export interface HealthDependencies {
  lifecycle: Lifecycle;
  readiness: Readiness;
  metrics: Metrics;
  gauges: PoolGauges;
}

/**
 * What machines ask, without a token and without a limit.
 * - `/healthz`: does the process live? Load balancer and container checks use it, so it does not ask the table: a
 *   DynamoDB brownout must not make ECS kill every task.
 * - `/readyz`: could it serve a student now? An alarm watches it.
 * - `/metrics`: Prometheus text.
 */
export function healthRoutes({ lifecycle, readiness, metrics, gauges }: HealthDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });

  router
    .route('/healthz')
    .all(named('probe', '/healthz'))
    .get((_request, response) => {
      const isServing = lifecycle.state === 'serving';
      response
        .status(isServing ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({ status: lifecycle.state === 'serving' ? 'ok' : lifecycle.state } satisfies HealthBody);
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  router
    .route('/readyz')
    .all(named('probe', '/readyz'))
    .get(async (_request, response) => {
      const tableState = await readiness.tableState();
      const isReady = tableState === 'ok' && lifecycle.state === 'serving';
      response
        .status(isReady ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({
          status: isReady ? 'ready' : 'not_ready',
          lifecycle: lifecycle.state,
          checks: { dynamodb: tableState },
        } satisfies ReadinessBody);
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  router
    .route('/metrics')
    .all(named('probe', '/metrics'))
    .get(async (_request, response) => {
      await gauges.refresh();
      response.set('Content-Type', metrics.registry.contentType).send(await metrics.registry.metrics());
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  return router;
}
