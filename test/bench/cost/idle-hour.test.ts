import { idleApiHour, idleWorkerHour } from '../../../bench/cost/idle-hour';
import { NO_USAGE } from '../../../bench/cost/usage';

const INTERVALS = { runnerCheckMs: 9_000, dueCheckMs: 30_000 };
const PERIODS = {
  statusReportSeconds: 60,
  poolCountSeconds: 300,
  jobSeconds: { sync: 600, cleanup: 300, 'auto-expiry': 300, 'auto-delete-stale': 86_400 },
};
const RUN = { calls: 10, readUnits: 20, writeUnits: 3 };
const USAGE = {
  poolCount: { calls: 40, readUnits: 50, writeUnits: 0 },
  jobRuns: { sync: RUN, cleanup: NO_USAGE, 'auto-expiry': NO_USAGE, 'auto-delete-stale': NO_USAGE },
};

it('an idle hour of the API is its looks, its status reports and its counts', () => {
  // 400 looks, 60 reports, 12 counts.
  expect(idleApiHour(INTERVALS, PERIODS, USAGE)).toEqual({
    calls: 400 + 60 + 12 * 40,
    readUnits: 400 + 60 + 12 * 50,
    writeUnits: 0,
  });
});

it('an idle hour of the worker is its looks, those at four due times, and its runs', () => {
  const hour = idleWorkerHour(INTERVALS, PERIODS, USAGE);

  // 400 looks, 4 times 120 due times, and six runs of sync less those that jitter puts off.
  const runs = 6 / 1.05;
  expect(hour.calls).toBeCloseTo(400 + 480 + runs * 10);
  expect(hour.readUnits).toBeCloseTo(400 + 480 + runs * 20);
  expect(hour.writeUnits).toBeCloseTo(runs * 3);
});
