import { isIPv4, isIPv6 } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { RateLimitExceededError } from '../errors';
import { callerOf, headerOf } from './caller';
import { factsOf } from './request-log';
import type { RateLimitVerdict, TokenBuckets } from './token-bucket';

/**
 * The wide limit per IP address. It stands before authentication, so that neither guessing tokens nor rotating the
 * caller's header gets around it.
 */
export function limitByIp(buckets: TokenBuckets): RequestHandler {
  return (request, response, next) => {
    decide(response, buckets.take(ipKey(request)));
    next();
  };
}

/**
 * The limit per caller: `X-Instruqt-Sandbox-ID`, then `X-Track-ID`, then the IP address. It stands behind
 * authentication: without a token nobody can use up another's allowance.
 */
export function limitByCaller(buckets: TokenBuckets): RequestHandler {
  return (request, response, next) => {
    const caller = callerOf(request);
    Object.assign(factsOf(response), { caller, trackName: headerOf(request, 'X-Instruqt-Track-ID') });
    decide(response, buckets.take(caller === undefined ? ipKey(request) : `caller:${caller}`));
    next();
  };
}

/** Tells the address's allowance without touching it: for what is exempt, and for preflights. */
export function showAllowance(buckets: TokenBuckets): RequestHandler {
  return (request, response, next) => {
    show(response, buckets.peek(ipKey(request)));
    next();
  };
}

function decide(response: Response, verdict: RateLimitVerdict): void {
  show(response, verdict);
  if (!verdict.isAllowed) throw new RateLimitExceededError(verdict.retryAfterSeconds);
}

function show(response: Response, verdict: RateLimitVerdict): void {
  response.setHeader('X-RateLimit-Limit', verdict.limit);
  response.setHeader('X-RateLimit-Remaining', verdict.remaining);
}

function ipKey(request: Request): string {
  return `ip:${addressBlock(request.ip ?? '')}`;
}

/**
 * An address as its owner cannot change it at will: an IPv4 address, or the /64 block of an IPv6 address, which is
 * the least that a network hands out (RFC 6177).
 */
export function addressBlock(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIPv4(ip)) return ip;
  // With nothing in front of us the forwarded address is whatever the sender made up.
  if (!isIPv6(ip)) return 'unknown';
  const [head = '', tail] = ip.split('%', 1).join('').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = tail === undefined ? front : [...front, ...zeros, ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
