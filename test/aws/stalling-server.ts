import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a response fails to end: its headers never come, nothing follows them, half a body does, or a byte at a time. */
export type Stall = 'before_headers' | 'after_headers' | 'inside_body' | 'dripping';

export const STALLS: Stall[] = ['before_headers', 'after_headers', 'inside_body', 'dripping'];

const DRIP_INTERVAL_MS = 20;

/** An HTTP server whose responses stall; from `goodFrom` on (counted from 0) they are `{}`. */
export class StallingServer {
  requestCount = 0;
  readonly #drips: NodeJS.Timeout[] = [];

  private constructor(private readonly server: Server) {}

  static async start(stall: Stall, goodFrom = Infinity): Promise<StallingServer> {
    const server = createServer((incoming, response) => {
      incoming.resume();
      stalling.requestCount += 1;
      if (stalling.requestCount > goodFrom) response.end('{}');
      else stalling.#stall(stall, response);
    });
    const stalling = new StallingServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stalling;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const drip of this.#drips) clearInterval(drip);
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #stall(stall: Stall, response: ServerResponse): void {
    if (stall === 'before_headers') return;
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0', 'Content-Length': '1000000' });
    response.flushHeaders();
    if (stall === 'inside_body') response.write('{"Item":');
    if (stall === 'dripping') this.#drips.push(setInterval(() => response.write(' '), DRIP_INTERVAL_MS));
  }
}
