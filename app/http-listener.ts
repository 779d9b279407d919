import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { BadRequestError, type BrokerError } from './errors';
import { errorBody } from './middleware/error-handler';

/** Longer than the load balancer's idle timeout of 60 s, so that it is never we who close under its request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const HEADERS_TIMEOUT_MS = 70_000;
/** For a whole request to arrive. Ours have hardly a body. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Connections waiting to be accepted: a class of 1,000 connects in the same moment. */
const BACKLOG = 2_048;
/** For requests in flight to finish, once no new ones are taken. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Listens for HTTP. What Node.js itself refuses before a request exists (headers too large, control characters, a
 * request that never ends) is answered in our error shape, too.
 *
 * @returns the server, once it listens. Rejects when the port is taken.
 */
export async function listen(handler: RequestListener, port: number): Promise<Server> {
  // A request without Host is no danger here; Express answers it like any other.
  const server = createServer({ requireHostHeader: false }, handler);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.on('checkExpectation', handler);
  server.on('connect', (_request, socket) => {
    refuse(socket, new BadRequestError('CONNECT is not offered here.', 405));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(socket, clientError(error.code));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Takes no more connections, lets requests in flight finish, and ends those that do not. */
export async function close(server: Server): Promise<void> {
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_TIMEOUT_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
}

function clientError(code: string | undefined): BrokerError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new BadRequestError('The headers are too large: send at most 256 characters each.', 431);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new BadRequestError('The request did not arrive in time.', 408);
    default:
      return new BadRequestError(
        'This is not a well-formed HTTP request. Check its headers for control characters.',
      );
  }
}

function refuse(socket: Duplex, error: BrokerError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const body = JSON.stringify(errorBody(error, requestId));
  const head = [
    `HTTP/1.1 ${error.status} Refused`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-ID: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
