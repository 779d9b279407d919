import type { LocalSystem } from '../../../local/local-system';
import type { PortalFaultSettings } from '../../../local/portal/portal-faults';
import { call, callServer, type Answer } from './broker-client';

/** A sandbox as the admin list shows it. */
export interface ListedSandbox {
  sandbox_id: string;
  status: string;
  deletion_retry_count: number | null;
  deletion_given_up: boolean;
}

/** What admins do, on the first API process of a system. */
export class Admin {
  constructor(private readonly system: { apis: { url: string }[]; brokerAdminToken: string }) {}

  async get(path: string): Promise<Answer> {
    return this.#call('GET', path);
  }

  async post(path: string): Promise<Answer> {
    return this.#call('POST', path);
  }

  async setRunner(runner: string): Promise<Answer> {
    return this.#call('PUT', '/jobs/runner', JSON.stringify({ runner, reason: 'a test' }));
  }

  /** Every sandbox, by walking the list's cursor to its end. */
  async listAll(query = '', limit = 500): Promise<ListedSandbox[]> {
    const all: ListedSandbox[] = [];
    let cursor: unknown = null;
    do {
      const at = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
      const { body } = await this.get(`/sandboxes?limit=${limit}${query}${at}`);
      all.push(...(body.sandboxes as ListedSandbox[]));
      ({ cursor } = body);
    } while (cursor !== null);
    return all;
  }

  async #call(method: string, path: string, body?: string): Promise<Answer> {
    const url = `${this.system.apis[0]?.url ?? ''}/v1/admin${path}`;
    return call(method, url, { Authorization: `Bearer ${this.system.brokerAdminToken}` }, body);
  }
}

/** Makes the portal fail as told; `{}` ends all faults. */
export async function setFaults(
  system: Pick<LocalSystem, 'cspUrl'>,
  faults: PortalFaultSettings,
): Promise<void> {
  const { status, body } = await callServer(
    'PUT',
    `${system.cspUrl}/simulator/faults`,
    {},
    JSON.stringify(faults),
  );
  if (status !== 200) throw new Error(`The simulator refused these faults: ${JSON.stringify(body)}`);
}

/** A deletion that the portal was asked for. */
export interface PortalDeletion {
  csp_id: number | null;
  outcome: string;
}

/** Every deletion that the portal was asked for. */
export async function portalDeletions(system: Pick<LocalSystem, 'cspUrl'>): Promise<PortalDeletion[]> {
  const { body } = await callServer('GET', `${system.cspUrl}/simulator/log`);
  return body.deletions as PortalDeletion[];
}
