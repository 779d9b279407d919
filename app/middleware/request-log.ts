import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../logger';
import type { Metrics } from '../metrics';

/** What a request's one log line tells beside its numbers; routes and the error handler fill it in. */
export interface RequestFacts {
  requestId: string;
  /** What was asked, e.g. `allocate`. */
  action?: string;
  /** How it ended, e.g. `success` or an error's code in lower case. */
  outcome?: string;
  /** The route's template: never a raw path, so that no label or log field grows without bound. */
  endpoint?: string;
  caller?: string;
  trackName?: string;
  sandboxId?: string;
  /** What an allocation gave: enough to repeat it in a restored table (docs/runbooks/restore-the-table.md). */
  allocation?: AllocationFacts;
}

/** Of one allocation that was answered. Times are Unix seconds. */
export interface AllocationFacts {
  idempotencyKey: string;
  sandboxName: string;
  externalId: string;
  allocatedAt: number;
  expiresAt: number;
}

const facts = new WeakMap<Response, RequestFacts>();

/** The facts of a request under way. */
export function factsOf(response: Response): RequestFacts {
  const found = facts.get(response);
  if (!found) throw new Error('requestLog must stand before every handler that asks for facts');
  return found;
}

const USUAL_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const WELL_FORMED_ID = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Gives every request an id (a well-formed incoming `X-Request-ID` is kept), and when its answer is sent, or its
 * sender gone, writes one log line and measures its time. Health checks, scrapes and preflights are logged at `debug`.
 */
export function requestLog(logger: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const incoming = request.get('X-Request-ID');
    const requestId = incoming !== undefined && WELL_FORMED_ID.test(incoming) ? incoming : randomUUID();
    facts.set(response, { requestId, action: request.method === 'OPTIONS' ? 'preflight' : undefined });
    response.setHeader('X-Request-ID', requestId);
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      report(logger, metrics, request, response, seconds);
    });
    next();
  };
}

function report(
  logger: Logger,
  metrics: Metrics,
  request: Request,
  response: Response,
  seconds: number,
): void {
  const {
    requestId,
    action,
    outcome,
    endpoint = 'unmatched',
    caller,
    trackName,
    sandboxId,
    allocation,
  } = factsOf(response);
  // The answer never left: nginx's 499, "client closed request".
  const status = response.writableFinished ? response.statusCode : 499;
  metrics.requestLatency.observe({ method: methodLabel(request.method), endpoint, status }, seconds);
  const line = {
    request_id: requestId,
    action: action ?? endpoint,
    outcome: outcome ?? (status < 400 ? 'success' : 'error'),
    status,
    latency_ms: Math.round(seconds * 1e6) / 1e3,
    method: request.method,
    endpoint,
    caller,
    track_name: trackName,
    sandbox_id: sandboxId,
    ...(allocation && {
      idempotency_key: allocation.idempotencyKey,
      sandbox_name: allocation.sandboxName,
      external_id: allocation.externalId,
      allocated_at: allocation.allocatedAt,
      expires_at: allocation.expiresAt,
    }),
  };
  if (action === 'probe' || action === 'preflight') logger.debug(line, 'request');
  else if (status >= 500) logger.error(line, 'request');
  else logger.info(line, 'request');
}

/** Node.js knows 34 methods, and anybody may send them: each would be a time series for every route and status. */
function methodLabel(method: string): string {
  return USUAL_METHODS.has(method) ? method : 'other';
}
