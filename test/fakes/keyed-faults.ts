import type { Item } from '../../app/store/items';
import { claimKey, sandboxKey, statusShard } from '../../app/store/items';
import { shardOf } from '../../app/store/table';

/**
 * What befalls every request that touches a partition key, as DynamoDB's faults do.
 * - `throttled`: the partition takes no more requests for the moment.
 * - `hanging`: no answer, until the caller gives up.
 * - `conflict`: another transaction works on the item. Writes only.
 */
export type KeyFault = 'throttled' | 'hanging' | 'conflict';

export type KeyAccess = 'read' | 'write';

/** Decides by the partition key, such as `SBX#2009521`, `CLAIM#student-1#key`, or `available#3` of an index. */
export type FaultOfKey = (partitionKey: string, access: KeyAccess) => KeyFault | undefined;

export function sandboxPartition(sandboxId: string): string {
  return partitionKeyOf(sandboxKey(sandboxId));
}

export function claimPartition(caller: string, idempotencyKey: string): string {
  return partitionKeyOf(claimKey(caller, idempotencyKey));
}

/** The index partition that lists an available sandbox, and that each allocation of it writes to. */
export function availablePartition(sandboxId: string): string {
  return statusShard('available', shardOf(sandboxId));
}

export function partitionKeyOf(key: Item | undefined): string {
  return key?.PK?.S ?? '';
}

/** The fault of a write to a sandbox: of its row, or of the index that has to follow. */
export function faultOfSandboxWrite(faultOf: FaultOfKey, sandboxId: string): KeyFault | undefined {
  return faultOf(sandboxPartition(sandboxId), 'write') ?? faultOf(availablePartition(sandboxId), 'write');
}

/** The same fault for every key of one shard of available sandboxes: rows that leave it, and lists of it. */
export function faultOfShard(shard: number, fault: KeyFault): FaultOfKey {
  const partition = statusShard('available', shard);
  return (partitionKey) => (partitionKey === partition ? fault : undefined);
}

/** The same fault for a share, from 0 to 1, of all sandboxes and claims. The same keys each time. */
export function faultOfShare(share: number, fault: KeyFault): FaultOfKey {
  return (partitionKey) => {
    const isRow = partitionKey.startsWith('SBX#') || partitionKey.startsWith('CLAIM#');
    return isRow && fractionOf(partitionKey) < share ? fault : undefined;
  };
}

/** A number in [0, 1) that depends on the text alone: FNV-1a, with a final mix for texts that differ at their end. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
