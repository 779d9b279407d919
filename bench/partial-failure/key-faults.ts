import { createHash } from 'node:crypto';
import { shardOf } from '../../app/store/table';

/*
 * Faults as DynamoDB has them: not by chance over all calls, but by key, because a partition is throttled or hangs.
 */

/** What happens to every call that names a key of a certain set. */
export interface KeyFault {
  /** `throttle`: refused for its rate. `hang`: neither carried out nor answered. */
  kind: 'throttle' | 'hang';
  /** Whether a partition key (`SBX#…`, `CLAIM#…`), or the hash key of an index (`available#3`), is in the set. */
  isBad: (key: string) => boolean;
}

const SANDBOX_PREFIX = 'SBX#';
const CLAIM_PREFIX = 'CLAIM#';
/** One byte of a hash has this many values. */
const BYTE_RANGE = 256;

/**
 * One shard of the status index is throttled: its index keys, and the sandboxes whose writes go there, as a hot index
 * partition throttles the writes to its table.
 *
 * @param claimShare this share of the claims is throttled as well, chosen by hash: 0 for none, 0.125 for an eighth.
 */
export function throttledShard(shard: number, claimShare = 0): KeyFault {
  return {
    kind: 'throttle',
    isBad: (key) => {
      if (key.startsWith(SANDBOX_PREFIX)) return shardOf(key.slice(SANDBOX_PREFIX.length)) === shard;
      if (key.startsWith(CLAIM_PREFIX)) return isInShare(key, claimShare, shard);
      return /^[a-z_]+#\d+$/.test(key) && key.endsWith(`#${shard}`);
    },
  };
}

/**
 * A share of the table's partition keys hangs, sandboxes and claims alike, chosen by hash. The indexes answer.
 *
 * @param salt another one chooses other keys.
 */
export function hangingKeys(share: number, salt: number): KeyFault {
  return {
    kind: 'hang',
    isBad: (key) =>
      (key.startsWith(SANDBOX_PREFIX) || key.startsWith(CLAIM_PREFIX)) && isInShare(key, share, salt),
  };
}

/**
 * By another hash than `shardOf`: the last bits of that one, over `SBX#` and an id, are a permutation of those over the
 * id alone, so a quarter of the keys would be two whole shards.
 */
function isInShare(key: string, share: number, salt: number): boolean {
  const [byte = 0] = createHash('md5').update(`${salt} ${key}`).digest();
  return byte < share * BYTE_RANGE;
}
