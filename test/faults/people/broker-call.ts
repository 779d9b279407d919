import { Agent, request } from 'node:http';

/** An answer of the broker, or none: then nobody knows what became of the call. */
export type CallResult =
  | { kind: 'answer'; status: number; body: Record<string, unknown>; problem: string | undefined }
  | { kind: 'lost'; why: string };

export interface BrokerCall {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Record<string, string>;
  json?: string;
  /** After this long the caller gives up and hangs up. */
  timeoutMs: number;
}

/** What a call may fail with, by status; a 500 of any other kind is a fault of ours. */
const SERVER_ERRORS = new Map([
  [500, ['JOB_FAILED']],
  [503, ['SERVICE_UNAVAILABLE', 'ALLOCATION_CONTENDED', 'PORTAL_UNAVAILABLE']],
]);

/** Calls the broker as scripts in the field do: over connections that are kept, with an end to patience. */
export class BrokerLine {
  readonly #agent = new Agent({ keepAlive: true });

  async call({ method, url, headers, json, timeoutMs }: BrokerCall): Promise<CallResult> {
    return new Promise((resolve) => {
      const lost = (error: Error): void => {
        clearTimeout(timer);
        resolve({ kind: 'lost', why: error.message });
      };
      const body = json === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request(
        url,
        { method, headers: { ...headers, ...body }, agent: this.#agent },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', lost);
          answer.on('end', () => {
            clearTimeout(timer);
            resolve(read(answer.statusCode ?? 0, Buffer.concat(chunks).toString()));
          });
        },
      );
      const timer = setTimeout(() => outgoing.destroy(new Error('no patience left')), timeoutMs);
      outgoing.on('error', lost);
      outgoing.end(json);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What is wrong with an answer as such: every failed call has the error shape, and says what to do. */
export function shapeProblem(status: number, body: Record<string, unknown>): string | undefined {
  if (status < 400) return undefined;
  const error = body.error as Record<string, unknown> | undefined;
  const isComplete = ['code', 'message', 'request_id'].every((field) => typeof error?.[field] === 'string');
  if (!isComplete || JSON.stringify(body.detail) !== JSON.stringify(error)) return 'it lacks the error shape';
  const code = String(error?.code);
  return status >= 500 && SERVER_ERRORS.get(status)?.includes(code) !== true
    ? `nobody expects ${status} ${code}`
    : undefined;
}

/** The code of an error; `undefined` of any other answer. */
export function codeOf(body: Record<string, unknown>): string | undefined {
  return (body.error as { code?: string } | undefined)?.code;
}

function read(status: number, text: string): CallResult {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const wrong = shapeProblem(status, body);
    return { kind: 'answer', status, body, problem: wrong && `${wrong}: ${text.slice(0, 300)}` };
  } catch {
    return { kind: 'answer', status, body: {}, problem: `it is no JSON: ${text.slice(0, 300)}` };
  }
}
