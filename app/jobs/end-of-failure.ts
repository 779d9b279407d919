import { StoreUnavailableError } from '../store/sandbox-store';
import type { JobReport } from './job';

/**
 * What a run amounts to that threw this. A table that did not answer is not the job's failure: another process would meet
 * the same table.
 */
export function endOfFailure(error: unknown): JobReport {
  const fault = tableFaultIn(error);
  if (fault) return { outcome: 'unavailable', cause: 'table', counts: {}, error: fault.message };
  return { outcome: 'failed', counts: {}, error: error instanceof Error ? error.message : String(error) };
}

/** The table's error in an error or the causes behind it. */
function tableFaultIn(error: unknown): StoreUnavailableError | undefined {
  const seen = new Set<unknown>();
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    if (each instanceof StoreUnavailableError) return each;
    if (each instanceof AggregateError) {
      const faults = each.errors.map(tableFaultIn);
      if (faults.length > 0 && faults.every((fault) => fault !== undefined)) return faults[0];
    }
    seen.add(each);
  }
  return undefined;
}
