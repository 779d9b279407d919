import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { allocatedSandbox, availableSandbox } from '../../fakes/sandbox-samples';
import { seededRandom } from '../../fakes/seeded-random';
import { sandboxToItem, type Item } from '../../../app/store/items';
import { DEFAULT_TABLE_NAMES, tableDefinition } from '../../../app/store/table';
import type { EngineFault } from '../plan/phases';
import { openEngineDoor, type EngineDoor } from './engine-door';
import { LeaseJournal } from './lease-journal';
import { RowHistory } from './row-history';

/** An engine that takes every write, and remembers the last row. */
let engine: Server;
let row: Item | undefined;
let writeCount: number;
let fault: EngineFault | undefined;
let history: RowHistory;
let door: EngineDoor;
let client: DynamoDBClient;

beforeEach(async () => {
  row = undefined;
  writeCount = 0;
  fault = undefined;
  engine = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
      const input = JSON.parse(Buffer.concat(chunks).toString()) as { Item?: Item };
      const isRead = String(incoming.headers['x-amz-target']).endsWith('GetItem');
      if (!isRead) {
        writeCount += 1;
        row = input.Item ?? row;
      }
      outgoing.end(JSON.stringify(isRead && row ? { Item: row } : {}));
    })();
  });
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  history = new RowHistory();
  door = await openEngineDoor({
    engineEndpoint: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
    table: tableDefinition(DEFAULT_TABLE_NAMES),
    history,
    leases: new LeaseJournal(),
    random: seededRandom(1),
    rates: () => (fault ? { [fault]: 1 } : {}),
    maxIndexLagMs: () => 0,
  });
  client = impatientClient();
});

afterEach(async () => {
  client.destroy();
  await door.stop();
  engine.closeAllConnections();
  engine.close();
});

/** It tries once: what it meets is what the test has set. */
function impatientClient(): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: door.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

const ITEM = sandboxToItem(availableSandbox());
const put = (item: Item = ITEM): Promise<unknown> =>
  client.send(new PutItemCommand({ TableName: DEFAULT_TABLE_NAMES.table, Item: item }));
const transact = (item: Item = ITEM): Promise<unknown> =>
  client.send(
    new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'T', Item: item } }, { Delete: { TableName: 'T', Key: item } }],
    }),
  );

async function errorOf(
  call: () => Promise<unknown>,
): Promise<Error & { CancellationReasons?: { Code: string }[] }> {
  return call().then(
    () => new Error('it went well'),
    (error: unknown) => error as Error,
  );
}

it('lets calls through, and looks at the row that a write has touched', async () => {
  await put();

  expect(history.restingFrom(Date.now(), Date.now())).toEqual(['2009521']);
});

it.each<EngineFault>(['cut_after', 'half_answer', 'short_answer'])(
  'makes the write and loses the answer: %s',
  async (kind) => {
    fault = kind;

    expect((await errorOf(put)).message).not.toBe('it went well');
    expect(writeCount).toBe(1);
    expect(history.restingFrom(Date.now(), Date.now())).toEqual(['2009521']);
  },
);

it.each<EngineFault>(['cut_before', 'error', 'throttled', 'conflict'])('makes no write: %s', async (kind) => {
  fault = kind;

  expect((await errorOf(put)).message).not.toBe('it went well');
  expect(writeCount).toBe(0);
});

it('judges how a row begins by the write, whether it is put alone or with others', async () => {
  const held = sandboxToItem(allocatedSandbox());
  await put();
  await transact();
  expect(history.violations).toEqual([]);

  await transact(held);
  await put({ ...held, version: { N: '7' } });
  expect(history.violations.filter((violation) => violation.includes('to begin'))).toEqual([
    'sandbox 2009521 was to begin as allocated',
    'sandbox 2009521 was to begin as allocated',
  ]);
});

it('makes a write late, when its sender has given up', async () => {
  fault = 'late';

  expect((await errorOf(put)).message).not.toBe('it went well');
  expect(door.isQuiet()).toBe(false);
  while (!door.isQuiet()) await new Promise(setImmediate);
  expect(writeCount).toBe(1);
});

it('speaks as DynamoDB does, so that the SDK understands', async () => {
  fault = 'conflict';
  expect((await errorOf(put)).name).toBe('TransactionConflictException');
  const cancelled = await errorOf(transact);
  expect(cancelled.name).toBe('TransactionCanceledException');
  expect(cancelled.CancellationReasons?.map(({ Code }) => Code).sort()).toEqual([
    'None',
    'TransactionConflict',
  ]);

  fault = 'in_progress';
  expect((await errorOf(transact)).name).toBe('TransactionInProgressException');

  fault = 'error';
  expect(['InternalServerError', 'ServiceUnavailableException']).toContain((await errorOf(put)).name);

  fault = 'throttled';
  const names = new Set<string>();
  for (let tries = 0; tries < 30; tries += 1) names.add((await errorOf(put)).name);
  expect([...names].sort()).toEqual([
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'ThrottlingException',
  ]);
});

it('keeps book of leases by what the engine has granted', async () => {
  const leases = new LeaseJournal();
  await door.stop();
  door = await openEngineDoor({
    engineEndpoint: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
    table: tableDefinition(DEFAULT_TABLE_NAMES),
    history,
    leases,
    random: seededRandom(1),
    rates: () => ({}),
    maxIndexLagMs: () => 0,
  });
  client.destroy();
  client = impatientClient();

  await client.send(
    new UpdateItemCommand({
      TableName: 'T',
      Key: { PK: { S: 'LEASE#sync' }, SK: { S: 'META' } },
      UpdateExpression: 'SET holder = :holder, expires_at_ms = :expires ADD fencing_number :one',
      ExpressionAttributeValues: { ':holder': { S: 'a' }, ':expires': { N: '1' }, ':one': { N: '1' } },
    }),
  );

  expect(leases.grantCount).toBe(1);
});
