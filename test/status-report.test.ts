import { Lifecycle } from '../app/lifecycle';
import { Metrics } from '../app/metrics';
import { PoolGauges } from '../app/pool-gauges';
import { Readiness } from '../app/readiness';
import { StatusReport } from '../app/status-report';
import { FakeClock } from './fakes/fake-clock';
import { recordingLogger } from './fakes/loggers';
import { CountingStore } from './http/test-api';
import { passTime, useFakeTimers } from './jobs/runner-harness';

const INTERVAL_MS = 60_000;
const MAX_POOL_AGE_MS = 300_000;
const CACHE_MS = 60_000;
const INFO = 30;
const WARN = 40;

let clock: FakeClock;
let store: CountingStore;
let lifecycle: Lifecycle;
let gauges: PoolGauges;
let report: StatusReport;
const overdueJobs = { look: () => Promise.resolve({ cleanup: 7, 'auto-expiry': 0 }) };
let lines: { level: number; msg: string }[];

beforeEach(() => {
  useFakeTimers();
  clock = new FakeClock();
  store = new CountingStore();
  lifecycle = new Lifecycle();
  lifecycle.started();
  const recording = recordingLogger();
  lines = recording.lines;
  const { logger } = recording;
  gauges = new PoolGauges(store, new Metrics(), clock, logger, CACHE_MS);
  report = new StatusReport(
    {
      lifecycle,
      readiness: new Readiness(store, clock),
      gauges,
      circuitState: () => 'half_open',
      overdueJobs,
      logger,
    },
    { intervalMs: INTERVAL_MS, maxPoolAgeMs: MAX_POOL_AGE_MS },
  );
});

afterEach(() => {
  report.stop();
  jest.useRealTimers();
});

const statusLines = (): typeof lines => lines.filter(({ msg }) => msg === 'status');

describe('StatusReport', () => {
  it('says that the process is ready, and what is in the pool', async () => {
    await report.now();

    expect(lines).toEqual([
      expect.objectContaining({
        level: INFO,
        action: 'status',
        outcome: 'ready',
        lifecycle: 'serving',
        checks: { dynamodb: 'ok' },
        circuit: 'half_open',
        pool: {
          available: 5,
          allocated: 4,
          pending_deletion: 3,
          deletion_unconfirmed: 6,
          deletion_failed: 2,
          stale: 1,
        },
        overdue_seconds: { cleanup: 7, auto_expiry: 0 },
      }),
    ]);
  });

  it('tells what is available when another status could not be counted', async () => {
    store.onCount = () => Promise.resolve({ available: 5 });

    await report.now();

    expect(lines).toEqual([expect.objectContaining({ outcome: 'ready', pool: { available: 5 } })]);
  });

  it('warns that it is not ready when the table does not answer, and counts nothing then', async () => {
    store.onPing = () => Promise.reject(new Error('no connection'));

    await report.now();

    expect(lines).toEqual([
      expect.objectContaining({ level: WARN, outcome: 'not_ready', checks: { dynamodb: 'unreachable' } }),
    ]);
    expect(lines[0]).not.toHaveProperty('pool');
    expect(store.counts).toBe(0);
  });

  it('is not ready before it has started, although the table answers', async () => {
    const starting = new Lifecycle();
    const { logger, lines: written } = recordingLogger();
    const readiness = new Readiness(store, clock);
    const intervals = { intervalMs: INTERVAL_MS, maxPoolAgeMs: MAX_POOL_AGE_MS };
    await new StatusReport(
      { lifecycle: starting, readiness, gauges, overdueJobs, circuitState: () => 'closed', logger },
      intervals,
    ).now();

    expect(written).toMatchObject([
      { outcome: 'not_ready', lifecycle: 'starting', checks: { dynamodb: 'ok' } },
    ]);
  });

  it('goes on without the pool when it cannot be counted', async () => {
    store.onCount = () => Promise.reject(new Error('throttled'));

    await report.now();

    const [line] = statusLines();
    expect(line).toMatchObject({ outcome: 'ready' });
    expect(line).not.toHaveProperty('pool');
  });

  it('reports after each interval, and not before the first', async () => {
    report.start();

    await passTime(clock, INTERVAL_MS - 1_000);
    expect(lines).toEqual([]);
    await passTime(clock, 1_000);
    expect(statusLines()).toHaveLength(1);
    await passTime(clock, 3 * INTERVAL_MS);
    expect(statusLines()).toHaveLength(4);
  });

  it('counts the pool once in five minutes, and shows it in every line', async () => {
    report.start();
    await passTime(clock, 10 * INTERVAL_MS);

    expect(statusLines()).toHaveLength(10);
    for (const line of statusLines()) expect(line).toHaveProperty('pool.available', 5);
    expect(store.counts).toBe(2);
  });

  it('takes what a scrape has counted', async () => {
    await gauges.refresh();
    await clock.advance(MAX_POOL_AGE_MS - 1);
    await report.now();

    expect(statusLines()[0]).toHaveProperty('pool.available', 5);
    expect(store.counts).toBe(1);
  });

  it('waits for a slow report before it begins the next', async () => {
    let answer: () => void = () => undefined;
    store.onPing = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    report.start();

    await passTime(clock, 5 * INTERVAL_MS);
    expect(store.pings).toBe(1);
    answer();
    await passTime(clock, INTERVAL_MS);

    expect(statusLines()).toHaveLength(1);
    expect(store.pings).toBe(2);
  });

  it('says nothing any more once it is stopped', async () => {
    report.start();
    await passTime(clock, INTERVAL_MS);
    report.stop();
    await passTime(clock, 5 * INTERVAL_MS);

    expect(statusLines()).toHaveLength(1);
  });

  it('does not call a process that drains not ready', async () => {
    store.onPing = () => {
      lifecycle.drain();
      return Promise.resolve();
    };

    await report.now();

    expect(lines).toEqual([]);
  });
});
