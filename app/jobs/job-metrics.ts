import { Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';
import type { CspCircuitState } from '../csp/csp-client';
import type { JobName, JobRun } from '../store/job-store';
import type { JobEvents } from './job-runner';

const DURATION_BUCKETS_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900];
/** Why a sync skips accounts or rows, as its counts name it. */
const SKIP_REASONS = ['conflicting', 'unusable', 'refused'] as const;
const CIRCUIT_STATES: Record<CspCircuitState, number> = { closed: 0, half_open: 1, open: 2 };

/** The metrics of the jobs, in whichever process runs them; named as those of the service that this one succeeds. */
export class JobMetrics implements JobEvents {
  readonly #own = new Registry();

  readonly #syncs = this.#counter('broker_sync_total', 'Syncs by outcome', ['outcome']);
  readonly #synced = this.#counter(
    'broker_sync_sandboxes_synced_total',
    'Rows that syncs added, corrected or restocked',
  );
  readonly #stale = this.#counter('broker_sync_sandboxes_stale_total', 'Rows that syncs marked stale');
  readonly #syncSeconds = this.#histogram('broker_sync_duration_seconds', 'How long syncs took');
  readonly #cleanups = this.#counter('broker_cleanup_total', 'Cleanups by outcome', ['outcome']);
  readonly #deleted = this.#counter(
    'broker_cleanup_deleted_total',
    'Deletions that a list of the portal confirmed',
  );
  readonly #failed = this.#counter(
    'broker_cleanup_failed_total',
    'Attempts that were charged: the portal refused, or went on listing',
  );
  readonly #unconfirmed = this.#counter(
    'broker_cleanup_unconfirmed_total',
    'Deletions that cleanups left unconfirmed; one that stays so counts in each run',
  );
  readonly #listedAfterDeletion = new Gauge({
    name: 'broker_pool_listed_after_deletion',
    help: 'Accounts that count as deleted and are listed all the same, as the last sync of this process found',
    registers: [this.#own],
  });
  readonly #skipped = new Gauge({
    name: 'broker_sync_skipped',
    help: 'Accounts and rows that the last sync of this process that compared them skipped, by reason',
    labelNames: ['reason'],
    registers: [this.#own],
  });
  readonly #cleanupSkipped = this.#counter(
    'broker_cleanup_skipped_total',
    'Rows that cleanups could not or must not work on; one that stays so counts in each run',
  );
  readonly #cleanupSeconds = this.#histogram('broker_cleanup_duration_seconds', 'How long cleanups took');
  readonly #expiries = this.#counter('broker_expiry_total', 'Expiry runs by outcome', ['outcome']);
  readonly #orphaned = this.#counter(
    'broker_expiry_orphaned_total',
    'Allocations that nobody gave back in time',
  );
  readonly #staleDeletions = this.#counter('broker_auto_delete_stale_total', 'Stale clean-outs by outcome', [
    'outcome',
  ]);
  readonly #staleDeleted = this.#counter('broker_auto_delete_stale_deleted_total', 'Stale rows removed');
  readonly #lastSuccess = this.#gauge(
    'broker_job_last_success_timestamp_seconds',
    'When a job last succeeded in this process, as Unix time',
  );
  readonly #leaseHeld = this.#gauge('broker_job_lease_held', '1 while this process runs the job');

  /** Adds them to the registry of the process. */
  constructor(registry: Registry, circuitState: () => CspCircuitState) {
    new Gauge({
      name: 'broker_csp_circuit_breaker_state',
      help: 'Calls to the portal: 0 go through, 1 one is trying, 2 are held back',
      registers: [this.#own],
      collect() {
        this.set(CIRCUIT_STATES[circuitState()]);
      },
    });
    // Not 0 before the first sync: that would say that there are none.
    this.#listedAfterDeletion.set(Number.NaN);
    for (const metric of this.#own.getMetricsAsArray()) registry.registerMetric(metric as unknown as Metric);
  }

  onLease(job: JobName, isHeld: boolean): void {
    this.#leaseHeld.set({ job }, isHeld ? 1 : 0);
  }

  onRun({ job, outcome, counts, durationMs, startedAt }: JobRun): void {
    const { added = 0, updated = 0, restocked = 0, stale = 0, deleted = 0, failed = 0, expired = 0 } = counts;
    const { unconfirmed = 0, listed_after_deletion: listedAfterDeletion } = counts;
    if (outcome === 'success') this.#lastSuccess.set({ job }, startedAt);
    switch (job) {
      case 'sync':
        this.#syncs.inc({ outcome });
        this.#synced.inc(added + updated + restocked);
        this.#stale.inc(stale);
        if (listedAfterDeletion !== undefined) this.#listedAfterDeletion.set(listedAfterDeletion);
        for (const reason of SKIP_REASONS) {
          const count = counts[reason];
          if (count !== undefined) this.#skipped.set({ reason }, count);
        }
        this.#syncSeconds.observe(durationMs / 1000);
        break;
      case 'cleanup':
        this.#cleanups.inc({ outcome });
        this.#deleted.inc(deleted);
        this.#failed.inc(failed);
        this.#unconfirmed.inc(unconfirmed);
        this.#cleanupSkipped.inc(counts.skipped ?? 0);
        this.#cleanupSeconds.observe(durationMs / 1000);
        break;
      case 'auto-expiry':
        this.#expiries.inc({ outcome });
        this.#orphaned.inc(expired);
        break;
      case 'auto-delete-stale':
        this.#staleDeletions.inc({ outcome });
        this.#staleDeleted.inc(deleted);
        break;
    }
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#own] });
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, labelNames: ['job'], registers: [this.#own] });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: DURATION_BUCKETS_SECONDS, registers: [this.#own] });
  }
}
