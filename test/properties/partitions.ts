import { shardOf } from '../../app/store/table';

/**
 * What can befall one shard. `reads throttled`: the index answers no query of it. `writes throttled`: its rows take no
 * write. `hanging`: no call that has to do with it is answered.
 */
export const PARTITION_EFFECTS = ['reads throttled', 'writes throttled', 'hanging'] as const;
export type PartitionEffect = (typeof PARTITION_EFFECTS)[number];

/** Which shards of the table are not well at the moment: throttling is by key, as DynamoDB's is. */
export class Partitions {
  readonly #effects = new Map<number, PartitionEffect>();

  set(shard: number, effect: PartitionEffect | undefined): void {
    if (effect === undefined) this.#effects.delete(shard);
    else this.#effects.set(shard, effect);
  }

  recover(): void {
    this.#effects.clear();
  }

  isWell(sandboxId: string): boolean {
    return !this.#effects.has(shardOf(sandboxId));
  }

  /** True when some index cannot be read to its end. */
  get hasUnreadable(): boolean {
    return [...this.#effects.values()].some((effect) => effect !== 'writes throttled');
  }

  get areWell(): boolean {
    return this.#effects.size === 0;
  }

  /** What this call of the table meets, if it has to do with such a shard. */
  effectOn(args: readonly unknown[], isWrite: boolean): PartitionEffect | undefined {
    const [about] = args;
    const isQuery = hasShard(about);
    const shard = isQuery ? about.shard : shardOfRow(about);
    const effect = shard === undefined ? undefined : this.#effects.get(shard);
    if (effect === 'reads throttled' && !isQuery) return undefined;
    if (effect === 'writes throttled' && !isWrite) return undefined;
    return effect;
  }
}

function hasShard(about: unknown): about is { shard: number } {
  return typeof about === 'object' && about !== null && 'shard' in about && typeof about.shard === 'number';
}

/** Rows are named by themselves, or by their ids, which are numbers. */
function shardOfRow(about: unknown): number | undefined {
  if (typeof about === 'string') return /^\d+$/.test(about) ? shardOf(about) : undefined;
  const isRow = typeof about === 'object' && about !== null && 'externalId' in about && 'sandboxId' in about;
  return isRow ? shardOf(String(about.sandboxId)) : undefined;
}
