import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LocalSystem } from './local-system';

/** Where a running system is found, for scripts and black-box tests. */
export interface LocalEnvironment {
  /** Without the base path. */
  api_urls: string[];
  /** Of its /healthz and /metrics; null when there is none. */
  worker_url: string | null;
  broker_api_token: string;
  broker_admin_token: string;
  dynamodb_endpoint: string;
  table: string;
  csp_url: string;
  csp_api_token: string;
  /** By role; null for what does not run, or not as a process of ours. */
  pids: { api: (number | null)[]; worker: number | null; engine: number | null; csp: number | null };
}

/** The system as it stands now; process ids change when a process is restarted. */
export function describeEnvironment(system: LocalSystem): LocalEnvironment {
  return {
    api_urls: system.apis.map((api) => api.url),
    worker_url: system.workers[0]?.url ?? null,
    broker_api_token: system.brokerApiToken,
    broker_admin_token: system.brokerAdminToken,
    dynamodb_endpoint: system.dynamodbEndpoint,
    table: system.tableNames.table,
    csp_url: system.cspUrl,
    csp_api_token: system.cspApiToken,
    pids: {
      api: system.apis.map((api) => api.process.pid ?? null),
      worker: system.workers[0]?.process.pid ?? null,
      engine: system.engine?.pid ?? null,
      csp: system.portal.pid ?? null,
    },
  };
}

/** The file that tells of the system; a reader never sees half of it. */
export class EnvironmentFile {
  private written?: string;

  constructor(private readonly path: string) {}

  write(environment: LocalEnvironment): void {
    const text = `${JSON.stringify(environment, null, 2)}\n`;
    mkdirSync(dirname(this.path), { recursive: true });
    const draft = `${this.path}.${process.pid}`;
    // It holds the tokens.
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.path);
    this.written = text;
  }

  /** Removes it, unless another system has put its own in its place. */
  remove(): void {
    if (this.written === undefined || !this.isOurs()) return;
    rmSync(this.path, { force: true });
    this.written = undefined;
  }

  private isOurs(): boolean {
    try {
      return readFileSync(this.path, 'utf8') === this.written;
    } catch {
      return false;
    }
  }
}
