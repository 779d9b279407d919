import type { Logger } from '../logger';

/**
 * Logs what a run left out, by count, if anything: the run may be a success all the same. An alarm counts these lines
 * (alarms/log-metrics.ts).
 *
 * @param skipped how many, by the reason as the run's counts name it.
 */
export function reportSkipped(
  job: 'sync' | 'cleanup',
  skipped: Readonly<Record<string, number>>,
  logger: Pick<Logger, 'warn'>,
): void {
  if (Object.values(skipped).every((count) => count === 0)) return;
  logger.warn(
    { action: job, outcome: 'items_skipped', skipped },
    'accounts or rows were skipped: each needs a person if it stays so',
  );
}
