import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BadRequestError, MethodNotAllowedError, type BrokerError } from './errors';
import type { RefusalReason } from './metrics';
import { errorBody } from './middleware/error-handler';

/**
 * For a refused client to read the answer, and those before it. Until then what it sends is read and thrown away: a
 * connection that is closed with something unread takes along what the other end has not read (RFC 9112, section 9.6).
 */
const REFUSED_LINGER_MS = 5_000;

/** A refusal that was answered. */
export interface Refusal {
  reason: RefusalReason;
  /** As the answer has it. */
  requestId: string;
  status: number;
  /** The other end of the connection; behind a load balancer that is the load balancer. */
  remoteAddress: string | undefined;
}

/** The reason for what Node.js says about a connection (`clientError`). */
export function refusalReason(code: string | undefined): RefusalReason {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'timeout';
    default:
      return 'malformed';
  }
}

/**
 * Answers on a connection that has no request, in our error shape, and ends it.
 *
 * @param packet what was being read, if Node.js tells: a HEAD among it is answered without a body.
 * @returns undefined when the other end is gone, and nothing could be answered.
 */
export function refuseConnection(
  socket: Duplex,
  reason: RefusalReason,
  packet?: Buffer,
): Refusal | undefined {
  // Answered already: what else comes on it must not cut the answer off before it is read.
  if (socket.writableEnded) return undefined;
  if (!socket.writable) {
    socket.destroy();
    return undefined;
  }
  const { status, headers, body, requestId } = answerTo(reason);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const isHead = packet?.subarray(0, 5).toString('latin1') === 'HEAD ';
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${isHead ? '' : body}`);
  // Whoever was refused is given a moment to read why, and no connection to keep.
  const lingering = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(lingering);
  });
  const remoteAddress = socket instanceof Socket ? socket.remoteAddress : undefined;
  return { reason, requestId, status, remoteAddress };
}

/** The same for what Node.js takes for a request and Express could not route. */
export function refuseRequest(response: ServerResponse): Refusal {
  const { status, headers, body, requestId } = answerTo('malformed');
  response.writeHead(status, headers).end(body);
  return { reason: 'malformed', requestId, status, remoteAddress: response.socket?.remoteAddress };
}

/**
 * No X-RateLimit headers, unlike every other answer: no allowance was touched, and without a request nobody knows whose
 * it would be. Behind the load balancer the connection's address is the load balancer's.
 */
function answerTo(reason: RefusalReason): {
  status: number;
  headers: Record<string, string>;
  body: string;
  requestId: string;
} {
  const error = errorFor(reason);
  const requestId = randomUUID();
  const body = JSON.stringify(errorBody(error, requestId));
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-ID': requestId,
    // What Helmet adds to the others that matters for JSON.
    'Content-Security-Policy': "default-src 'none'",
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...error.headers,
  };
  return { status: error.status, headers, body, requestId };
}

function errorFor(reason: RefusalReason): BrokerError {
  switch (reason) {
    case 'headers_too_large':
      return new BadRequestError('The headers are too large: send at most 256 characters each.', 431);
    case 'timeout':
      return new BadRequestError('The request did not arrive in time.', 408);
    case 'connect':
      return new MethodNotAllowedError(['GET', 'POST', 'PUT']);
    case 'malformed':
      return new BadRequestError(
        'This is not a well-formed HTTP request. Check its headers for control characters.',
      );
  }
}
