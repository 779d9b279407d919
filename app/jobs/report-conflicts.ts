import type { Logger } from '../logger';
import type { IdentityConflict } from './portal-comparison';

const MAX_CONFLICTS_LOGGED = 20;

/** Logs what was skipped because accounts and rows contradict each other: one line a run. */
export function reportConflicts(
  conflicts: readonly IdentityConflict[],
  { logger }: { logger: Pick<Logger, 'warn'> },
): void {
  if (conflicts.length === 0) return;
  logger.warn(
    {
      action: 'sync',
      outcome: 'identity_conflict',
      conflict_count: conflicts.length,
      conflicts: conflicts.slice(0, MAX_CONFLICTS_LOGGED).map(({ sandboxId, externalId, reason, other }) => ({
        sandbox_id: sandboxId,
        external_id: externalId,
        reason,
        other,
      })),
    },
    'accounts and rows contradict each other and were skipped',
  );
}
