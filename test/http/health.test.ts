import { systemClock } from '../../app/allocation/clock';
import { Agent } from 'node:http';
import { jsonOf } from './http-client';
import { startTestApi, stopTheClock, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await api.stop();
});

const unreachable = (): Promise<void> => Promise.reject(new Error('ECONNREFUSED'));

describe('/healthz', () => {
  it('is 503 before the first successful start, 200 from then on, and 503 while draining', async () => {
    await api.stop();
    api = await startTestApi({}, { isStarted: false });
    const starting = await api.call('/healthz');
    api.lifecycle.started();
    const serving = await api.call('/healthz');
    api.lifecycle.drain();
    const draining = await api.call('/healthz');

    expect([starting.status, jsonOf(starting)]).toEqual([503, { status: 'starting' }]);
    expect([serving.status, jsonOf(serving)]).toEqual([200, { status: 'ok' }]);
    expect([draining.status, jsonOf(draining)]).toEqual([503, { status: 'draining' }]);
    for (const { headers } of [starting, serving, draining]) {
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('never asks the table: a brownout must not make ECS kill every task', async () => {
    api.store.onPing = unreachable;
    await api.call('/readyz');

    for (let asked = 0; asked < 20; asked += 1) expect((await api.call('/healthz')).status).toBe(200);
    expect(api.store.pings).toBe(1);
  });

  it('stays 503 once draining has begun, even if the start ends afterwards', async () => {
    api.lifecycle.drain();
    api.lifecycle.started();

    expect((await api.call('/healthz')).status).toBe(503);
  });
});

describe('/readyz', () => {
  it('is 200 when the table answers', async () => {
    const answer = await api.call('/readyz');

    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toEqual({ status: 'ready', lifecycle: 'serving', checks: { dynamodb: 'ok' } });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is 503 when it does not, and says which check failed but not why', async () => {
    api.store.onPing = unreachable;

    const answer = await api.call('/readyz');

    expect(answer.status).toBe(503);
    expect(jsonOf(answer)).toEqual({
      status: 'not_ready',
      lifecycle: 'serving',
      checks: { dynamodb: 'unreachable' },
    });
  });

  it('is 503 while draining, with the table in order', async () => {
    api.lifecycle.drain();

    const answer = await api.call('/readyz');

    expect(answer.status).toBe(503);
    expect(jsonOf(answer)).toMatchObject({ lifecycle: 'draining', checks: { dynamodb: 'ok' } });
  });

  it('asks the table once for a hundred who ask at the same moment', async () => {
    stopTheClock();
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.call('/readyz')));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(api.store.pings).toBe(1);
  });

  it('asks again after two seconds, and so sees that the table is back', async () => {
    let nowMs = Math.floor(systemClock.monotonicMs());
    jest.spyOn(systemClock, 'monotonicMs').mockImplementation(() => nowMs);
    api.store.onPing = unreachable;
    expect((await api.call('/readyz')).status).toBe(503);
    api.store.onPing = () => Promise.resolve();
    expect((await api.call('/readyz')).status).toBe(503);

    nowMs += 2_000;

    expect((await api.call('/readyz')).status).toBe(200);
    expect(api.store.pings).toBe(2);
  });
});

describe('while draining', () => {
  it('requests are still served, and connections are not kept', async () => {
    const agent = new Agent({ keepAlive: true });
    const before = await api.callAsTrack('/v1/allocate', { method: 'POST', agent });
    api.lifecycle.drain();
    const during = await api.callAsTrack('/v1/allocate', { method: 'POST', agent });
    agent.destroy();

    expect([before.status, before.headers.connection]).toEqual([201, 'keep-alive']);
    expect([during.status, during.headers.connection]).toEqual([201, 'close']);
  });

  it('failures and probes end their connections, too', async () => {
    const agent = new Agent({ keepAlive: true });
    api.lifecycle.drain();

    for (const path of ['/healthz', '/nothing', '/v1/allocate']) {
      expect((await api.call(path, { agent })).headers.connection).toBe('close');
    }
    agent.destroy();
  });
});
