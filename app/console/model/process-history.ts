import type { ProcessSample } from './process-samples';

/** What happened between two looks at one process. */
interface Step {
  fromMs: number;
  toMs: number;
  given: number;
  turnedAway: number;
  latency: { upToSeconds: number; count: number }[];
}

/** A point of a curve; null where nothing is known. */
export interface Point {
  atMs: number;
  value: number | null;
}

/** A rate is the average over that long: single looks, seconds apart, would make a saw of it. */
const RATE_WINDOW_MS = 60_000;
/** A process that has not answered for that long is taken for gone. */
const GONE_AFTER_MS = 120_000;

/**
 * What several processes behind one address did, from looks that each reached one of them. Their numbers are never
 * mixed: each is compared with the same process's own earlier ones, and only then are the rates added up.
 */
export class ProcessHistory {
  readonly #last = new Map<string, ProcessSample>();
  readonly #steps = new Map<string, Step[]>();

  /** @param keepMs how far back the curves go. */
  constructor(private readonly keepMs: number) {}

  add(sample: ProcessSample): void {
    const before = this.#last.get(sample.instanceId);
    this.#last.set(sample.instanceId, sample);
    if (before && sample.atMs > before.atMs) {
      const steps = this.#steps.get(sample.instanceId) ?? [];
      steps.push(stepBetween(before, sample));
      this.#steps.set(
        sample.instanceId,
        steps.filter(({ toMs }) => toMs > sample.atMs - this.keepMs),
      );
    }
    for (const [id, { atMs }] of this.#last) {
      if (sample.atMs - atMs > this.keepMs) {
        this.#last.delete(id);
        this.#steps.delete(id);
      }
    }
  }

  /** How many processes have answered lately. */
  processCount(nowMs: number): number {
    return [...this.#last.values()].filter(({ atMs }) => nowMs - atMs <= GONE_AFTER_MS).length;
  }

  /** Calls a minute at these times, over all processes: the average of the 60 s before, or of what is known of them. */
  perMinute(what: 'given' | 'turnedAway', timesMs: number[]): Point[] {
    return timesMs.map((atMs) => {
      const rates = [...this.#steps.values()].flatMap((steps) => {
        const step = stepAt(steps, atMs);
        return step ? [averagePerMinute(what, steps, Math.min(atMs, step.toMs))] : [];
      });
      return { atMs, value: rates.length === 0 ? null : rates.reduce((total, rate) => total + rate, 0) };
    });
  }

  /** The time in seconds that this share of the allocations around these times took at most; null without any. */
  latency(share: number, timesMs: number[]): Point[] {
    return timesMs.map((atMs) => ({ atMs, value: quantile(share, this.#stepsAt(atMs)) }));
  }

  #stepsAt(atMs: number): Step[] {
    return [...this.#steps.values()].flatMap((steps) => stepAt(steps, atMs) ?? []);
  }
}

/** A process's step that covers the time; its latest one, while the next look at it is still to come. */
function stepAt(steps: Step[], atMs: number): Step | undefined {
  const covering = steps.find(({ fromMs, toMs }) => fromMs < atMs && atMs <= toMs);
  if (covering) return covering;
  const latest = steps.at(-1);
  const isStillToCome = latest && atMs > latest.toMs && atMs - latest.toMs <= latest.toMs - latest.fromMs;
  return isStillToCome ? latest : undefined;
}

/** One process's average up to a time that its steps cover. Calls are taken to be evenly spread within a step. */
function averagePerMinute(what: 'given' | 'turnedAway', steps: Step[], endMs: number): number {
  let calls = 0;
  let coveredMs = 0;
  for (const step of steps) {
    const withinMs = Math.min(step.toMs, endMs) - Math.max(step.fromMs, endMs - RATE_WINDOW_MS);
    if (withinMs <= 0) continue;
    calls += (step[what] * withinMs) / (step.toMs - step.fromMs);
    coveredMs += withinMs;
  }
  return (calls * 60_000) / coveredMs;
}

function stepBetween(before: ProcessSample, after: ProcessSample): Step {
  return {
    fromMs: before.atMs,
    toMs: after.atMs,
    given: Math.max(0, after.given - before.given),
    turnedAway: Math.max(0, after.turnedAway - before.turnedAway),
    latency: after.latency.map(({ upToSeconds, count }) => {
      const earlier = before.latency.find((bucket) => bucket.upToSeconds === upToSeconds);
      return { upToSeconds, count: Math.max(0, count - (earlier?.count ?? 0)) };
    }),
  };
}

/** As Prometheus's `histogram_quantile`: evenly spread within a bucket, and the last bound for what lies beyond it. */
function quantile(share: number, steps: Step[]): number | null {
  const bounds = steps[0]?.latency.map(({ upToSeconds }) => upToSeconds) ?? [];
  const counts = bounds.map((bound) =>
    steps.reduce(
      (total, { latency }) => total + (latency.find(({ upToSeconds }) => upToSeconds === bound)?.count ?? 0),
      0,
    ),
  );
  const rank = share * (counts.at(-1) ?? 0);
  if (rank === 0) return null;
  const index = counts.findIndex((count) => count >= rank);
  const [low, high] = [bounds[index - 1] ?? 0, bounds[index] ?? 0];
  if (!Number.isFinite(high)) return low;
  const below = counts[index - 1] ?? 0;
  return low + ((high - low) * (rank - below)) / ((counts[index] ?? 0) - below);
}
