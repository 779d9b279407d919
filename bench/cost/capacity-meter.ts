import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askForCapacity, meterCall, type MeteredCall } from './consumed-capacity';

/** A call, and when it was answered, in milliseconds since 1970. */
export interface TimedCall extends MeteredCall {
  atMs: number;
}

/** Stands at the engine's door, and notes of each call what it consumes. */
export interface CapacityMeter {
  url: string;
  /** What has been called since the last time this was asked. Throws if any of it could not be metered. */
  take(): TimedCall[];
  stop(): Promise<void>;
}

/** Starts a meter before an engine, on a free port of 127.0.0.1. */
export async function startCapacityMeter(engineEndpoint: string): Promise<CapacityMeter> {
  let calls: TimedCall[] = [];
  let failure: unknown;
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const exchange = async (): Promise<void> => {
      const operation = String(incoming.headers['x-amz-target']).split('.').pop() ?? 'unknown';
      const asked = await bodyOf(incoming);
      const isCall = incoming.headers['x-amz-target'] !== undefined;
      const body = Buffer.from(isCall ? askForCapacity(asked) : asked);
      const forwarded = request(engineEndpoint + (incoming.url ?? '/'), {
        method: incoming.method,
        headers: { ...incoming.headers, 'content-length': String(body.length) },
        agent,
      });
      forwarded.end(body);
      const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
      const text = await bodyOf(answer);
      if (isCall) {
        calls.push({ ...meterCall(operation, asked, answer.statusCode ?? 0, text), atMs: Date.now() });
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
    };
    exchange().catch((error: unknown) => {
      failure ??= error;
      outgoing.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      if (failure !== undefined) throw new Error('A call could not be metered', { cause: failure });
      const taken = calls;
      calls = [];
      return taken;
    },
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
