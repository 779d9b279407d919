import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands at the engine's door, lets everything through, and counts it by DynamoDB operation. */
export interface CountingProxy {
  url: string;
  /** Calls since the start or the last reset, e.g. `{ Query: 3, TransactWriteItems: 1 }`. */
  counts: () => Record<string, number>;
  reset: () => void;
  stop: () => Promise<void>;
}

/** Starts a proxy before an engine, on a free port. */
export async function startCountingProxy(engineEndpoint: string): Promise<CountingProxy> {
  let counts: Record<string, number> = {};
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target']).split('.').pop() ?? 'unknown';
    counts[operation] = (counts[operation] ?? 0) + 1;
    const { method, url, headers } = incoming;
    const forwarded = request(engineEndpoint + (url ?? '/'), { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ ...counts }),
    reset: () => {
      counts = {};
    },
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
