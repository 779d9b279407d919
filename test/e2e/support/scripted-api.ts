import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the scripted API does with one request. */
export type ScriptStep =
  | { status: number; headers?: Record<string, string>; json?: unknown; text?: string }
  /** Ends the connection without an answer. */
  | 'reset'
  /** Sends half of an answer and ends the connection. */
  | 'half'
  /** Never answers. */
  | 'hang'
  /** Sends its headers a byte at a time, and never all of them. */
  | 'drip';

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** On the monotonic clock. */
  atMs: number;
}

/** Stands in for the API where a test is about its callers: answers by a script, and records what it was asked. */
export interface ScriptedApi {
  /** With the base path. */
  url: string;
  requests: RecordedRequest[];
  /** What is answered from now on, in order; the last step answers all requests after it. Forgets the record. */
  play(...steps: ScriptStep[]): void;
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export async function startScriptedApi(): Promise<ScriptedApi> {
  const requests: RecordedRequest[] = [];
  let steps: ScriptStep[] = [];
  const server = createServer((request, response) => {
    const step = steps[Math.min(requests.length, steps.length - 1)] ?? 'reset';
    const { method = '', url = '', headers } = request;
    requests.push({ method, path: url, headers, atMs: performance.now() });
    request.resume();
    perform(step, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    play: (...next) => {
      steps = next;
      requests.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function perform(step: ScriptStep, response: ServerResponse): void {
  if (step === 'hang') return;
  if (step === 'drip') {
    drip(response);
    return;
  }
  if (step === 'reset') {
    response.destroy();
    return;
  }
  if (step === 'half') {
    response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': '500' });
    response.write('{"sandbox_id": "20', () => response.destroy());
    return;
  }
  const body = step.json === undefined ? (step.text ?? '') : JSON.stringify(step.json);
  const type = step.json === undefined ? 'text/html' : 'application/json';
  response.writeHead(step.status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...step.headers,
  });
  response.end(body);
}

function drip({ socket }: ServerResponse): void {
  socket?.write('HTTP/1.1 201 Created\r\nX-Drip: ');
  const timer = setInterval(() => socket?.write('.'), 100);
  socket?.once('close', () => {
    clearInterval(timer);
  });
}

/** An error as the broker words it. */
export function errorStep(status: number, code: string, headers: Record<string, string> = {}): ScriptStep {
  return { status, headers, json: { error: { code, message: 'A message.', request_id: 'request-1' } } };
}

/** What allocate answers with. */
export function sandboxStep(fields: Record<string, unknown> = {}): ScriptStep {
  return {
    status: 201,
    json: {
      sandbox_id: '2009537',
      name: 'lab-0017',
      external_id: 'identity/accounts/249f-ab',
      allocated_at: 1_795_439_003,
      expires_at: 1_795_453_403,
      sfdc_account_id: '001BE91C',
      ...fields,
    },
  };
}
