import { isDeepStrictEqual } from 'node:util';
import type { RollbackEntry, RollbackHistory, RollbackKey } from '../../app/store/rollback-history';
import { StoreUnavailableError, type Page } from '../../app/store/sandbox-store';

type Operation = keyof RollbackHistory;

/**
 * A {@link RollbackHistory} in memory that keeps the same promises as DynamoDB's: it passes the same contract.
 * Operations in {@link failing} find no answer.
 */
export class FakeRollbackHistory implements RollbackHistory {
  readonly failing = new Set<Operation>();
  readonly #entries = new Map<string, RollbackEntry>();

  async get(key: RollbackKey): Promise<RollbackEntry | undefined> {
    await this.#answer('get');
    return structuredClone(this.#entries.get(sortKey(key)));
  }

  async save(entry: RollbackEntry): Promise<boolean> {
    await this.#answer('save');
    const standing = this.#entries.get(sortKey(entry));
    if (standing?.isFinished === true) return isDeepStrictEqual(standing, structuredClone(entry));
    this.#entries.set(sortKey(entry), structuredClone(entry));
    return true;
  }

  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<RollbackEntry>> {
    await this.#answer('list');
    const newestFirst = [...this.#entries].sort(([a], [b]) => (a < b ? 1 : -1));
    const page = newestFirst.filter(([key]) => cursor === undefined || key < cursor).slice(0, limit);
    return {
      items: page.map(([, entry]) => structuredClone(entry)),
      // As DynamoDB's: a full page may be the last one all the same.
      cursor: page.length === limit ? page.at(-1)?.[0] : undefined,
    };
  }

  #answer(operation: Operation): Promise<void> {
    return this.failing.has(operation)
      ? Promise.reject(new StoreUnavailableError(operation, { cause: new Error('no connection (injected)') }))
      : Promise.resolve();
  }
}

function sortKey({ atMs, cause }: RollbackKey): string {
  return `${new Date(atMs).toISOString()}#${cause.kind}#${cause.name}`;
}
