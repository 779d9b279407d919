import cors from 'cors';
import type { RequestHandler } from 'express';

/**
 * Every header that lab pages send, and every one that they may read. `X-Request-ID` is not for them to choose: the
 * document says so.
 */
const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'X-Track-ID',
  'X-Instruqt-Sandbox-ID',
  'X-Instruqt-Track-ID',
  'X-Sandbox-Name-Prefix',
  'Idempotency-Key',
];
const EXPOSED_HEADERS = ['X-Request-ID', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'Retry-After'];
const PREFLIGHT_CACHE_SECONDS = 3_600;

/** Which pages may call us: those of the configured origins, without credentials. Answers preflights itself. */
export function corsPolicy(allowedOrigins: '*' | string[]): RequestHandler {
  return cors({
    origin: allowedOrigins,
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    credentials: false,
    maxAge: PREFLIGHT_CACHE_SECONDS,
  });
}
