import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoSandboxStore } from '../../app/store/dynamo-sandbox-store';
import { statusShard } from '../../app/store/items';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES } from '../../app/store/table';
import { keyedFaultClient } from '../fakes/keyed-fault-client';
import type { FaultOfKey } from '../fakes/keyed-faults';
import { recordingLogger } from '../fakes/loggers';

/* Counts while parts of the index do not answer. What is counted is in the contract of the store. */

/** A store on a table with one row in each shard of each status, and how many queries it has made. */
function newStore(faultOf: FaultOfKey): {
  store: DynamoSandboxStore;
  queries: string[];
  lines: ReturnType<typeof recordingLogger>['lines'];
} {
  const { logger, lines } = recordingLogger();
  const queries: string[] = [];
  const inner = { send: () => Promise.resolve({ Count: 1 }) } as unknown as DynamoDBClient;
  const client = keyedFaultClient(inner, (partition, access) => {
    queries.push(partition);
    return faultOf(partition, access);
  });
  return { store: new DynamoSandboxStore(client, DEFAULT_TABLE_NAMES, logger), queries, lines };
}

const WHOLE = {
  available: 8,
  allocated: 8,
  pending_deletion: 8,
  deletion_unconfirmed: 8,
  deletion_failed: 8,
};

describe('DynamoSandboxStore.countByStatus', () => {
  it('leaves out the status of a throttled shard, names it in the log, and counts all others', async () => {
    const { store, lines } = newStore((key) => (key === statusShard('stale', 3) ? 'throttled' : undefined));

    expect(await store.countByStatus()).toEqual(WHOLE);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'could not count the sandboxes in a status', status: 'stale' }),
    );
  });

  it('throws, without asking for every status, when the table does not answer at all', async () => {
    const { store, queries } = newStore(() => 'throttled');

    await expect(store.countByStatus()).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(queries.every((key) => key.startsWith('available#'))).toBe(true);
  });

  it('throws when a shard of every status is silent: nothing could be counted', async () => {
    const { store } = newStore((key) => (key.endsWith('#3') ? 'throttled' : undefined));

    await expect(store.countByStatus()).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
