import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a task answers. */
export interface Target {
  address: string;
  port: number;
}

/**
 * Stands where the load balancer stands: spreads requests over the targets that ECS has registered, and says for whom
 * it speaks in X-Forwarded-For. It repeats nothing: a request that a target drops is lost, as behind a real one.
 */
export class TargetGroup {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #server: Server;
  #next = 0;

  constructor(private readonly targets: () => Target[]) {
    this.#server = createServer((incoming, outgoing) => {
      const targets = this.targets();
      const target = targets[this.#next++ % Math.max(1, targets.length)];
      if (target === undefined) {
        outgoing.writeHead(503).end('no healthy targets');
        return;
      }
      const headers = { ...incoming.headers, 'x-forwarded-for': incoming.socket.remoteAddress ?? '' };
      const { address: host, port } = target;
      const { method, url: path } = incoming;
      const forwarded = request({ host, port, path, method, headers, agent: this.#agent }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', (error) => {
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(502).end(String(error));
      });
      incoming.pipe(forwarded);
    });
  }

  /** Begins to answer. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
