import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { DynamoJobStore } from '../../app/store/dynamo-job-store';
import { UnreadableRecordError } from '../../app/store/job-store';
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
    expect(new Set(Object.values(await store.countByStatus()))).toEqual(new Set([0]));
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

describe('DynamoJobStore, on items that it did not write', () => {
  const NOW_MS = 1_700_000_000_000;
  const TTL_MS = 60_000;
  const LEASE = { holder: { S: 'x' }, expires_at_ms: { N: '0' }, fencing_number: { N: '7' } };
  const RUN = {
    started_at: { N: '1' },
    duration_ms: { N: '1' },
    outcome: { S: 'success' },
    counts: { M: {} },
    run_by: { S: 'x' },
    next_due_at: { N: '1' },
    fencing_number: { N: '1' },
  };

  async function storeWith(
    item: Record<string, AttributeValue>,
    pk: string,
    sk: string,
  ): Promise<DynamoJobStore> {
    const { client, names } = await tables.newHarness();
    const Item = { ...item, PK: { S: pk }, SK: { S: sk } };
    await client.send(new PutItemCommand({ TableName: names.table, Item }));
    return new DynamoJobStore(client, names);
  }

  it.each<[string, Record<string, AttributeValue>]>([
    ['without an end', { holder: LEASE.holder, fencing_number: LEASE.fencing_number }],
    ['whose end is a text', { ...LEASE, expires_at_ms: { S: 'soon' } }],
    ['that ends in a year', { ...LEASE, expires_at_ms: { N: String(NOW_MS + 365 * 86_400_000) } }],
    ['whose fencing number is a text', { ...LEASE, fencing_number: { S: '7' } }],
    ['whose fencing number is beyond counting', { ...LEASE, fencing_number: { N: '1e37' } }],
    ['whose fencing number is a fraction', { ...LEASE, fencing_number: { N: '1.5' } }],
    ['whose fencing number is the last there is', { ...LEASE, fencing_number: { N: '999999999999999' } }],
    ['whose fencing number is the last safe one', { ...LEASE, fencing_number: { N: '9007199254740991' } }],
    ['with nothing in it', {}],
  ])('gives a lease %s away after one lease, to one', async (_what, item) => {
    const jobs = await storeWith(item, 'LEASE#cleanup', 'META');
    const take = (holder: string, nowMs: number): ReturnType<DynamoJobStore['acquireLease']> =>
      jobs.acquireLease('cleanup', holder, nowMs, TTL_MS);

    expect(await take('a', NOW_MS)).toBeUndefined();
    expect(await take('b', NOW_MS + TTL_MS - 1)).toBeUndefined();
    const leases = await Promise.all(['a', 'b', 'c'].map((holder) => take(holder, NOW_MS + TTL_MS)));

    const [lease, ...others] = leases.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(lease && (await jobs.recordRun(sampleRun(), lease))).toBe(true);
  });

  it.each<[string, Record<string, AttributeValue>]>([
    ['that makes no sense', { outcome: { N: '7' } }],
    ['with a fencing number that no lease has given', { ...RUN, fencing_number: { N: '999999' } }],
    ['with a fencing number that is a text', { ...RUN, fencing_number: { S: 'x' } }],
  ])('records over a run %s, and only for the holder of the lease', async (_what, item) => {
    const jobs = await storeWith(item, 'JOB#cleanup', 'LAST');
    const old = await jobs.acquireLease('cleanup', 'a', NOW_MS, TTL_MS);
    const lease = await jobs.acquireLease('cleanup', 'b', NOW_MS + TTL_MS, TTL_MS);
    if (!old || !lease) throw new Error('no lease');

    expect(await jobs.recordRun(sampleRun({ runBy: 'a' }), old)).toBe(false);
    expect(await jobs.recordRun(sampleRun({ runBy: 'b' }), lease)).toBe(true);
    expect(await jobs.getRun('cleanup')).toMatchObject({ runBy: 'b' });
  });

  it('reads an outcome of another release as unknown', async () => {
    const jobs = await storeWith({ ...RUN, outcome: { S: 'postponed' } }, 'JOB#cleanup', 'LAST');

    expect(await jobs.getRun('cleanup')).toMatchObject({ outcome: 'unknown', nextDueAt: 1 });
  });

  it('says of a run and a lease that make no sense that they cannot be read', async () => {
    const runs = await storeWith({ outcome: { N: '7' } }, 'JOB#cleanup', 'LAST');
    await expect(runs.getRun('cleanup')).rejects.toThrow(UnreadableRecordError);
    const leases = await storeWith({}, 'LEASE#cleanup', 'META');
    await expect(leases.getLease('cleanup', NOW_MS)).rejects.toThrow(UnreadableRecordError);
  });

  it('reads a runner of another release as unknown, and changes it only as it was seen', async () => {
    const jobs = await storeWith({ runner: { S: 'batch' }, since: { N: '5' } }, 'CONTROL#jobs', 'META');
    const seen = await jobs.getControl();

    expect(seen).toMatchObject({ runner: 'unknown', storedRunner: 'batch', since: 5 });
    expect(await jobs.changeControl({ ...seen, storedRunner: 'other' }, { runner: 'api' })).toBe(false);
    expect(await jobs.changeControl(seen, { ...seen, personChangedAt: 9 })).toBe(true);
    expect(await jobs.getControl()).toMatchObject({ storedRunner: 'batch', personChangedAt: 9 });
    expect(await jobs.changeControl(await jobs.getControl(), { runner: 'api' })).toBe(true);
  });
});
