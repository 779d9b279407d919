import { Agent, request } from 'node:http';
import { checkExchange } from '../../openapi/check-exchange';

/** An answer of the broker, its JSON read. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown> & { error?: { code: string } };
}

/** Enough connections for a whole class to call in the same moment, as from a thousand machines. */
const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

/** Within tests. Benchmarks use this client as well, and measure no checks. */
const IS_CHECKED = process.env.JEST_WORKER_ID !== undefined;

/**
 * Calls the broker, and checks what comes back against the OpenAPI document. Rejects when the connection fails, as it
 * does when a process dies.
 */
export async function call(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  json?: string,
): Promise<Answer> {
  const answer = await callServer(method, url, headers, json);
  if (IS_CHECKED) {
    const { pathname, search } = new URL(url);
    const text = typeof answer.body.text === 'string' ? answer.body.text : JSON.stringify(answer.body);
    const exchange = { method, target: `${pathname}${search}`, requestHeaders: headers, requestBody: json };
    checkExchange({ ...exchange, ...answer, text });
  }
  return answer;
}

/** The same to any server, such as the worker or the portal simulator, and unchecked. */
export async function callServer(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  json?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
        const body = (isJson ? JSON.parse(text) : { text }) as Answer['body'];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    outgoing.on('error', reject);
    if (json !== undefined) outgoing.setHeader('Content-Type', 'application/json');
    outgoing.end(json);
  });
}

/** Ends the connections that are kept alive. */
export function closeConnections(): void {
  agent.destroy();
}

/** What lab scripts call, over all of a system's API processes in turn, as a load balancer would send them. */
export class Track {
  #next = 0;

  constructor(
    readonly urls: string[],
    private readonly token: string,
  ) {}

  /** `key` and `prefix` are sent when given. */
  async allocate(caller: string, options: { key?: string; prefix?: string } = {}): Promise<Answer> {
    return call('POST', `${this.#url()}/v1/allocate`, {
      ...this.#headers(caller),
      ...(options.key === undefined ? {} : { 'Idempotency-Key': options.key }),
      ...(options.prefix === undefined ? {} : { 'X-Sandbox-Name-Prefix': options.prefix }),
    });
  }

  async get(caller: string, sandboxId: unknown): Promise<Answer> {
    return call('GET', `${this.#url()}/v1/sandboxes/${String(sandboxId)}`, this.#headers(caller));
  }

  async markForDeletion(caller: string, sandboxId: unknown): Promise<Answer> {
    const url = `${this.#url()}/v1/sandboxes/${String(sandboxId)}/mark-for-deletion`;
    return call('POST', url, this.#headers(caller));
  }

  #url(): string {
    this.#next += 1;
    return this.urls[this.#next % this.urls.length] ?? '';
  }

  #headers(caller: string): Record<string, string> {
    return { Authorization: `Bearer ${this.token}`, 'X-Instruqt-Sandbox-ID': caller };
  }
}

/** How many answers there are of each kind: by status and, for errors, code. */
export function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = body.error ? `${status} ${body.error.code}` : String(status);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** The sandboxes that were given out. */
export function sandboxIds(answers: Answer[]): unknown[] {
  return answers.map(({ body }) => body.sandbox_id).filter((id) => id !== undefined);
}
