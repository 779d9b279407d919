import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import type { Job, JobContext, JobReport } from './job';
import type { PortalCheck } from './portal-check';
import { RowWriter } from './row-writer';

export interface AutoDeleteStaleDependencies {
  inventory: Pick<InventoryStore, 'listByStatus' | 'remove'>;
  portal: Pick<PortalCheck, 'fault'>;
  clock: Clock;
  random: Random;
}

/**
 * Removes the rows of sandboxes that the portal has not listed for so long that they will not come back. Should one
 * come back all the same, sync adds it as a new one. In a table that does not belong to our portal, or was copied from
 * another one, it removes nothing: a row that is stale there may have been given out since.
 */
export class AutoDeleteStaleJob implements Job {
  readonly name = 'auto-delete-stale';

  constructor(
    private readonly deps: AutoDeleteStaleDependencies,
    private readonly gracePeriodSeconds: number,
  ) {}

  async run({ signal, onProgress, logger }: JobContext): Promise<JobReport> {
    const { inventory, clock } = this.deps;
    const counts = { deleted: 0 };
    const fault = await this.deps.portal.fault();
    if (fault !== undefined) return { outcome: 'guarded', counts, error: fault };
    const writer = new RowWriter({ ...this.deps, logger });
    const upTo = nowSeconds(clock) - this.gracePeriodSeconds;
    for await (const rows of rowsByStatus(inventory, 'stale', upTo)) {
      for (const sandbox of rows) {
        if (signal.aborted) return { outcome: 'stopped', counts: { ...counts, ...writer.counts() } };
        if (sandbox.status !== 'stale') continue;
        const outcome = await writer.write(sandbox.sandboxId, () => inventory.remove(sandbox));
        if (outcome.kind === 'written') counts.deleted += 1;
        onProgress();
      }
    }
    return { outcome: 'success', counts: { ...counts, ...writer.counts() } };
  }
}
