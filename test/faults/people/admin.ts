import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../app/allocation/clock';
import type { BrokerLine, CallResult } from './broker-call';

export interface AdminOffice {
  line: BrokerLine;
  apiUrls: string[];
  token: string;
  random: Random;
  onProblem: (what: string) => void;
}

const PATIENCE_MS = 20_000;

/** Somebody with the admin token, at either API process. */
export class FaultyDayAdmin {
  /** How often each call was answered how. */
  readonly tally: Record<string, number> = {};

  constructor(private readonly office: AdminOffice) {}

  /** Does one thing after another, whatever comes to mind, until told to stop. */
  async work(over: AbortSignal): Promise<void> {
    const { random } = this.office;
    while (!over.aborted) {
      await this.#something();
      await delay(100 + random() * 700, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /** `undefined` when no answer came. */
  async call(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    json?: string,
  ): Promise<Extract<CallResult, { kind: 'answer' }> | undefined> {
    const { line, apiUrls, token, random, onProblem } = this.office;
    const url = `${apiUrls[Math.floor(random() * apiUrls.length)] ?? ''}/v1/admin${path}`;
    const headers = { Authorization: `Bearer ${token}` };
    const result = await line.call({ method, url, headers, json, timeoutMs: PATIENCE_MS });
    const kind = `${method} ${path.replace(/\?.*|\/sandboxes\/[^/]+/, '')} ${result.kind === 'answer' ? result.status : 'lost'}`;
    this.tally[kind] = (this.tally[kind] ?? 0) + 1;
    if (result.kind === 'lost') return undefined;
    if (result.problem !== undefined) onProblem(`${method} admin${path}: ${result.problem}`);
    return result;
  }

  /** The ids of a status, to the last page; `undefined` when a page did not come. */
  async idsOf(status: string): Promise<string[] | undefined> {
    const ids: string[] = [];
    for (let cursor: unknown = ''; cursor !== null;) {
      const at = typeof cursor === 'string' && cursor !== '' ? `&cursor=${cursor}` : '';
      const page = await this.call('GET', `/sandboxes?status=${status}&limit=100${at}`);
      if (page?.status !== 200) return undefined;
      ids.push(...(page.body.sandboxes as { sandbox_id: string }[]).map((row) => row.sandbox_id));
      ({ cursor } = page.body);
    }
    return ids;
  }

  /** Gives every deletion that has failed a new chance; resolves with how many there were. */
  async retryDeletions(): Promise<number> {
    const failed = (await this.idsOf('deletion_failed')) ?? [];
    for (const id of failed) await this.call('POST', `/sandboxes/${id}/retry-deletion`);
    return failed.length;
  }

  async setRunner(runner: string): Promise<boolean> {
    const answer = await this.call('PUT', '/jobs/runner', JSON.stringify({ runner, reason: 'a fault run' }));
    return answer?.status === 200;
  }

  async #something(): Promise<void> {
    const { random } = this.office;
    const dice = random();
    if (dice < 0.25) await this.call('POST', '/sync');
    else if (dice < 0.45) await this.call('POST', '/cleanup');
    else if (dice < 0.55) await this.call('POST', '/auto-delete-stale?grace_period_hours=0');
    else if (dice < 0.6) await this.call('POST', '/bulk-delete?status=stale');
    else if (dice < 0.62) await this.call('POST', '/bulk-delete?status=deletion_failed');
    else if (dice < 0.75)
      await this.setRunner(['worker', 'api', 'none', 'worker'][Math.floor(random() * 4)] ?? 'worker');
    else if (dice < 0.85) await this.retryDeletions();
    else if (dice < 0.9) await this.call('GET', '/stats');
    else await this.call('GET', '/jobs');
  }
}
