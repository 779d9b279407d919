import { ProcessHistory } from '../../../app/console/model/process-history';
import { readProcessSample, type ProcessSample } from '../../../app/console/model/process-samples';
import { Metrics } from '../../../app/metrics';

const WINDOW_MS = 600_000;

function sample(instanceId: string, atMs: number, given: number, overrides = {}): ProcessSample {
  return { instanceId, atMs, given, turnedAway: 0, latency: [], ...overrides };
}

/** Buckets as a histogram counts them: every bucket holds those below it. */
function buckets(...counts: number[]): ProcessSample['latency'] {
  const bounds = [0.01, 0.1, 1, Number.POSITIVE_INFINITY];
  return bounds.map((upToSeconds, index) => ({ upToSeconds, count: counts[index] ?? 0 }));
}

function historyOf(...samples: ProcessSample[]): ProcessHistory {
  const history = new ProcessHistory(WINDOW_MS);
  for (const one of samples) history.add(one);
  return history;
}

describe('the rates of several processes behind one address', () => {
  it('are unknown until a process has answered twice', () => {
    const history = historyOf(sample('a', 0, 500), sample('b', 5_000, 900));

    expect(history.perMinute('given', [5_000])).toEqual([{ atMs: 5_000, value: null }]);
  });

  it('never mix the numbers of two processes, and are added up', () => {
    const history = historyOf(
      sample('a', 0, 500),
      sample('b', 5_000, 9_000),
      sample('a', 10_000, 510),
      sample('b', 15_000, 9_005),
    );

    // 10 in 10 s are 60 a minute, 5 in 10 s are 30.
    expect(history.perMinute('given', [4_000, 8_000, 10_000, 15_000]).map(({ value }) => value)).toEqual([
      60, 90, 90, 90,
    ]);
  });

  it('are averages of the last 60 s, so that looks seconds apart make no saw', () => {
    const history = historyOf(
      sample('a', 0, 0),
      sample('a', 30_000, 60),
      sample('a', 60_000, 60),
      sample('a', 90_000, 60),
      sample('a', 100_000, 61),
    );

    // Of the 60 calls of the first 30 s, none, half and all lie further back than 60 s.
    expect(
      history.perMinute('given', [30_000, 60_000, 75_000, 90_000, 100_000]).map(({ value }) => value),
    ).toEqual([120, 60, 30, 0, 1]);
  });

  it('take a process that was started anew for another one', () => {
    const history = historyOf(sample('a', 0, 500), sample('a-again', 10_000, 3));

    expect(history.perMinute('given', [10_000])[0]?.value).toBeNull();
  });

  it('end when a process does not answer any more', () => {
    const history = historyOf(sample('a', 0, 0), sample('a', 10_000, 10));

    expect(history.perMinute('given', [20_000, 21_000]).map(({ value }) => value)).toEqual([60, null]);
    expect(history.processCount(120_000)).toBe(1);
    expect(history.processCount(140_000)).toBe(0);
  });

  it('forget what lies further back than the curves go', () => {
    const history = historyOf(sample('gone', 0, 0), sample('gone', 1_000, 5));
    history.add(sample('a', WINDOW_MS + 2_000, 1));

    expect(history.perMinute('given', [1_000])[0]?.value).toBeNull();
  });
});

describe('the time that allocations take', () => {
  it('is worked out as Prometheus does, over the calls of all processes', () => {
    const history = historyOf(
      sample('a', 0, 0, { latency: buckets(100, 100, 100, 100) }),
      sample('b', 0, 0, { latency: buckets(0, 0, 0, 0) }),
      sample('a', 10_000, 0, { latency: buckets(105, 110, 110, 110) }),
      sample('b', 10_000, 0, { latency: buckets(5, 10, 10, 10) }),
    );

    // Ten calls took 10 ms at most, ten more 100 ms.
    expect(history.latency(0.5, [10_000])[0]?.value).toBeCloseTo(0.01);
    expect(history.latency(0.95, [10_000])[0]?.value).toBeCloseTo(0.01 + 0.09 * 0.9);
  });

  it('is at least the last bound for calls that lie beyond it', () => {
    const history = historyOf(
      sample('a', 0, 0, { latency: buckets(0, 0, 0, 0) }),
      sample('a', 10_000, 0, { latency: buckets(0, 0, 0, 4) }),
    );

    expect(history.latency(0.5, [10_000])[0]?.value).toBe(1);
  });

  it('is unknown while nobody allocates', () => {
    const still = buckets(7, 7, 7, 7);
    const history = historyOf(
      sample('a', 0, 7, { latency: still }),
      sample('a', 10_000, 7, { latency: still }),
    );

    expect(history.latency(0.5, [10_000])[0]?.value).toBeNull();
  });
});

describe('readProcessSample', () => {
  it('reads what our own /metrics says', async () => {
    const metrics = new Metrics();
    metrics.allocations.inc({ outcome: 'success' }, 3);
    metrics.allocations.inc({ outcome: 'no_sandboxes' }, 2);
    metrics.allocations.inc({ outcome: 'contended' }, 1);
    metrics.allocationLatency.observe({ outcome: 'success' }, 0.004);
    metrics.allocationLatency.observe({ outcome: 'no_sandboxes' }, 2);

    const read = readProcessSample(await metrics.registry.metrics(), 17);

    expect(read).toMatchObject({ atMs: 17, given: 3, turnedAway: 3 });
    expect(read?.latency.at(0)).toEqual({ upToSeconds: 0.005, count: 1 });
    expect(read?.latency.at(-1)).toEqual({ upToSeconds: Number.POSITIVE_INFINITY, count: 1 });
    const other = readProcessSample(await new Metrics().registry.metrics(), 17);
    expect(other?.instanceId).not.toBe(read?.instanceId);
  });

  it('knows no process in a text that names none', () => {
    expect(readProcessSample('broker_allocate_total{outcome="success"} 3', 0)).toBeUndefined();
  });
});
