import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RefusalReason } from './metrics';
import { OpenConnections } from './open-connections';
import { refusalReason, refuseConnection, refuseRequest, type Refusal } from './refusal';
import { requestPath } from './request-target';

/** Longer than the load balancer's idle timeout of 60 s, so that it is never we who close under its request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const HEADERS_TIMEOUT_MS = 70_000;
/** For a whole request to arrive. Ours have hardly a body. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Connections waiting to be accepted: a class of 1,000 connects in the same moment. */
const BACKLOG = 2_048;
/** For requests in flight to finish, once no new ones are taken. */
const CLOSE_TIMEOUT_MS = 10_000;

const connections = new WeakMap<Server, OpenConnections>();

/**
 * Listens for HTTP. What Node.js itself refuses before a request exists (headers too large, control characters, a
 * request that never ends), and a target that is neither path nor URL, is answered in our error shape, too.
 *
 * @param options.onRefusal is told of each of these.
 * @returns the server, once it listens. Rejects when the port is taken.
 */
export async function listen(
  handler: RequestListener,
  port: number,
  { onRefusal = () => undefined }: { onRefusal?: (refusal: Refusal) => void } = {},
): Promise<Server> {
  // A request without Host is no danger here; Express answers it like any other.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    const path = requestPath(request.url ?? '');
    if (path === undefined) {
      onRefusal(refuseRequest(response));
      return;
    }
    request.url = path;
    handler(request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const open = new OpenConnections(server);
  connections.set(server, open);
  server.on('checkContinue', (request, response) => {
    // While an earlier answer is under way, Node.js would put `100 Continue` between the head and the body of this one.
    if (response.socket) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  const refuse = (socket: Duplex, reason: RefusalReason, packet?: Buffer): void => {
    // Whoever sends several requests at once may have sent sensible ones before.
    open.whenAnswered(socket, () => {
      const refusal = refuseConnection(socket, reason, packet);
      if (refusal) onRefusal(refusal);
    });
  };
  server.on('connect', (_request, socket) => {
    refuse(socket, 'connect');
  });
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    refuse(socket, refusalReason(error.code), error.rawPacket);
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
  const open = connections.get(server);
  const deadline = setTimeout(() => open?.destroyAll(), CLOSE_TIMEOUT_MS);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    open?.destroyIdle();
  });
  clearTimeout(deadline);
}
