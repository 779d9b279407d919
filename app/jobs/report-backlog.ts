import type { SandboxInDeletion } from '../allocation/sandbox';
import type { Logger } from '../logger';

/**
 * Logs how many deletions are due, and for how many seconds the oldest of them has been asked for; 0 when none is. An
 * alarm reads these lines (alarms/log-metrics.ts). A time in the future is that of a clock that was wrong.
 */
export function reportBacklog(due: readonly SandboxInDeletion[], nowSeconds: number, logger: Logger): void {
  const ages = due.map(({ deletionRequestedAt }) => nowSeconds - deletionRequestedAt);
  logger.info(
    {
      action: 'deletion',
      outcome: 'backlog',
      due_count: due.length,
      oldest_age_seconds: ages.reduce((oldest, age) => Math.max(oldest, age), 0),
    },
    'deletions are due',
  );
}
