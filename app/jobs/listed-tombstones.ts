import { nowSeconds, type Clock } from '../allocation/clock';
import type { DeletedSandbox } from '../allocation/sandbox';
import { keepForever } from '../allocation/transitions';
import type { Logger } from '../logger';
import type { InventoryStore } from '../store/inventory-store';
import type { RowWriter } from './row-writer';

const MAX_IDS_LOGGED = 20;

export interface ListedTombstonesDependencies {
  inventory: Pick<InventoryStore, 'guardAccount' | 'save'>;
  clock: Clock;
  writer: RowWriter;
}

/** Accounts that count as deleted and that the portal lists all the same, as one sync finds them. */
export class ListedTombstones {
  readonly #sandboxIds = new Set<string>();

  constructor(private readonly deps: ListedTombstonesDependencies) {}

  get count(): number {
    return this.#sandboxIds.size;
  }

  /**
   * Counts a tombstone whose account is listed, and keeps it for ever: one of an earlier release has no guard, and would
   * be removed some day, and its account would come back as new.
   */
  async keep(row: DeletedSandbox): Promise<void> {
    const { inventory, clock, writer } = this.deps;
    const { sandboxId } = row;
    this.#sandboxIds.add(sandboxId);
    await writer.write(sandboxId, () => inventory.guardAccount(row));
    if (row.forgetAt === undefined) return;
    await writer.write(sandboxId, () => inventory.save(row, keepForever(row, nowSeconds(clock))));
  }

  /** Logs what was found; nothing when there is nothing. */
  report(logger: Logger): void {
    if (this.count === 0) return;
    logger.warn(
      {
        action: 'sync',
        outcome: 'listed_after_deletion',
        listed_after_deletion: this.count,
        sandbox_ids: [...this.#sandboxIds].slice(0, MAX_IDS_LOGGED),
      },
      'the portal lists accounts that count as deleted: they stay out of the pool',
    );
  }
}
