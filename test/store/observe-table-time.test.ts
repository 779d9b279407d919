import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { observeTableTime } from '../../app/store/observe-table-time';
import { TableClock } from '../../app/store/table-clock';
import { FakeClock } from '../fakes/fake-clock';

const YEAR_MS = 365 * 86_400_000;

let server: Server;
let client: DynamoDBClient;
let clock: FakeClock;
let tableClock: TableClock;
let status: number;
let isCached: boolean;

beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  status = 200;
  isCached = false;
  clock = new FakeClock();
  server = createServer((_request, response) => {
    const headers = {
      Date: new Date(clock.nowMs() + YEAR_MS).toUTCString(),
      ...(isCached ? { Age: '3' } : {}),
    };
    const body = status === 200 ? {} : { __type: 'com.amazonaws.dynamodb.v20120810#ValidationException' };
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = createDynamoClient({ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` });
  tableClock = new TableClock(clock);
  observeTableTime(client, tableClock);
});

afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function callTwice(): Promise<void> {
  const command = new GetItemCommand({ TableName: 'T', Key: { PK: { S: 'a' } } });
  for (let time = 0; time < 2; time += 1) await client.send(command).catch(() => undefined);
}

describe('the time in the table’s answers', () => {
  it.each([200, 400])('corrects the clock, whatever the answer (%i)', async (answered) => {
    status = answered;
    await callTwice();

    expect(tableClock.nowMs()).toBe(clock.nowMs() + YEAR_MS);
  });

  it('is not taken from an answer that came out of a cache', async () => {
    isCached = true;
    await callTwice();

    expect(tableClock.nowMs()).toBe(clock.nowMs());
  });
});
