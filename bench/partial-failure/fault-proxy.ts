import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeyFault } from './key-faults';
import { keysInCall } from './keys-in-call';

/** Stands between API processes and the engine, and lets the calls that name certain keys fail. */
export interface FaultProxy {
  url: string;
  /** From the next call on; `undefined` lets everything through. Calls that hang already go on hanging. */
  setFault(fault: KeyFault | undefined): void;
  /** Calls that were throttled or left hanging since the last change of the fault. */
  faultCount(): number;
  /** Resolves when no call is under way and none has come for a second and a half, or when a minute is over. */
  quiet(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Longer than the pauses between the tries of one call. */
const QUIET_MS = 1_500;
const MAX_QUIET_WAIT_MS = 60_000;
const POLL_MS = 50;

const NAMESPACE = 'com.amazonaws.dynamodb.v20120810#';

/** Starts the proxy on a free port of 127.0.0.1. */
export async function startFaultProxy(engineEndpoint: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  let fault: KeyFault | undefined;
  let faultCount = 0;
  let underWayCount = 0;
  let lastCallAtMs = 0;

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const now = fault;
    const badParts = now ? keysInCall(operation, body).map((keys) => keys.some((key) => now.isBad(key))) : [];
    if (now === undefined || !badParts.includes(true)) {
      forward(incoming, body, outgoing);
      return;
    }
    faultCount += 1;
    if (now.kind === 'throttle') refuse(outgoing, throttled(operation, badParts));
  };

  const forward = (incoming: IncomingMessage, body: string, outgoing: ServerResponse): void => {
    const { method, url, headers } = incoming;
    const onward = request(engineEndpoint + (url ?? '/'), { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  };

  const server = createServer((incoming, outgoing) => {
    lastCallAtMs = performance.now();
    underWayCount += 1;
    outgoing.once('close', () => {
      underWayCount -= 1;
      lastCallAtMs = performance.now();
    });
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // A caller who gives up a hanging call is what is wanted here.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFault: (next) => {
      fault = next;
      faultCount = 0;
    },
    faultCount: () => faultCount,
    quiet: async (signal) => {
      const untilMs = performance.now() + MAX_QUIET_WAIT_MS;
      while (
        performance.now() < untilMs &&
        (underWayCount > 0 || performance.now() - lastCallAtMs < QUIET_MS)
      ) {
        await delay(POLL_MS, undefined, { signal });
      }
    },
    stop: async () => {
      agent.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** As in DynamoDB's reference: a transaction names the parts that were throttled, any other call is refused as a whole. */
function throttled(operation: string, badParts: boolean[]): unknown {
  const message = 'The level of configured provisioned throughput for the table was exceeded';
  if (!operation.startsWith('Transact')) {
    return { __type: `${NAMESPACE}ProvisionedThroughputExceededException`, message };
  }
  const codes = badParts.map((isBad) => (isBad ? 'ThrottlingError' : 'None'));
  return {
    __type: `${NAMESPACE}TransactionCanceledException`,
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    CancellationReasons: codes.map((Code) => (Code === 'None' ? { Code } : { Code, Message: message })),
  };
}

function refuse(outgoing: ServerResponse, body: unknown): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(400, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}
