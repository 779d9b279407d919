import { hasBelievableStaleSince } from '../allocation/believable-times';
import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { StaleSandbox } from '../allocation/sandbox';
import { correctStaleSince } from '../allocation/transitions';
import { CLOCK_TOLERANCE_SECONDS } from '../store/clock-tolerance';
import { rowsByStatus, UnreadShards, type InventoryStore } from '../store/inventory-store';
import { concludePass } from './conclude-pass';
import type { Job, JobContext, JobReport } from './job';
import type { PortalCheck } from './portal-check';
import { RowWriter } from './row-writer';
import { TableFaults } from './table-faults';

export interface AutoDeleteStaleDependencies {
  inventory: Pick<InventoryStore, 'listByStatus' | 'remove' | 'save'>;
  portal: Pick<PortalCheck, 'fault'>;
  clock: Clock;
  random: Random;
}

/**
 * Removes the rows of sandboxes that the portal has not listed for so long that they will not come back. Should one
 * come back all the same, sync adds it as a new one. In a table that does not belong to our portal, or was copied from
 * another one, it removes nothing: a row that is stale there may have been given out since.
 *
 * A row that is stale since a moment in the future, or since before it existed, counts as stale from now on.
 */
export class AutoDeleteStaleJob implements Job {
  readonly name = 'auto-delete-stale';

  constructor(
    private readonly deps: AutoDeleteStaleDependencies,
    private readonly gracePeriodSeconds: number,
  ) {}

  async run(context: JobContext): Promise<JobReport> {
    const { inventory, clock } = this.deps;
    const counts = { deleted: 0, corrected: 0 };
    const fault = await this.deps.portal.fault();
    if (fault !== undefined) return { outcome: 'guarded', counts, error: fault };
    const unread = new UnreadShards();
    const faults = new TableFaults(context.logger);
    const writer = new RowWriter({ ...this.deps, logger: context.logger });
    const end = (): JobReport => {
      const report = faults.conclude({ outcome: 'success', counts: { ...counts, ...writer.counts() } });
      return concludePass(report, unread);
    };
    const now = nowSeconds(clock);
    const ranges = [{ upTo: now - this.gracePeriodSeconds }, { from: now + CLOCK_TOLERANCE_SECONDS + 1 }];
    for (const range of ranges) {
      for await (const rows of rowsByStatus(inventory, 'stale', { ...range, unread, run: context })) {
        for (const sandbox of rows) {
          if (context.signal.aborted)
            return { outcome: 'stopped', counts: { ...counts, ...writer.counts() } };
          if (faults.isTableDown) return end();
          if (sandbox.status !== 'stale') continue;
          const done = await this.#workOn(sandbox, { faults, writer }, context);
          if (done) counts[done] += 1;
        }
      }
    }
    return end();
  }

  async #workOn(
    sandbox: StaleSandbox,
    { faults, writer }: { faults: TableFaults; writer: RowWriter },
    { logger, onProgress }: JobContext,
  ): Promise<'deleted' | 'corrected' | undefined> {
    const { inventory, clock } = this.deps;
    const now = nowSeconds(clock);
    const isBelievable = hasBelievableStaleSince(sandbox, now);
    const write = isBelievable
      ? () => inventory.remove(sandbox)
      : () => inventory.save(sandbox, correctStaleSince(sandbox, now));
    const { sandboxId } = sandbox;
    const outcome = await faults.attempt(sandboxId, () => writer.write(sandboxId, write));
    onProgress();
    if (outcome?.kind !== 'written') return undefined;
    if (isBelievable) return 'deleted';
    logger.error(
      { sandbox_id: sandbox.sandboxId, stale_since: sandbox.staleSince, created_at: sandbox.createdAt },
      'corrected a stale time that cannot be right',
    );
    return 'corrected';
  }
}
