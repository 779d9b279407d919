import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../local/wait-until';
import { call } from './http-client';
import { ADMIN_TOKEN, TRACK_TOKEN } from './test-api';

const ROOT = join(__dirname, '../..');

/** The API as a process of its own, as a container runs it. */
export class ApiProcess {
  stdout = '';
  stderr = '';
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  readonly #child: ChildProcess;

  /** `env` is the whole environment beside the PATH. */
  constructor(
    readonly port: number,
    env: Record<string, string>,
  ) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'app/index.ts')], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    this.#child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for a line of the log with this message. */
  async untilLogged(message: string): Promise<void> {
    await waitUntil(() => this.stdout.includes(`"msg":"${message}"`) || this.hasEnded);
    if (!this.stdout.includes(`"msg":"${message}"`)) {
      throw new Error(`the process ended without saying "${message}": ${this.stdout}${this.stderr}`);
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async statusOf(path: string): Promise<number> {
    return (await call(this.port, path)).status;
  }
}

/** What every such process needs to start. */
export function apiEnvironment(tablePort: number): Record<string, string> {
  return {
    BROKER_API_TOKEN: TRACK_TOKEN,
    BROKER_ADMIN_TOKEN: ADMIN_TOKEN,
    DDB_ENDPOINT_URL: `http://127.0.0.1:${tablePort}`,
    CSP_BASE_URL: 'http://127.0.0.1:1',
    CSP_API_TOKEN: 'portal-token-of-these-tests',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    DRAIN_SECONDS: '1',
  };
}

/** A DynamoDB that knows no item. What it is asked about `held` it answers only when the test says so, and all with `error`, if set. */
export class EmptyTable {
  held: { keyPart: string; response?: ServerResponse } | undefined;
  /** The name of the error that it answers everything with. */
  error: string | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        if (this.error) answerError(response, this.error);
        else if (this.held && body.includes(this.held.keyPart)) this.held.response = response;
        else answerNothing(response);
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers what was held back. */
  release(): void {
    if (this.held?.response) answerNothing(this.held.response);
    this.held = undefined;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function answerNothing(response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/x-amz-json-1.0');
  response.end('{}');
}

function answerError(response: ServerResponse, name: string): void {
  response.setHeader('Content-Type', 'application/x-amz-json-1.0');
  response.writeHead(400).end(JSON.stringify({ __type: `com.amazon.coral.service#${name}`, message: 'no' }));
}
