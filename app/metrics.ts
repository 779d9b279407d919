import { randomUUID } from 'node:crypto';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { COUNTED_STATUSES, type KnownCounts, type StatusCounts } from './store/sandbox-store';

const ALLOCATE_OUTCOMES = ['success', 'idempotent_hit', 'no_sandboxes', 'contended', 'error'] as const;
const DELETION_OUTCOMES = ['success', 'not_owner', 'expired', 'not_found', 'error'] as const;

export const REFUSAL_REASONS = ['malformed', 'headers_too_large', 'timeout', 'connect'] as const;

/** Why something was refused before it became a request that the application sees. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** How an allocate call ended, as counted. */
export type AllocateOutcomeLabel = (typeof ALLOCATE_OUTCOMES)[number];

/** How a mark-for-deletion call ended, as counted. */
export type DeletionOutcomeLabel = (typeof DELETION_OUTCOMES)[number];

const LATENCY_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Every metric of the API process. The names are those of the service that this one succeeds, so that dashboards go
 * on working. Each instance has its own registry: two in one test do not meet.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly allocations = new Counter({
    name: 'broker_allocate_total',
    help: 'Allocate calls by outcome',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  readonly idempotentHits = new Counter({
    name: 'broker_allocate_idempotent_hits_total',
    help: 'Allocate calls answered with the sandbox that caller and key held already',
    registers: [this.registry],
  });

  readonly conflicts = new Counter({
    name: 'broker_allocate_conflicts_total',
    help: 'Candidates lost to another caller; the call went on with the next one',
    registers: [this.registry],
  });

  readonly deletionsMarked = new Counter({
    name: 'broker_deletion_marked_total',
    help: 'Mark-for-deletion calls by outcome',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  readonly requestLatency = new Histogram({
    name: 'broker_request_latency_seconds',
    help: 'Time from the request to the end of its answer, by route template',
    labelNames: ['method', 'endpoint', 'status'] as const,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly allocationLatency = new Histogram({
    name: 'broker_allocation_latency_seconds',
    help: 'Time that the allocation itself took, by outcome',
    labelNames: ['outcome'] as const,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly refusals = new Counter({
    name: 'broker_http_refusals_total',
    help: 'What was refused before it became a request, by reason',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });

  readonly #poolTotal = this.#poolGauge('total', 'Sandboxes in the table');
  readonly #poolByStatus = new Map(
    COUNTED_STATUSES.map((status) => [status, this.#poolGauge(status, `Sandboxes that are ${status}`)]),
  );

  readonly #poolAge = new Gauge({
    name: 'broker_pool_gauges_age_seconds',
    help: 'How long ago the sandboxes were last counted; NaN before the first time',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    // Behind one address several processes answer: whoever compares two scrapes must know that they are of the same one.
    new Gauge({
      name: 'broker_process_info',
      help: 'Always 1; the label tells this process from all others',
      labelNames: ['instance_id'],
      registers: [this.registry],
    }).set({ instance_id: randomUUID() }, 1);
    this.#poolAge.set(Number.NaN);
    // From zero on: otherwise the first of its kind would be invisible to rate().
    for (const outcome of ALLOCATE_OUTCOMES) this.allocations.inc({ outcome }, 0);
    for (const outcome of DELETION_OUTCOMES) this.deletionsMarked.inc({ outcome }, 0);
    for (const reason of REFUSAL_REASONS) this.refusals.inc({ reason }, 0);
  }

  /** Sets the pool gauges to one pass's counts; to NaN what it could not count, and then the total, too. */
  setPool(counts: KnownCounts): void {
    const known = (status: keyof StatusCounts): number => counts[status] ?? Number.NaN;
    for (const [status, gauge] of this.#poolByStatus) gauge.set(known(status));
    this.#poolTotal.set(COUNTED_STATUSES.reduce((sum, status) => sum + known(status), 0));
  }

  /** Tells how old those counts are. */
  setPoolAge(ageSeconds: number): void {
    this.#poolAge.set(ageSeconds);
  }

  /** NaN until the first count: a zero would say that the pool is empty. */
  #poolGauge(what: string, help: string): Gauge {
    const gauge = new Gauge({ name: `broker_pool_${what}`, help, registers: [this.registry] });
    gauge.set(Number.NaN);
    return gauge;
  }
}
