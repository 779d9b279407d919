import type { CspCircuitState } from './csp/csp-client';
import type { OverdueJobs, OverdueSeconds } from './jobs/overdue-jobs';
import type { Lifecycle } from './lifecycle';
import type { Logger } from './logger';
import type { PoolGauges } from './pool-gauges';
import type { Readiness } from './readiness';

export interface StatusReportIntervals {
  /** From one report to the next. */
  intervalMs: number;
  /** How old the count of the pool in a report may be: counting reads a whole index. */
  maxPoolAgeMs: number;
}

export interface StatusReportDependencies {
  lifecycle: Lifecycle;
  readiness: Readiness;
  gauges: PoolGauges;
  overdueJobs: Pick<OverdueJobs, 'look'>;
  circuitState: () => CspCircuitState;
  logger: Logger;
}

/**
 * Says in the log, again and again, how this process is: what `/readyz` would answer, what is in the pool, and how late
 * each job is. The alarms "not ready", "pool nearly empty" and those on single jobs count these lines (alarms/log-metrics.ts), so nothing has to reach every
 * task over HTTP. Silence means that the process is gone, and is an alarm, too.
 */
export class StatusReport {
  #timer?: NodeJS.Timeout;
  #underWay?: Promise<void>;

  constructor(
    private readonly deps: StatusReportDependencies,
    private readonly intervals: StatusReportIntervals,
  ) {}

  /** Reports after each interval, until {@link stop}. Does not keep the process alive. */
  start(): void {
    this.#timer = setInterval(() => {
      // While the table is slow, one report at a time.
      this.#underWay ??= this.now().finally(() => {
        this.#underWay = undefined;
      });
    }, this.intervals.intervalMs).unref();
  }

  /** Reports no more: a process that drains is not ready on purpose. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** One report. Never throws. */
  async now(): Promise<void> {
    const { lifecycle, readiness, gauges, overdueJobs, circuitState, logger } = this.deps;
    const tableState = await readiness.tableState();
    const isTableReachable = tableState === 'ok';
    const pool = isTableReachable ? await gauges.noOlderThan(this.intervals.maxPoolAgeMs) : undefined;
    const overdue = isTableReachable ? await overdueJobs.look() : {};
    if (lifecycle.state === 'draining') return;
    const isReady = isTableReachable && lifecycle.state === 'serving';
    const line = {
      action: 'status',
      outcome: isReady ? 'ready' : 'not_ready',
      lifecycle: lifecycle.state,
      checks: { dynamodb: tableState },
      circuit: circuitState(),
      pool: pool?.counts,
      overdue_seconds: inSnakeCase(overdue),
    };
    if (isReady) logger.info(line, 'status');
    else logger.warn(line, 'status');
  }
}

/** A hyphen has no place in the selectors of CloudWatch's filters. */
function inSnakeCase(overdue: OverdueSeconds): Record<string, number> {
  return Object.fromEntries(
    Object.entries(overdue).map(([job, seconds]) => [job.replaceAll('-', '_'), seconds]),
  );
}
