import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { startFaultProxy, type FaultProxy } from '../../../bench/partial-failure/fault-proxy';
import type { KeyFault } from '../../../bench/partial-failure/key-faults';
import { LOCAL_AWS_ENVIRONMENT } from '../../../local/engine/local-credentials';

/** Answers every call with an empty output, and counts them. */
let engine: Server;
let reachedEngineCount: number;
let proxy: FaultProxy;
let client: DynamoDBClient;

beforeEach(async () => {
  reachedEngineCount = 0;
  engine = createServer((request, response) => {
    reachedEngineCount += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
  proxy = await startFaultProxy(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`);
  client = new DynamoDBClient({
    region: LOCAL_AWS_ENVIRONMENT.AWS_REGION,
    endpoint: proxy.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

afterEach(async () => {
  client.destroy();
  await proxy.stop();
  engine.close();
  await once(engine, 'close');
});

const key = (PK: string): { PK: { S: string }; SK: { S: string } } => ({ PK: { S: PK }, SK: { S: 'META' } });
const get = (PK: string): GetItemCommand => new GetItemCommand({ TableName: 'T', Key: key(PK) });
const query = (shard: string): QueryCommand =>
  new QueryCommand({
    TableName: 'T',
    KeyConditionExpression: 'status_shard = :s',
    ExpressionAttributeValues: { ':s': { S: shard } },
  });
const take = (claim: string, sandbox: string): TransactWriteItemsCommand =>
  new TransactWriteItemsCommand({
    TransactItems: [
      { Put: { TableName: 'T', Item: key(claim) } },
      { Update: { TableName: 'T', Key: key(sandbox), UpdateExpression: 'SET a = :a' } },
    ],
  });
const bad = (kind: KeyFault['kind'], ...keys: string[]): KeyFault => ({
  kind,
  isBad: (name) => keys.includes(name),
});

describe('startFaultProxy', () => {
  it('names the throttled items of a transaction as DynamoDB does, and carries nothing out', async () => {
    proxy.setFault(bad('throttle', 'SBX#2'));

    await expect(client.send(take('CLAIM#a#a', 'SBX#2'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }],
    });
    expect(reachedEngineCount).toBe(0);
  });

  it('refuses other calls as a whole: a read of the key, a query of the index key', async () => {
    proxy.setFault(bad('throttle', 'SBX#2', 'available#3'));
    const refused = { name: 'ProvisionedThroughputExceededException' };

    await expect(client.send(get('SBX#2'))).rejects.toMatchObject(refused);
    await expect(client.send(query('available#3'))).rejects.toMatchObject(refused);
    expect(proxy.faultCount()).toBe(2);
  });

  it('lets through what names no failing key', async () => {
    proxy.setFault(bad('throttle', 'SBX#2', 'available#3'));
    await client.send(take('CLAIM#a#a', 'SBX#1'));
    await client.send(query('available#4'));

    expect(reachedEngineCount).toBe(2);
    expect(proxy.faultCount()).toBe(0);
  });

  it('leaves a call that names a hanging key without an answer until its caller gives up', async () => {
    proxy.setFault(bad('hang', 'CLAIM#a#a'));
    const giveUp = new AbortController();
    const outcome = client
      .send(take('CLAIM#a#a', 'SBX#1'), { abortSignal: giveUp.signal })
      .catch((error: unknown) => error);
    while (proxy.faultCount() === 0) await client.send(get('SBX#1'));
    giveUp.abort();

    await expect(outcome).resolves.toMatchObject({ name: 'AbortError' });
    expect(proxy.faultCount()).toBe(1);
  });
});
