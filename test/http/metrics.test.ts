import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { systemClock } from '../../app/allocation/clock';
import {
  AllocationContendedError,
  AllocationExpiredError,
  NoSandboxesAvailableError,
  NotSandboxOwnerError,
  SandboxNotFoundError,
} from '../../app/errors';
import { startTestApi, type TestApi } from './test-api';

type Families = ReturnType<typeof parsePrometheusTextFormat>;

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await api.stop();
});

async function scrape(): Promise<Families> {
  const { status, text } = await api.call('/metrics');
  expect(status).toBe(200);
  return parsePrometheusTextFormat(text);
}

/** The value of the sample with exactly these labels. */
function valueOf(families: Families, name: string, labels: Record<string, string> = {}): string | undefined {
  const samples = families.find((family) => family.name === name)?.metrics ?? [];
  return samples.find((sample) => JSON.stringify(sample.labels ?? {}) === JSON.stringify(labels))?.value;
}

/** The labels of a histogram's samples, as they stand in the text. */
async function histogramLabels(name: string): Promise<Record<string, string>[]> {
  const { text } = await api.call('/metrics');
  const samples = text.split('\n').filter((line) => line.startsWith(`${name}_count{`));
  return samples.map((line) =>
    Object.fromEntries(
      [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    ),
  );
}

const mark = (): Promise<unknown> => api.callAsTrack('/v1/sandboxes/1/mark-for-deletion', { method: 'POST' });
const allocate = (): Promise<unknown> => api.callAsTrack('/v1/allocate', { method: 'POST' });

it('serves Prometheus text with every metric under the name and type that dashboards know', async () => {
  await allocate();
  const { headers } = await api.call('/metrics');
  const families = await scrape();

  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const ours = families
    .filter(({ name }) => name.startsWith('broker_'))
    .map(({ name, type }) => [name, type]);
  expect(Object.fromEntries(ours)).toEqual({
    broker_allocate_total: 'COUNTER',
    broker_allocate_idempotent_hits_total: 'COUNTER',
    broker_allocate_conflicts_total: 'COUNTER',
    broker_deletion_marked_total: 'COUNTER',
    broker_http_refusals_total: 'COUNTER',
    broker_request_latency_seconds: 'HISTOGRAM',
    broker_allocation_latency_seconds: 'HISTOGRAM',
    broker_pool_total: 'GAUGE',
    broker_pool_available: 'GAUGE',
    broker_pool_allocated: 'GAUGE',
    broker_pool_pending_deletion: 'GAUGE',
    broker_pool_deletion_unconfirmed: 'GAUGE',
    broker_pool_stale: 'GAUGE',
    broker_pool_deletion_failed: 'GAUGE',
    broker_pool_gauges_age_seconds: 'GAUGE',
    broker_process_info: 'GAUGE',
  });
  expect(families.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']),
  );
});

it('counts allocations by how they ended', async () => {
  const { onAllocate } = api.service;
  await allocate();
  await allocate();
  api.service.onAllocate = async (request) => ({ ...(await onAllocate(request)), isNew: false });
  await allocate();
  for (const error of [
    new NoSandboxesAvailableError(undefined),
    new AllocationContendedError(),
    new Error('x'),
  ]) {
    api.service.onAllocate = () => Promise.reject(error);
    await allocate();
  }

  const families = await scrape();

  const counted = ['success', 'idempotent_hit', 'no_sandboxes', 'contended', 'error'].map((outcome) => [
    outcome,
    valueOf(families, 'broker_allocate_total', { outcome }),
  ]);
  expect(Object.fromEntries(counted)).toEqual({
    success: '2',
    idempotent_hit: '1',
    no_sandboxes: '1',
    contended: '1',
    error: '1',
  });
  expect(valueOf(families, 'broker_allocate_idempotent_hits_total')).toBe('1');
  expect((await histogramLabels('broker_allocation_latency_seconds')).map(({ outcome }) => outcome)).toEqual([
    'success',
    'idempotent_hit',
    'no_sandboxes',
    'contended',
    'error',
  ]);
});

it('counts deletions by how they ended', async () => {
  await mark();
  const errors = [
    new NotSandboxOwnerError(),
    new AllocationExpiredError(),
    new SandboxNotFoundError(),
    new Error('x'),
  ];
  for (const error of errors) {
    api.service.onMark = () => Promise.reject(error);
    await mark();
  }

  const families = await scrape();

  for (const outcome of ['success', 'not_owner', 'expired', 'not_found', 'error']) {
    expect([outcome, valueOf(families, 'broker_deletion_marked_total', { outcome })]).toEqual([outcome, '1']);
  }
});

it('counts lost races', async () => {
  api.metrics.conflicts.inc(3);

  expect(valueOf(await scrape(), 'broker_allocate_conflicts_total')).toBe('3');
});

it('labels latency with the method, the status and the route’s template, never with a path', async () => {
  await allocate();
  for (const id of ['1', '2', 'a%2Fb', 'x'.repeat(5_000)]) {
    await api.callAsTrack(`/v1/sandboxes/${id}`);
    await api.callAsTrack(`/v1/sandboxes/${id}/mark-for-deletion`, { method: 'POST' });
    await api.call(`/nothing/${id}`);
    await api.callAsTrack(`/v1/admin/${id}`);
  }
  await api.callAsTrack('/v1/sandboxes/%zz');
  await api.call('/healthz');

  const labels = await histogramLabels('broker_request_latency_seconds');

  expect(labels).toEqual(
    expect.arrayContaining([
      { method: 'POST', endpoint: '/v1/allocate', status: '201' },
      { method: 'GET', endpoint: '/v1/sandboxes/:id', status: '200' },
      { method: 'POST', endpoint: '/v1/sandboxes/:id/mark-for-deletion', status: '200' },
      { method: 'GET', endpoint: '/healthz', status: '200' },
      { method: 'GET', endpoint: 'unmatched', status: '404' },
    ]),
  );
  expect(new Set(labels.map(({ endpoint }) => endpoint))).toEqual(
    new Set([
      '/v1/allocate',
      '/v1/sandboxes/:id',
      '/v1/sandboxes/:id/mark-for-deletion',
      '/healthz',
      'unmatched',
    ]),
  );
});

it('counts methods that no route has under one label: anybody may send them', async () => {
  for (const method of ['PROPFIND', 'MKCOL', 'SUBSCRIBE', 'DELETE']) await api.call('/healthz', { method });

  const labels = await histogramLabels('broker_request_latency_seconds');

  expect(labels).toEqual([
    { method: 'other', endpoint: '/healthz', status: '405' },
    { method: 'DELETE', endpoint: '/healthz', status: '405' },
  ]);
});

it('puts the configured base path into the template', async () => {
  await api.stop();
  api = await startTestApi({ API_BASE_PATH: '/broker' });
  await api.callAsTrack('/broker/sandboxes/1');

  expect(await histogramLabels('broker_request_latency_seconds')).toEqual([
    { method: 'GET', endpoint: '/broker/sandboxes/:id', status: '200' },
  ]);
});

describe('the pool gauges', () => {
  let nowMs: number;

  beforeEach(() => {
    // Whole milliseconds: sums of fractions are not exact.
    nowMs = Math.floor(systemClock.monotonicMs());
    jest.spyOn(systemClock, 'monotonicMs').mockImplementation(() => nowMs);
  });

  it('show one count of the table', async () => {
    const families = await scrape();

    const shown = ['available', 'allocated', 'pending_deletion', 'deletion_failed', 'stale', 'total'].map(
      (what) => valueOf(families, `broker_pool_${what}`),
    );
    expect(shown).toEqual(['5', '4', '3', '2', '1', '21']);
    expect(valueOf(families, 'broker_pool_gauges_age_seconds')).toBe('0');
  });

  it('cost one count in 60 seconds, however often and however simultaneously they are read', async () => {
    await Promise.all(Array.from({ length: 50 }, scrape));
    nowMs += 59_999;
    await Promise.all(Array.from({ length: 50 }, scrape));
    expect(api.store.counts).toBe(1);

    nowMs += 1;
    await Promise.all(Array.from({ length: 50 }, scrape));
    expect(api.store.counts).toBe(2);
  });

  it('are not counted by other requests', async () => {
    await allocate();
    await api.call('/healthz');
    await api.call('/readyz');

    expect(api.store.counts).toBe(0);
  });

  it('keep their values when a count fails, and say how old they are', async () => {
    await scrape();
    api.store.onCount = () => Promise.reject(new Error('throttled'));
    nowMs += 90_000;

    const families = await scrape();

    expect(api.store.counts).toBe(2);
    expect(valueOf(families, 'broker_pool_available')).toBe('5');
    expect(valueOf(families, 'broker_pool_gauges_age_seconds')).toBe('90');
  });

  it('say nothing rather than zero before the first count', async () => {
    api.store.onCount = () => Promise.reject(new Error('unreachable'));

    const families = await scrape();

    expect(valueOf(families, 'broker_pool_available')).toMatch(/^nan$/i);
    expect(valueOf(families, 'broker_pool_gauges_age_seconds')).toMatch(/^nan$/i);
  });
});
