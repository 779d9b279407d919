import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES } from '../../app/store/table';
import { describeJobStore, sampleRun } from '../store/job-store-contract';
import { describeRunTraces } from '../store/run-traces-contract';
import { EngineTables } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

async function newStore(): Promise<DynamoJobStore> {
  const { client, names } = await tables.newHarness();
  return new DynamoJobStore(client, names);
}

describeJobStore('DynamoJobStore', newStore);
describeRunTraces('DynamoJobStore', newStore);

describe('DynamoJobStore, on its table', () => {
  it('shares nothing with the pool: neither listings nor counts see its items', async () => {
    const { client, names, store, contents } = await tables.newHarness();
    const jobs = new DynamoJobStore(client, names);
    const lease = await jobs.acquireLease('cleanup', 'a', 1, 1_000);
    if (lease) await jobs.recordRun(sampleRun(), lease);
    await jobs.setControl({ runner: 'api' });

    expect(await contents()).toEqual({ sandboxes: [], claims: [] });
    expect(Object.values(await store.countByStatus())).toEqual([0, 0, 0, 0, 0]);
  });

  it('stands under the keys that the rollback and the on-call command line know', async () => {
    const { client, names } = await tables.newHarness();
    const jobs = new DynamoJobStore(client, names);
    const lease = await jobs.acquireLease('auto-expiry', 'a', 1, 1_000);
    if (lease) await jobs.recordRun(sampleRun({ job: 'auto-expiry' }), lease);
    await jobs.setControl({ runner: 'api', reason: 'Incident 7' });
    const get = async (pk: string, sk: string): Promise<unknown> => {
      const key = { PK: { S: pk }, SK: { S: sk } };
      return (await client.send(new GetItemCommand({ TableName: names.table, Key: key }))).Item;
    };

    expect(await get('LEASE#auto-expiry', 'META')).toMatchObject({ holder: { S: 'a' } });
    expect(await get('JOB#auto-expiry', 'LAST')).toMatchObject({ next_due_at: { N: '1700000310' } });
    expect(await get('CONTROL#jobs', 'META')).toMatchObject({
      runner: { S: 'api' },
      reason: { S: 'Incident 7' },
    });
  });
});

describe('DynamoJobStore, on a table that is too busy', () => {
  const lease = { job: 'cleanup', holder: 'a', fencingNumber: 1, expiresAtMs: 60_000 } as const;

  /** A table that answers every call with that error, as DynamoDB names it. */
  function refusingStore(errorName: string): DynamoJobStore {
    const client = new DynamoDBClient({
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      requestHandler: {
        handle: () =>
          Promise.reject(Object.assign(new Error('too busy'), { name: errorName, $metadata: {} })),
      },
    });
    return new DynamoJobStore(client, DEFAULT_TABLE_NAMES);
  }

  const errorNames = ['ThrottlingException', 'TransactionConflictException'];

  it.each(errorNames)('gives no lease after %s', async (errorName) => {
    expect(await refusingStore(errorName).acquireLease('cleanup', 'a', 0, 60_000)).toBeUndefined();
  });

  it.each(errorNames)('does not take %s for the loss of a lease', async (errorName) => {
    await expect(refusingStore(errorName).renewLease(lease, 1, 60_000)).rejects.toThrow(
      StoreUnavailableError,
    );
  });

  it.each(errorNames)('does not say after %s that who runs the jobs was changed', async (errorName) => {
    await expect(refusingStore(errorName).setControl({ runner: 'api' })).rejects.toThrow(
      StoreUnavailableError,
    );
  });

  // Else the runner says that a later holder has recorded, and the job is run once more within half a minute.
  it.each(errorNames)('does not take %s for the record of a later holder', async (errorName) => {
    await expect(refusingStore(errorName).recordRun(sampleRun(), lease)).rejects.toThrow(
      StoreUnavailableError,
    );
  });
});
