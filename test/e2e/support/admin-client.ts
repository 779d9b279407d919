import type { LocalSystem } from '../../../local/local-system';
import type { PortalFaultSettings } from '../../../local/portal/portal-faults';
import { waitUntil } from '../../local/wait-until';
import { call, callServer, type Answer } from './broker-client';

/** A sandbox as the admin list shows it. */
export interface ListedSandbox {
  sandbox_id: string;
  status: string;
  deletion_retry_count: number | null;
  deletion_given_up: boolean;
}

/** What admins do, on one API process of a system: the first, if not said otherwise. */
export class Admin {
  constructor(
    private readonly system: { apis: { url: string }[]; brokerAdminToken: string },
    private readonly apiIndex = 0,
  ) {}

  async get(path: string): Promise<Answer> {
    return this.#call('GET', path);
  }

  /** Where a busy machine has made a run so long that the call answered 202, waits for it: no verdict rests on speed. */
  async post(path: string): Promise<Answer> {
    const answer = await this.#call('POST', path);
    return answer.status === 202 ? this.#settled(answer) : answer;
  }

  /** Starts a job and waits for no more than its beginning. */
  async start(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#call('POST', path, undefined, headers);
  }

  /** How a run ended, or that it left no record. */
  async follow(id: unknown): Promise<Record<string, unknown>> {
    let state: Record<string, unknown> = {};
    await waitUntil(async () => {
      state = (await this.get(`/jobs/runs/${String(id)}`)).body;
      return state.status !== 'running';
    });
    return state;
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

  /** What the call would have answered, had it waited for the end of the run. */
  async #settled({ headers, body }: Answer): Promise<Answer> {
    const { result } = await this.follow((body.run as { id: string }).id);
    const { outcome, counts, error, duration_ms } = result as Record<string, unknown>;
    if (outcome === 'unavailable' || outcome === 'failed') {
      const code = outcome === 'failed' ? 'JOB_FAILED' : 'PORTAL_UNAVAILABLE';
      return { status: outcome === 'failed' ? 500 : 503, headers, body: { error: { code } } };
    }
    const status = outcome === 'success' ? 'completed' : outcome;
    const why = error === null ? {} : { error: error as Answer['body']['error'] };
    return { status: 200, headers, body: { status, ...(counts as object), duration_ms, ...why } };
  }

  async #call(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = `${this.system.apis[this.apiIndex]?.url ?? ''}/v1/admin${path}`;
    return call(method, url, { Authorization: `Bearer ${this.system.brokerAdminToken}`, ...headers }, body);
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
