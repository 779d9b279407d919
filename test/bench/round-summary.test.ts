import type { AllocationRound } from '../../bench/allocation-round';
import {
  failureNotes,
  SUMMARY_COLUMNS,
  summarize,
  summaryCells,
  summaryValues,
} from '../../bench/round-summary';

const ROUND: AllocationRound = {
  studentCount: 10,
  allocatedCount: 10,
  falseEmptyCount: 0,
  failures: {},
  durationMs: 100,
  lastGivenMs: 100,
  ratePerSecond: 100,
  p50Ms: 50,
  p95Ms: 95,
  p99Ms: 99,
  clientCpuMsPerCall: 0.1,
  doubleCount: 0,
  unfoundedCount: 0,
  untoldCount: 0,
};

describe('summarize', () => {
  it('takes the median of times and rates', () => {
    const rounds = [100, 900, 200].map((rate) => ({ ...ROUND, ratePerSecond: rate, p99Ms: rate + 1 }));

    expect(summarize(rounds)).toMatchObject({ allocations_per_second: 200, p99_ms: 201, p50_ms: 50 });
  });

  it('shows the worst p99 besides the median', () => {
    const rounds = [100, 900, 200].map((p99Ms) => ({ ...ROUND, p99Ms }));

    expect(summarize(rounds)).toMatchObject({ p99_ms: 200, p99_worst_ms: 900 });
  });

  it('adds up what must not happen, so that one bad round shows', () => {
    const bad = {
      ...ROUND,
      falseEmptyCount: 1,
      failures: { '503 A': 2, '500 B': 3 },
      doubleCount: 4,
      unfoundedCount: 5,
      untoldCount: 6,
    };

    expect(summarize([ROUND, bad, ROUND])).toMatchObject({
      false_409_count: 1,
      failed_count: 5,
      double_count: 4,
      unfounded_count: 5,
      untold_count: 6,
    });
  });

  it('gives a cell for each column, and values by their own names', () => {
    const summary = summarize([ROUND]);

    expect(summaryCells(summary)).toHaveLength(SUMMARY_COLUMNS.length);
    expect(summaryValues('stampede_10', summary)).toMatchObject({ stampede_10_p95_ms: 95 });
  });
});

describe('failureNotes', () => {
  it('say nothing when all went well', () => {
    expect(failureNotes([ROUND, ROUND])).toEqual([]);
  });

  it('tell failures by kind over all rounds, and who holds a sandbox all the same', () => {
    const rounds: AllocationRound[] = [
      { ...ROUND, failures: { '503 A': 2 }, untoldCount: 1 },
      { ...ROUND, failures: { '503 A': 1, 'no answer (closed)': 1 }, untoldCount: 1 },
    ];

    expect(failureNotes(rounds).join('')).toMatch(/3 × 503 A, 1 × no answer \(closed\)\. .* 2 of them hold/);
  });
});
