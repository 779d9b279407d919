import { parseMetrics, type Sample } from './metrics-text';

/** What one look at one process's `/metrics` told. All numbers have been growing since the process began. */
export interface ProcessSample {
  /** Tells the process from all others, also from the one that stood in its place before. */
  instanceId: string;
  atMs: number;
  /** Allocations that succeeded. */
  given: number;
  /** Calls that were told that nothing is left, or to come again. */
  turnedAway: number;
  /** Calls that took at most that long, by upper bound in seconds, ascending. */
  latency: { upToSeconds: number; count: number }[];
}

const NAMES = new Set([
  'broker_process_info',
  'broker_allocate_total',
  'broker_allocation_latency_seconds_bucket',
]);

/** Reads `/metrics`; `undefined` for a text that does not say which process it is of. */
export function readProcessSample(text: string, atMs: number): ProcessSample | undefined {
  const samples = parseMetrics(text, NAMES);
  const instanceId = samples.find(({ name }) => name === 'broker_process_info')?.labels.instance_id;
  if (instanceId === undefined) return undefined;
  const calls = (outcome: string): number =>
    sum(samples.filter((one) => one.name === 'broker_allocate_total' && one.labels.outcome === outcome));
  return {
    instanceId,
    atMs,
    given: calls('success'),
    turnedAway: calls('no_sandboxes') + calls('contended'),
    latency: samples
      .filter((one) => one.name.endsWith('_bucket') && one.labels.outcome === 'success')
      .map(({ labels, value }) => ({ upToSeconds: boundOf(labels.le), count: value }))
      .sort((one, other) => one.upToSeconds - other.upToSeconds),
  };
}

function sum(samples: Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

function boundOf(le: string | undefined): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
}
