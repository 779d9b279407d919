import type { Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import type { JobStore, Lease } from '../store/job-store';

export interface LeaseKeeperDependencies {
  store: Pick<JobStore, 'renewLease'>;
  clock: Clock;
  logger: Logger;
}

/** The lease of a run, while it is kept. */
export interface LeaseKeeper {
  /** Renews it no more. */
  stop: () => void;
  isNearItsEnd: () => boolean;
  /** When it ends at the latest, by the monotonic clock. */
  endsAtMs: () => number;
}

/**
 * Renews a lease when a third of its life is over. When it is lost, or its end is near and the store has not answered,
 * aborts the run: soon somebody else may be at it. How much is left it measures itself, from before it asked: a clock
 * that is set back must not make a lease longer.
 *
 * @param onLook called at each look at the lease, before it is renewed.
 */
export function keepLease(
  { lease, acquiredAtMs, ttlMs }: { lease: Lease; acquiredAtMs: number; ttlMs: number },
  { store, clock, logger }: LeaseKeeperDependencies,
  run: AbortController,
  onLook: () => void,
): LeaseKeeper {
  let current = lease;
  let endsAtMs = acquiredAtMs + ttlMs;
  let isRenewing = false;
  let isOver = false;
  const giveUp = (why: string): void => {
    if (isOver || run.signal.aborted) return;
    logger.warn({ job: lease.job }, why);
    run.abort();
  };
  const renew = async (): Promise<void> => {
    try {
      const askedAtMs = clock.monotonicMs();
      const renewed = await store.renewLease(current, clock.nowMs(), ttlMs);
      if (!renewed) {
        giveUp('the lease has gone to somebody else: stopping the run');
        return;
      }
      current = renewed;
      endsAtMs = askedAtMs + ttlMs;
    } catch (error) {
      logger.warn({ err: error, job: lease.job }, 'could not renew the lease; trying again');
    }
  };
  // A machine that was asleep may not have counted the time, so the time of day has a word, too.
  const leftMs = (): number => Math.min(endsAtMs - clock.monotonicMs(), current.expiresAtMs - clock.nowMs());
  const isNearItsEnd = (): boolean => leftMs() <= ttlMs / 4;
  const timer = setInterval(() => {
    onLook();
    if (isOver) return;
    if (isNearItsEnd()) {
      giveUp('the lease could not be renewed in time: stopping the run');
    } else if (leftMs() <= (ttlMs * 2) / 3 && !isRenewing) {
      isRenewing = true;
      void renew().finally(() => {
        isRenewing = false;
      });
    }
  }, ttlMs / 12);
  return {
    isNearItsEnd,
    endsAtMs: () => endsAtMs,
    stop: () => {
      // A renewal under way finds the lease given back, and is refused.
      isOver = true;
      clearInterval(timer);
    },
  };
}
