import type { UnreadShards } from '../store/inventory-store';
import type { JobReport } from './job';

/**
 * The end of a run that went over the table: as it is, or, when a shard could not be read, `unavailable` with the same
 * counts. A run that was stopped or has failed stays so.
 */
export function concludePass(report: JobReport, unread: UnreadShards): JobReport {
  if (unread.count === 0 || report.outcome === 'stopped' || report.outcome === 'failed') return report;
  return { outcome: 'unavailable', cause: 'table', counts: report.counts, error: unread.message };
}
