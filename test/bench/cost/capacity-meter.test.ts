import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCapacityMeter, type CapacityMeter } from '../../../bench/cost/capacity-meter';

/** What the stand-in for the engine was asked last, and what it answers. */
let asked: { target: string | undefined; body: string };
let answer: { status: number; body: string };
let engine: Server;
let meter: CapacityMeter;

beforeEach(async () => {
  answer = { status: 200, body: '{"ConsumedCapacity":{"CapacityUnits":0.5},"Count":7}' };
  engine = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked = { target: request.headers['x-amz-target'] as string | undefined, body };
      response.writeHead(answer.status).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  meter = await startCapacityMeter(`http://127.0.0.1:${(engine.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await meter.stop();
  engine.closeAllConnections();
  engine.close();
});

async function query(): Promise<Response> {
  return fetch(meter.url, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'DynamoDB_20120810.Query' },
    body: '{"IndexName":"StatusIndex"}',
  });
}

it('passes a call and its answer on, and notes what it consumed', async () => {
  const response = await query();

  expect(await response.text()).toBe(answer.body);
  expect(asked.target).toBe('DynamoDB_20120810.Query');
  expect(JSON.parse(asked.body)).toEqual({ IndexName: 'StatusIndex', ReturnConsumedCapacity: 'INDEXES' });
  expect(meter.take()).toMatchObject([
    { operation: 'Query', target: 'StatusIndex', usage: { calls: 1, readUnits: 0.5 } },
  ]);
});

it('tells each call once', async () => {
  await query();

  expect(meter.take()).toHaveLength(1);
  expect(meter.take()).toEqual([]);
});

it('passes on what is no call to DynamoDB, and counts it not', async () => {
  const response = await fetch(meter.url);

  expect(await response.text()).toBe(answer.body);
  expect(meter.take()).toEqual([]);
});

it('fails loudly when a call could not be metered', async () => {
  answer = { status: 200, body: '{"Count":7}' };

  await expect(query()).rejects.toThrow();
  expect(() => meter.take()).toThrow('A call could not be metered');
});
