import type { ScenarioResult } from '../../../bench/scenario';
import { groupedLimitRate } from '../../../bench/scenarios/limit';

const LIMIT: ScenarioResult = {
  columns: [],
  rows: [],
  notes: [],
  values: { limit_transactions_per_second: 1_000, limit_grouped_allocations_per_second: 3_000 },
};

describe('groupedLimitRate', () => {
  it("is the limit scenario's of the same run", () => {
    expect(groupedLimitRate({ result: (name) => (name === 'limit' ? LIMIT : undefined) })).toBe(3_000);
  });

  it('is not known when that did not run', () => {
    expect(groupedLimitRate({ result: () => undefined })).toBeUndefined();
  });
});
