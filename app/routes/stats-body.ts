import type { PoolStats } from '../admin/admin-service';
import { COUNTED_STATUSES, type StatusCounts } from '../store/sandbox-store';
import type { StatsBody } from './contract/pool-operations';

/**
 * The pool's counts as `GET admin/stats` answers them: null for what could not be counted, and a list of it.
 *
 * @param listedAfterDeletion `undefined` when the last sync did not compare, or its record was not to be read.
 */
export function statsBody(
  { total, byStatus, givenUp }: PoolStats,
  listedAfterDeletion: number | undefined,
): StatsBody {
  const counts = Object.fromEntries(
    COUNTED_STATUSES.map((status) => [status, byStatus[status] ?? null]),
  ) as Record<keyof StatusCounts, number | null>;
  const answered = { total: total ?? null, ...counts, deletion_given_up: givenUp ?? null };
  const uncounted = Object.entries(answered).flatMap(([name, count]) => (count === null ? [name] : []));
  return {
    ...answered,
    listed_after_deletion: listedAfterDeletion ?? null,
    ...(uncounted.length === 0 ? {} : { uncounted }),
  };
}
