import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../app/allocation/clock';

export interface PortalOwnerOptions {
  portalUrl: string;
  apiToken: string;
  random: Random;
}

interface PortalListing {
  account_type: string;
  state: string;
  id: string;
  csp_id: number;
}

interface PortalDeletionEntry {
  at: string;
  account_key: string;
  csp_id: number | null;
  outcome: string;
}

/** The portal's own people, who come past all doors: they create accounts, delete some that they should not, and look. */
export class PortalOwner {
  /** Accounts that they deleted themselves, by the last segment of their ids. */
  readonly deletedKeys = new Set<string>();

  constructor(private readonly options: PortalOwnerOptions) {}

  /** Creates and deletes accounts now and then, until told to stop. */
  async work(over: AbortSignal): Promise<void> {
    const { random } = this.options;
    while (!over.aborted) {
      if (random() < 0.5) await this.create(2, 'gpu-lab');
      else await this.#deleteOne();
      await delay(400 + random() * 1_500, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /** New active sandboxes, whose names begin with this. */
  async create(count: number, namePrefix: string): Promise<void> {
    await this.#fetch('/simulator/accounts', 'POST', { count, name_prefix: namePrefix });
  }

  /** The ids of all active sandboxes, and the last segments of their paths. */
  async activeSandboxes(): Promise<Map<string, string>> {
    const { results } = (await this.#fetch('/current_user/accounts', 'GET')) as { results: PortalListing[] };
    const active = results.filter((each) => each.account_type === 'sandbox' && each.state === 'active');
    return new Map(active.map(({ csp_id: id, id: path }) => [String(id), path.split('/').at(-1) ?? '']));
  }

  /** Every deletion that was asked for, of whoever. */
  async deletions(): Promise<PortalDeletionEntry[]> {
    return ((await this.#fetch('/simulator/log', 'GET')) as { deletions: PortalDeletionEntry[] }).deletions;
  }

  async #deleteOne(): Promise<void> {
    const keys = [...(await this.activeSandboxes()).values()];
    const key = keys[Math.floor(this.options.random() * keys.length)];
    if (key === undefined) return;
    this.deletedKeys.add(key);
    await this.#fetch(`/sandbox/accounts/${key}`, 'DELETE');
  }

  async #fetch(path: string, method: string, body?: unknown): Promise<unknown> {
    const { portalUrl, apiToken } = this.options;
    const answer = await fetch(portalUrl + path, {
      method,
      headers: { authorization: `Token ${apiToken}` },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  }
}
