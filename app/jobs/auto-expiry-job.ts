import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import { isPastGrace } from '../allocation/sandbox';
import { requestDeletion } from '../allocation/transitions';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import type { SandboxStore } from '../store/sandbox-store';
import type { Job, JobContext, JobReport } from './job';
import { RowWriter } from './row-writer';

export interface AutoExpiryDependencies {
  store: Pick<SandboxStore, 'endAllocation'>;
  inventory: Pick<InventoryStore, 'listByStatus'>;
  clock: Clock;
  random: Random;
}

/** Takes back what nobody gave back: allocations past their end and the grace period go to `pending_deletion`. */
export class AutoExpiryJob implements Job {
  readonly name = 'auto-expiry';

  constructor(
    private readonly deps: AutoExpiryDependencies,
    private readonly gracePeriodSeconds: number,
  ) {}

  async run({ signal, onProgress, logger }: JobContext): Promise<JobReport> {
    const { store, inventory, clock } = this.deps;
    const counts = { expired: 0 };
    const writer = new RowWriter({ ...this.deps, logger });
    const upTo = nowSeconds(clock) - this.gracePeriodSeconds;
    for await (const rows of rowsByStatus(inventory, 'allocated', upTo)) {
      for (const sandbox of rows) {
        if (signal.aborted) return { outcome: 'stopped', counts: { ...counts, ...writer.counts() } };
        const now = nowSeconds(clock);
        if (sandbox.status !== 'allocated' || !isPastGrace(sandbox, now, this.gracePeriodSeconds)) continue;
        const after = requestDeletion(sandbox, now);
        const outcome = await writer.write(sandbox.sandboxId, () => store.endAllocation(sandbox, after));
        onProgress();
        if (outcome.kind !== 'written') continue;
        counts.expired += 1;
        const { caller, trackName } = sandbox.allocation;
        logger.info(
          { sandbox_id: sandbox.sandboxId, caller, track_name: trackName },
          'expired an allocation',
        );
      }
    }
    return { outcome: 'success', counts: { ...counts, ...writer.counts() } };
  }
}
