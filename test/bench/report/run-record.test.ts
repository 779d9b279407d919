import { describeMachine, scenarioRecord } from '../../../bench/report/run-record';

const SCENARIO = { name: 'limit', title: 'Limit' };
const RESULT = { columns: ['', 'rate'], rows: [['warm', 900]], notes: ['As it is.'], values: { rate: 900 } };

describe('scenarioRecord', () => {
  it('has everything that was measured, and how long that took', () => {
    expect(scenarioRecord(SCENARIO, { ...RESULT, charts: [] }, 12_345)).toEqual({
      ...SCENARIO,
      ...RESULT,
      duration_seconds: 12.3,
    });
  });

  it('refuses figures that JSON cannot hold', () => {
    expect(() => scenarioRecord(SCENARIO, { ...RESULT, values: { rate: Number.NaN } }, 1)).toThrow(
      'limit: rate is NaN',
    );
    expect(() => scenarioRecord(SCENARIO, { ...RESULT, rows: [['warm', Infinity]] }, 1)).toThrow(
      'limit: rate is Infinity',
    );
  });

  it('refuses a row that does not fit the columns', () => {
    expect(() => scenarioRecord(SCENARIO, { ...RESULT, rows: [['warm', 900, 1]] }, 1)).toThrow(
      'limit: a row has 3 cells, not 2',
    );
  });
});

describe('describeMachine', () => {
  it('tells what matters for the figures, and no name', () => {
    expect(Object.keys(describeMachine()).sort()).toEqual([
      'cpu_count',
      'load_average_before',
      'memory_gib',
      'node_version',
      'platform',
    ]);
  });
});
