import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands at one address in front of an API, which can so go away and come back there. */
export class InterruptibleProxy {
  #server?: Server;
  #port = 0;

  constructor(private readonly targetUrl: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Begins to answer, or does so again at the same address. */
  async open(): Promise<void> {
    this.#server = createServer((incoming, outgoing) => {
      const { method, url = '/', headers } = incoming;
      const forwarded = request(this.targetUrl + url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection; further ones are refused. */
  async close(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}
