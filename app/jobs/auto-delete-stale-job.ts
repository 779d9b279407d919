import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import type { Job, JobContext, JobReport } from './job';
import { writePatiently } from './write-patiently';

export interface AutoDeleteStaleDependencies {
  inventory: Pick<InventoryStore, 'listByStatus' | 'remove'>;
  clock: Clock;
  random: Random;
}

/**
 * Removes the rows of sandboxes that the portal has not listed for so long that they will not come back. Should one
 * come back all the same, sync adds it as a new one.
 */
export class AutoDeleteStaleJob implements Job {
  readonly name = 'auto-delete-stale';

  constructor(
    private readonly deps: AutoDeleteStaleDependencies,
    private readonly gracePeriodSeconds: number,
  ) {}

  async run({ signal, onProgress }: JobContext): Promise<JobReport> {
    const { inventory, clock } = this.deps;
    const counts = { deleted: 0 };
    const upTo = nowSeconds(clock) - this.gracePeriodSeconds;
    for await (const rows of rowsByStatus(inventory, 'stale', upTo)) {
      for (const sandbox of rows) {
        if (signal.aborted) return { outcome: 'stopped', counts };
        if (sandbox.status !== 'stale') continue;
        const outcome = await writePatiently(() => inventory.remove(sandbox), this.deps);
        if (outcome.kind === 'written') counts.deleted += 1;
        onProgress();
      }
    }
    return { outcome: 'success', counts };
  }
}
