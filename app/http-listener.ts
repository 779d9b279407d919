import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BadRequestError, MethodNotAllowedError, type BrokerError } from './errors';
import { errorBody } from './middleware/error-handler';

/** Longer than the load balancer's idle timeout of 60 s, so that it is never we who close under its request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const HEADERS_TIMEOUT_MS = 70_000;
/** For a whole request to arrive. Ours have hardly a body. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Connections waiting to be accepted: a class of 1,000 connects in the same moment. */
const BACKLOG = 2_048;
/** For a refused client to read the answer. */
const REFUSED_LINGER_MS = 1_000;
/** For requests in flight to finish, once no new ones are taken. */
const CLOSE_TIMEOUT_MS = 10_000;

/** The open connections of each server, and how many requests are under way on each. */
const connections = new WeakMap<Server, { open: Set<Socket>; busy: Map<Socket, number> }>();

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
  trackConnections(server);
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket) => {
    refuse(socket, new MethodNotAllowedError(['GET', 'POST', 'PUT']));
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

/**
 * Takes no more connections, ends those without a request at once and the others when their answer is sent, and after
 * ten seconds those that are still there.
 */
export async function close(server: Server): Promise<void> {
  const { open, busy } = connections.get(server) ?? {
    open: new Set<Socket>(),
    busy: new Map<Socket, number>(),
  };
  const deadline = setTimeout(() => {
    for (const socket of open) socket.destroy();
  }, CLOSE_TIMEOUT_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of open) if (!busy.has(socket)) socket.destroy();
  });
  clearTimeout(deadline);
}

function trackConnections(server: Server): void {
  const open = new Set<Socket>();
  const busy = new Map<Socket, number>();
  connections.set(server, { open, busy });
  server.on('connection', (socket) => {
    open.add(socket);
    // Node.js leaves a socket that it hands over, as for CONNECT, without a listener: a reset would end the process.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      open.delete(socket);
      busy.delete(socket);
    });
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (busy.get(socket) ?? 1) - 1;
      if (left > 0) busy.set(socket, left);
      else busy.delete(socket);
      if (left === 0 && !server.listening) socket.destroySoon();
    });
  });
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
    ...Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Whoever was refused is given a moment to read why, and no connection to keep.
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}
