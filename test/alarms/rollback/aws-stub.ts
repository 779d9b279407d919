import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What the SDK asked for: the action of its `X-Amz-Target` header or form, and the rest of the body. */
export interface StubRequest {
  action: string;
  body: Record<string, unknown>;
}

/** What AWS answers; `undefined` never does. */
export type StubAnswer = { status?: number; body: string } | undefined;

export const STUB_CREDENTIALS = { accessKeyId: 'none', secretAccessKey: 'none' };

/** A piece of AWS on this machine that speaks its protocols and says what a test wants. */
export class AwsStub {
  readonly requests: StubRequest[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: (request: StubRequest, index: number) => StubAnswer): Promise<AwsStub> {
    const server = createServer((incoming, response) => {
      void readRequest(incoming).then((request) => {
        stub.requests.push(request);
        const given = answer(request, stub.requests.length - 1);
        if (given) response.writeHead(given.status ?? 200).end(given.body);
      });
    });
    const stub = new AwsStub(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A success of the JSON protocols. */
export function json(body: unknown): StubAnswer {
  return { body: JSON.stringify(body) };
}

/** An error of the JSON protocols. */
export function jsonError(type: string, message: string): StubAnswer {
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
}

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    return { action: target.split('.').at(-1) ?? '', body: JSON.parse(text) as Record<string, unknown> };
  }
  const { Action: action = '', ...body } = Object.fromEntries(new URLSearchParams(text));
  return { action, body };
}
