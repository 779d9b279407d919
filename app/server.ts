import express, { Router, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { systemClock } from './allocation/clock';
import type { ApiConfig } from './config';
import type { ConsoleAssets } from './console/console-assets';
import { consoleRoutes } from './console/console-routes';
import type { Lifecycle } from './lifecycle';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import { authenticate, type Role } from './middleware/authenticate';
import { corsPolicy } from './middleware/cors-policy';
import { errorHandler, routeNotFound } from './middleware/error-handler';
import { limitByCaller, limitByIp, showAllowance } from './middleware/rate-limit';
import { requestLog } from './middleware/request-log';
import { TokenBuckets } from './middleware/token-bucket';
import { descriptionRoutes } from './openapi/description-routes';
import type { PoolGauges } from './pool-gauges';
import type { Readiness } from './readiness';
import { adminRoutes, type AdminRouteDependencies } from './routes/admin-routes';
import { healthRoutes } from './routes/health-routes';
import { onCallRoutes, type OnCallRouteDependencies } from './routes/on-call-routes';
import { sandboxRoutes, type SandboxRouteDependencies } from './routes/sandbox-routes';

/** In production exactly one load balancer stands before us; it appends the address that it saw. */
const TRUSTED_PROXIES = 1;

export interface ServerDependencies {
  config: ApiConfig;
  service: SandboxRouteDependencies['service'];
  /** Behind the admin calls. */
  administration: Pick<AdminRouteDependencies, 'admin' | 'jobs' | 'jobsService'> &
    Pick<OnCallRouteDependencies, 'rollbacks' | 'alarms'>;
  /** The console's files; without them there is no console. */
  consoleAssets?: ConsoleAssets;
  lifecycle: Lifecycle;
  readiness: Readiness;
  metrics: Metrics;
  gauges: PoolGauges;
  logger: Logger;
}

/**
 * The HTTP contract (docs/architecture.md) as an Express application. The order of its parts is the order in which a
 * request meets them, and each part relies on those before it.
 */
export function createServer(dependencies: ServerDependencies): Express {
  const { config, service, lifecycle, metrics, logger } = dependencies;
  const ipBuckets = new TokenBuckets(config.rateLimitPerIp, systemClock);
  const callerBuckets = new TokenBuckets(config.rateLimitPerCaller, systemClock);
  const tokens = { track: config.apiTokens, admin: config.adminTokens };

  const app = express();
  app.set('trust proxy', TRUSTED_PROXIES);
  app.set('etag', false);
  app.set('case sensitive routing', true);

  app.use(requestLog(logger, metrics));
  app.use((_request, response, next) => {
    // Connections that are kept alive must not outlive the drain.
    if (lifecycle.state === 'draining') response.set('Connection', 'close');
    next();
  });
  app.use(showAllowance(ipBuckets));
  app.use(helmet());
  app.use(corsPolicy(config.corsAllowedOrigins));
  app.use(healthRoutes(dependencies));
  app.use(limitByIp(ipBuckets));

  const { basePath, environmentName, adminWaitMs } = config;
  app.use(consoleRoutes({ basePath, environmentName, assets: dependencies.consoleAssets }));
  const guardsFor = (role: Role): RequestHandler[] => [
    authenticate(tokens, role),
    limitByCaller(callerBuckets),
  ];
  const api = Router();
  api.use(descriptionRoutes({ basePath }));
  api.use(
    '/admin',
    adminRoutes({ basePath, adminWaitMs, ...dependencies.administration, guards: guardsFor('admin') }),
  );
  api.use('/admin', onCallRoutes({ basePath, ...dependencies.administration, guards: guardsFor('admin') }));
  // Nobody without an admin's token learns which admin calls there are.
  api.use('/admin', authenticate(tokens, 'admin'), routeNotFound);
  api.use(sandboxRoutes({ basePath, service, metrics, guards: guardsFor('track') }));
  app.use(basePath, api);

  app.use(routeNotFound);
  app.use(errorHandler(logger));
  return app;
}
