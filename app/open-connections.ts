import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The open connections of a server, and which requests are under way on each. */
export class OpenConnections {
  readonly #open = new Set<Socket>();
  readonly #underWay = new Map<Duplex, Map<IncomingMessage, ServerResponse>>();
  readonly #waiting = new Map<Duplex, () => void>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.#open.add(socket);
      // Node.js leaves a socket that it hands over, as for CONNECT, without a listener: a reset would end the process.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#underWay.delete(socket);
        this.#waiting.delete(socket);
      });
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const others = this.#underWay.get(socket) ?? new Map<IncomingMessage, ServerResponse>();
      this.#underWay.set(socket, others.set(request, response));
      response.once('close', () => {
        this.#answered(socket, request);
      });
    });
  }

  /**
   * Calls back when every request that came whole on this connection is answered, at once if all are. What is written
   * to the socket earlier would be taken for the answer to one of those. A request whose answer has begun before the rest
   * of it came gets no second one: then there is no call, and the connection ends with that answer.
   */
  whenAnswered(socket: Duplex, callback: () => void): void {
    if (this.#hasAnswerToCome(socket)) this.#waiting.set(socket, callback);
    else callback();
  }

  /** Ends the connections on which nothing is under way. */
  destroyIdle(): void {
    for (const socket of this.#open) if (!this.#underWay.has(socket)) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #answered(socket: Socket, request: IncomingMessage): void {
    const left = this.#underWay.get(socket);
    left?.delete(request);
    if (left?.size === 0) this.#underWay.delete(socket);
    const isLast = !this.#underWay.has(socket);
    if (isLast && !this.server.listening) socket.destroySoon();
    const callback = this.#waiting.get(socket);
    if (!callback || this.#hasAnswerToCome(socket)) return;
    this.#waiting.delete(socket);
    if (isLast && !request.complete) socket.destroySoon();
    else callback();
  }

  #hasAnswerToCome(socket: Duplex): boolean {
    return [...(this.#underWay.get(socket) ?? [])].some(
      ([request, response]) => request.complete || response.headersSent,
    );
  }
}
