import { DynamoDBServiceException, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { DynamoTable } from '../../app/store/dynamo-table';
import { StoreUnavailableError, type CallOptions } from '../../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES } from '../../app/store/table';
import { StallingServer } from '../aws/stalling-server';

const ABOUT = { message: 'as DynamoDB says', $metadata: {} };
const DENIED = new DynamoDBServiceException({ ...ABOUT, name: 'AccessDeniedException', $fault: 'client' });
const INVALID = new DynamoDBServiceException({ ...ABOUT, name: 'ValidationException', $fault: 'client' });
const KEY = { PK: { S: 'a' } };

/** A table whose client throws these errors in turn and then answers; it sleeps without waiting. */
function tableAfter(errors: Error[]): { table: DynamoTable; sent: jest.Mock; slept: number[] } {
  const sent = jest.fn(() => {
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve({});
  });
  const slept: number[] = [];
  const sleep = (durationMs: number): Promise<void> => {
    slept.push(durationMs);
    return Promise.resolve();
  };
  return { table: new DynamoTable({ send: sent }, DEFAULT_TABLE_NAMES, sleep), sent, slept };
}

const CALLS: [string, (table: DynamoTable, options?: CallOptions) => Promise<unknown>][] = [
  ['get', (table, options) => table.get(KEY, 'ping', options)],
  ['query', (table, options) => table.query({}, 'list', options)],
  ['countAll', (table, options) => table.countAll({}, 'count', options)],
  ['put', (table, options) => table.put({ Item: KEY }, 'add', options)],
  ['update', (table, options) => table.update({ Key: KEY }, 'save', options)],
  ['delete', (table, options) => table.delete({ Key: KEY }, 'remove', options)],
];

describe.each(CALLS)('%s of a table that denies access', (_name, call) => {
  it('is repeated for a second and then says that the store is unavailable', async () => {
    const { table, sent, slept } = tableAfter(Array<Error>(10).fill(DENIED));

    await expect(call(table)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(sent).toHaveBeenCalledTimes(4);
    expect(slept.reduce((sum, ms) => sum + ms)).toBe(1_000);
  });

  it('succeeds when the credentials are valid again', async () => {
    const { table, sent } = tableAfter([DENIED, new ResourceNotFoundException(ABOUT)]);

    await call(table);

    expect(sent).toHaveBeenCalledTimes(3);
  });

  it('is not repeated for a caller who has given up, and says why it failed', async () => {
    const { table, sent } = tableAfter([DENIED, DENIED]);

    const failed = call(table, { signal: AbortSignal.abort() });

    await expect(failed).rejects.toMatchObject({ name: 'StoreUnavailableError', cause: DENIED });
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it('fails at once, with what DynamoDB says, when the request itself is at fault', async () => {
    const { table, sent } = tableAfter([INVALID]);

    // A write shows it as the fault of its row, with the SDK's error as the cause.
    const error: unknown = await call(table).catch((caught: unknown) => caught);
    expect([error, (error as Error).cause]).toContain(INVALID);
    expect(sent).toHaveBeenCalledTimes(1);
  });
});

it('a transaction that is denied access is repeated, too, and throws what the SDK throws', async () => {
  const { table, sent } = tableAfter(Array<Error>(10).fill(DENIED));

  await expect(table.transact([])).rejects.toBe(DENIED);
  expect(sent).toHaveBeenCalledTimes(4);
});

it('a read without a signal ends when its response stalls behind the headers', async () => {
  const server = await StallingServer.start('after_headers');
  process.env.AWS_ACCESS_KEY_ID = 'none';
  process.env.AWS_SECRET_ACCESS_KEY = 'none';
  const client = createDynamoClient({ region: 'us-east-1', endpoint: server.url });

  const read = new DynamoTable(client, DEFAULT_TABLE_NAMES).get(KEY, 'getRun');

  await expect(read).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(server.requestCount).toBe(3);
  await server.stop();
});
