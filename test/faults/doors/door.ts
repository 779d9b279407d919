import { Agent, createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

/** A request that has come in whole. */
export interface DoorRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer that can be sent. */
export interface DoorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What becomes of a caller who waits at the door. */
export type Ending =
  /** The answer as it is. */
  | { kind: 'answer'; answer: DoorAnswer }
  /** The connection is reset, without a word. */
  | { kind: 'cut' }
  /** Nothing comes, ever: the caller must give up by itself. */
  | { kind: 'silence' }
  /** The head promises the whole body, half of it comes, and the connection ends. */
  | { kind: 'half'; answer: DoorAnswer }
  /** The head promises less than there is: what arrives is whole as HTTP, and torn as JSON. */
  | { kind: 'short'; answer: DoorAnswer };

/** A server that stands before another one, and the way through to it. */
export interface Door {
  url: string;
  stop(): Promise<void>;
}

/** Nobody answers behind the door. The request may have had its effect. */
export class NobodyHomeError extends Error {
  override readonly name = 'NobodyHomeError';
}

const FORWARD_TIMEOUT_MS = 30_000;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host'];

/** Opens a door on a free port of 127.0.0.1; `decide` says how each request ends. A throw of it cuts the connection. */
export async function openDoor(decide: (request: DoorRequest) => Promise<Ending>): Promise<Door> {
  const server = createServer((incoming, outgoing) => {
    void receive(incoming)
      .then(decide)
      .catch((): Ending => ({ kind: 'cut' }))
      .then((ending) => {
        end(outgoing, ending);
      });
  });
  // A client that gives up is a matter of course here.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The way to the server behind a door. Connections are kept; {@link close} ends them. */
export class WayThrough {
  readonly #agent = new Agent({ keepAlive: true });

  constructor(private readonly target: () => string) {}

  /** @throws NobodyHomeError when no whole answer comes. */
  async forward({ method, path, headers, body }: DoorRequest): Promise<DoorAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        reject(new NobodyHomeError(error.message, { cause: error }));
      };
      const onward = request(
        this.target() + path,
        {
          method,
          agent: this.#agent,
          headers: { ...without(headers), 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          receiveBody(answer).then((text) => {
            resolve({ status: answer.statusCode ?? 502, headers: without(answer.headers), body: text });
          }, fail);
        },
      );
      onward.setTimeout(FORWARD_TIMEOUT_MS, () => onward.destroy(new Error('no answer in time')));
      onward.on('error', fail);
      onward.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function receive(incoming: IncomingMessage): Promise<DoorRequest> {
  const body = await receiveBody(incoming);
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: incoming.headers, body };
}

async function receiveBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  if (!incoming.complete) throw new Error('it broke off');
  return Buffer.concat(chunks).toString();
}

function end(outgoing: ServerResponse, ending: Ending): void {
  switch (ending.kind) {
    case 'silence':
      return;
    case 'cut':
      cut(outgoing.socket);
      return;
    case 'answer':
      send(outgoing, ending.answer, Buffer.from(ending.answer.body));
      outgoing.end();
      return;
    case 'half': {
      const body = Buffer.from(ending.answer.body);
      send(outgoing, ending.answer, body, Math.floor(body.length / 2));
      // Once it is on its way; sooner, and nothing would arrive.
      outgoing.socket?.end();
      return;
    }
    case 'short': {
      const body = Buffer.from(ending.answer.body).subarray(0, Math.floor(ending.answer.body.length / 2));
      send(outgoing, ending.answer, body);
      outgoing.end();
    }
  }
}

/**
 * Resets a connection. One that is being ended already, because the caller has hung up, is only closed: Node.js 20 cannot
 * reset that one, keeps it for ever, and never exits (`TCPWrap::Reset` ignores the error of `uv_tcp_close_reset`).
 */
function cut(socket: Socket | null): void {
  if (socket?.writableEnded === false) socket.resetAndDestroy();
  else socket?.destroy();
}

/** Sends the head for a whole body, and the first part of it. */
function send(outgoing: ServerResponse, answer: DoorAnswer, body: Buffer, upTo = body.length): void {
  if (outgoing.destroyed) return;
  // An answer to DELETE may have no body at all.
  const length = answer.status === 204 ? {} : { 'content-length': String(body.length) };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length });
  if (body.length > 0) outgoing.write(body.subarray(0, upTo));
}

function without(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.includes(name) ? [] : [[name, String(value)]],
    ),
  );
}
