import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { close, listen } from '../../app/http-listener';
import { Lifecycle } from '../../app/lifecycle';
import { createHealthServer } from '../../worker/health-server';

let server: Server;
let lifecycle: Lifecycle;
let stalled: string[];

beforeEach(async () => {
  lifecycle = new Lifecycle();
  stalled = [];
  server = await listen(
    createHealthServer({ lifecycle, stalled: () => stalled, registry: new Registry() }),
    0,
  );
});

afterEach(async () => {
  await close(server);
});

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

describe('/healthz of the worker', () => {
  it('fails until the table has answered', async () => {
    expect(await get('/healthz')).toEqual({ status: 503, body: { status: 'starting', stalled: [] } });
  });

  it('is fine while the worker serves and nothing has stalled', async () => {
    lifecycle.started();

    expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok', stalled: [] } });
  });

  it('fails when a job has stalled, and says which', async () => {
    lifecycle.started();
    stalled = ['sync'];

    expect(await get('/healthz')).toEqual({ status: 503, body: { status: 'stalled', stalled: ['sync'] } });
  });

  it('fails while the worker drains', async () => {
    lifecycle.started();
    lifecycle.drain();

    expect(await get('/healthz')).toEqual({ status: 503, body: { status: 'draining', stalled: [] } });
  });
});

it('answers /metrics, and tells everybody else where to look', async () => {
  expect((await get('/metrics')).status).toBe(200);
  expect((await get('/')).status).toBe(404);
});
