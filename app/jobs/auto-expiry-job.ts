import { hasBelievableTimes } from '../allocation/believable-times';
import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import { isPastGrace, type AllocatedSandbox } from '../allocation/sandbox';
import { correctAllocation, requestDeletion } from '../allocation/transitions';
import { CLOCK_TOLERANCE_SECONDS } from '../store/clock-tolerance';
import { rowsByStatus, UnreadShards, type InventoryStore } from '../store/inventory-store';
import type { SandboxStore } from '../store/sandbox-store';
import { concludePass } from './conclude-pass';
import type { Job, JobContext, JobReport } from './job';
import { RowWriter } from './row-writer';
import { TableFaults } from './table-faults';

export interface AutoExpiryDependencies {
  store: Pick<SandboxStore, 'endAllocation'>;
  inventory: Pick<InventoryStore, 'listByStatus' | 'save'>;
  clock: Clock;
  random: Random;
}

/**
 * Takes back what nobody gave back: allocations past their end and the grace period go to `pending_deletion`.
 *
 * An allocation whose times no setting could have written (it begins in the future, or is longer than any lab) neither
 * holds its sandbox for a year nor is ended at once: it gets one lab duration from now, once, and is counted.
 */
export class AutoExpiryJob implements Job {
  readonly name = 'auto-expiry';

  constructor(
    private readonly deps: AutoExpiryDependencies,
    private readonly gracePeriodSeconds: number,
    private readonly labDurationSeconds: number,
  ) {}

  async run(context: JobContext): Promise<JobReport> {
    const { inventory, clock } = this.deps;
    const { gracePeriodSeconds, labDurationSeconds } = this;
    const counts = { expired: 0, corrected: 0 };
    const unread = new UnreadShards();
    const faults = new TableFaults(context.logger);
    const writer = new RowWriter({ ...this.deps, logger: context.logger });
    const end = (): JobReport => {
      const report = faults.conclude({ outcome: 'success', counts: { ...counts, ...writer.counts() } });
      return concludePass(report, unread);
    };
    const now = nowSeconds(clock);
    const ranges = [
      { upTo: now - gracePeriodSeconds },
      // No allocation of today's settings ends later. Those that do are few, and not all of them are wrong.
      { from: now + labDurationSeconds + CLOCK_TOLERANCE_SECONDS + 1 },
    ];
    for (const range of ranges) {
      for await (const rows of rowsByStatus(inventory, 'allocated', { ...range, unread, run: context })) {
        for (const sandbox of rows) {
          if (context.signal.aborted)
            return { outcome: 'stopped', counts: { ...counts, ...writer.counts() } };
          if (faults.isTableDown) return end();
          if (sandbox.status !== 'allocated') continue;
          const done = await this.#workOn(sandbox, { faults, writer }, context);
          if (done) counts[done] += 1;
        }
      }
    }
    return end();
  }

  async #workOn(
    sandbox: AllocatedSandbox,
    { faults, writer }: { faults: TableFaults; writer: RowWriter },
    { logger, onProgress }: JobContext,
  ): Promise<'expired' | 'corrected' | undefined> {
    const { store, inventory, clock } = this.deps;
    const { gracePeriodSeconds, labDurationSeconds } = this;
    const now = nowSeconds(clock);
    const { sandboxId, allocation } = sandbox;
    const { caller, trackName, allocatedAt, expiresAt } = allocation;
    const isBelievable = hasBelievableTimes(sandbox, now);
    if (isBelievable && !isPastGrace(sandbox, now, gracePeriodSeconds)) return undefined;
    const write = isBelievable
      ? () => store.endAllocation(sandbox, requestDeletion(sandbox, now))
      : () => inventory.save(sandbox, correctAllocation(sandbox, labDurationSeconds, now));
    const outcome = await faults.attempt(sandboxId, () => writer.write(sandboxId, write));
    onProgress();
    if (outcome?.kind !== 'written') return undefined;
    const facts = { sandbox_id: sandboxId, caller, track_name: trackName };
    if (isBelievable) {
      logger.info(facts, 'expired an allocation');
      return 'expired';
    }
    logger.error(
      { ...facts, allocated_at: allocatedAt, expires_at: expiresAt },
      'corrected an allocation whose times cannot be right',
    );
    return 'corrected';
  }
}
