/**
 * The one definition of the table: the local engine, the tests and the Terraform resource are all made from it.
 * The design is told in docs/architecture.md.
 */

/** Where the table and its indexes are found. The names come from configuration, never from a literal. */
export interface TableNames {
  table: string;
  /** GSI1: what is in a status, in that status's own order. */
  statusIndex: string;
  /** GSI2: what a caller holds or held. */
  trackIndex: string;
  /** GSI3: what is in a status, by name. */
  nameIndex: string;
}

export const DEFAULT_TABLE_NAMES: TableNames = {
  table: 'SandboxPool',
  statusIndex: 'StatusIndex',
  trackIndex: 'TrackIndex',
  nameIndex: 'NameIndex',
};

/** DynamoDB deletes items some time after this attribute's Unix seconds; until then readers skip them. */
export const TTL_ATTRIBUTE = 'ttl';

type KeyAttributeType = 'S' | 'N';

export interface KeyDefinition {
  hashKey: string;
  rangeKey: string;
}

export interface IndexDefinition extends KeyDefinition {
  name: string;
}

export interface TableDefinition extends KeyDefinition {
  name: string;
  ttlAttribute: string;
  /** Only key attributes: DynamoDB refuses a definition that lists others. */
  attributes: { name: string; type: KeyAttributeType }[];
  /** All project every attribute: a candidate must carry the whole answer, and a listing the whole row. */
  indexes: IndexDefinition[];
}

/** The table under the names of one environment. */
export function tableDefinition(names: TableNames): TableDefinition {
  return {
    name: names.table,
    hashKey: 'PK',
    rangeKey: 'SK',
    ttlAttribute: TTL_ATTRIBUTE,
    attributes: [
      { name: 'PK', type: 'S' },
      { name: 'SK', type: 'S' },
      { name: 'status_shard', type: 'S' },
      { name: 'status_order', type: 'N' },
      { name: 'allocated_to_track', type: 'S' },
      { name: 'allocated_at', type: 'N' },
      { name: 'name', type: 'S' },
    ],
    indexes: [
      { name: names.statusIndex, hashKey: 'status_shard', rangeKey: 'status_order' },
      { name: names.trackIndex, hashKey: 'allocated_to_track', rangeKey: 'allocated_at' },
      { name: names.nameIndex, hashKey: 'status_shard', rangeKey: 'name' },
    ],
  };
}

/** How many partitions a status is spread over: one index key takes only 1,000 writes a second. */
export const SHARD_COUNT = 8;

/** The shard of a sandbox, the same for all of its life: FNV-1a (Fowler–Noll–Vo, 32 bits) over the id. */
export function shardOf(sandboxId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(sandboxId)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % SHARD_COUNT;
}

/** Available sandboxes stand at a random whole number below this one. */
export const QUEUE_POSITION_LIMIT = 2 ** 32;
