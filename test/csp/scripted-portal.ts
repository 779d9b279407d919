import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type PortalReply = (request: IncomingMessage, response: ServerResponse) => void;

export interface ScriptedPortal {
  url: string;
  /** Every request seen, as `METHOD path`. */
  requests: string[];
  lastHeaders: () => IncomingMessage['headers'];
  stop(): Promise<void>;
}

/** A real HTTP server that gives the replies in turn, and the last one again and again. */
export async function startScriptedPortal(
  ...replies: [PortalReply, ...PortalReply[]]
): Promise<ScriptedPortal> {
  const requests: string[] = [];
  let headers: IncomingMessage['headers'] = {};
  const server = createServer((request, response) => {
    const reply = replies[Math.min(requests.length, replies.length - 1)] ?? replies[0];
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    headers = request.headers;
    reply(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    lastHeaders: () => headers,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function replyWith(status: number, body: unknown = ''): PortalReply {
  return (_request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export const cutConnection: PortalReply = (request) => {
  request.socket.destroy();
};

export const neverReply: PortalReply = () => undefined;

/** Begins an answer and never ends it: a byte now and then keeps the connection busy. */
export const drip: PortalReply = (request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 5);
  request.socket.once('close', () => {
    clearInterval(timer);
  });
};

/** Promises more than it sends. */
export const breakOff: PortalReply = (request, response) => {
  response.writeHead(200, { 'content-length': 1_000 });
  response.write('{"results": [', () => request.socket.destroy());
};
