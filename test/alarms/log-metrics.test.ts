import { LOG_METRICS, type LogMetricDefinition, type ServiceName } from '../../alarms/log-metrics';
import { JOB_NAMES, JOB_OUTCOMES } from '../../app/store/job-store';
import { fieldAt, matches, type LogLine } from './filter-pattern';
import {
  backlogLines,
  circuitLines,
  jobRunLines,
  otherRequestLines,
  listedAfterDeletionLines,
  refusedDeletionLines,
  skippedItemLines,
  requestLines,
  statusLines,
  unconfirmedDeletionLines,
} from './real-lines';

/** What each metric gains from lines in one log group; those that gain nothing are left out. */
function metricsFrom(service: ServiceName, lines: LogLine[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, definition] of Object.entries<LogMetricDefinition>(LOG_METRICS)) {
    if (!definition.services.includes(service)) continue;
    const counted = lines.filter((line) => matches(definition.pattern, line));
    const { value } = definition;
    const values = counted.map((line) =>
      value.kind === 'each_line' ? 1 : Number(fieldAt(line, value.selector)),
    );
    if (values.length > 0) sums[name] = values.reduce((sum, each) => sum + each, 0);
  }
  return sums;
}

describe('the metrics from our log', () => {
  it.each(['worker', 'api'] as const)(
    'count every run of a job in the %s, whatever its end',
    async (service) => {
      for (const job of JOB_NAMES) {
        for (const end of [...JOB_OUTCOMES, 'throws'] as const) {
          expect(metricsFrom(service, await jobRunLines(job, end))).toMatchObject({ JobRuns: 1 });
        }
      }
    },
  );

  it('tell runs by how they ended', async () => {
    expect(metricsFrom('worker', await jobRunLines('sync', 'success'))).toEqual({
      JobRuns: 1,
      JobRunsSucceeded: 1,
    });
    expect(metricsFrom('worker', await jobRunLines('sync', 'stopped'))).toEqual({ JobRuns: 1 });
    expect(metricsFrom('worker', await jobRunLines('sync', 'guarded'))).toEqual({
      JobRuns: 1,
      SyncsGuarded: 1,
    });
    expect(metricsFrom('worker', await jobRunLines('sync', 'unavailable'))).toEqual({
      JobRuns: 1,
      JobRunsUnavailable: 1,
    });
    expect(metricsFrom('worker', await jobRunLines('cleanup', 'unavailable'))).toEqual({
      JobRuns: 1,
      JobRunsUnavailable: 1,
      CleanupsUnavailable: 1,
    });
  });

  it.each(['worker', 'api'] as const)(
    'count a run in the %s that the table did not answer neither as its failure nor as the portal’s',
    async (service) => {
      expect(metricsFrom(service, await jobRunLines('cleanup', 'no_table'))).toEqual({
        JobRuns: 1,
        JobRunsWithoutTable: 1,
      });
    },
  );

  it.each([
    ['worker', 'WorkerJobFailures'],
    ['api', 'ApiJobFailures'],
  ] as const)('count a run that fails in the %s as %s alone', async (service, metric) => {
    for (const end of ['failed', 'throws'] as const) {
      expect(metricsFrom(service, await jobRunLines('cleanup', end))).toEqual({ JobRuns: 1, [metric]: 1 });
    }
  });

  it.each(['worker', 'api'] as const)(
    'count a deletion given up in the %s, and none before',
    async (service) => {
      const given = async (attempts: number) => metricsFrom(service, await refusedDeletionLines(attempts));

      expect(await given(1)).toMatchObject({ DeletionsGivenUp: 1 });
      expect(await given(2)).not.toHaveProperty('DeletionsGivenUp');
    },
  );

  it.each(['worker', 'api'] as const)(
    'count a cleanup in the %s that leaves a deletion unconfirmed for an hour, and none before',
    async (service) => {
      const metric = 'DeletionsUnconfirmedLong';

      expect(metricsFrom(service, await unconfirmedDeletionLines(3_600))).toMatchObject({ [metric]: 1 });
      expect(metricsFrom(service, await unconfirmedDeletionLines(3_599))).not.toHaveProperty(metric);
    },
  );

  it.each(['worker', 'api'] as const)(
    'take from a cleanup in the %s for how long the oldest deletion has been due, 0 when none is',
    async (service) => {
      expect(metricsFrom(service, await backlogLines([60, 7_200, 600]))).toMatchObject({
        DeletionBacklogAgeSeconds: 7_200,
      });
      expect(metricsFrom(service, await backlogLines([]))).toMatchObject({ DeletionBacklogAgeSeconds: 0 });
    },
  );

  it.each(['worker', 'api'] as const)(
    'take from a sync in the %s how many accounts are listed after their deletion',
    async (service) => {
      expect(metricsFrom(service, await listedAfterDeletionLines(2))).toMatchObject({
        DeletedAccountsListed: 2,
      });
      expect(metricsFrom(service, await listedAfterDeletionLines(0))).toMatchObject({
        DeletedAccountsListed: 0,
      });
    },
  );

  it.each(['worker', 'api'] as const)('count a sync in the %s that skips something', async (service) => {
    expect(metricsFrom(service, await skippedItemLines(1))).toEqual({ RunsWithSkippedItems: 1 });
    expect(metricsFrom(service, await skippedItemLines(0))).toEqual({});
  });

  it.each(['worker', 'api'] as const)(
    'count in the %s that the circuit opens, and not that it closes',
    async (service) => {
      const lines = await circuitLines();

      expect(lines.map(({ outcome }) => outcome)).toEqual(['open', 'closed']);
      expect(metricsFrom(service, lines)).toEqual({ PortalCircuitOpened: 1 });
    },
  );

  it('take the pool out of the status of an API that is ready', async () => {
    expect(metricsFrom('api', await statusLines(true))).toEqual({
      PoolAvailable: 5,
      PoolAllocated: 4,
      PoolPendingDeletion: 3,
      PoolDeletionUnconfirmed: 6,
      PoolDeletionFailed: 2,
      PoolStale: 1,
      OverdueSecondsSync: 0,
      OverdueSecondsCleanup: 0,
      OverdueSecondsAutoExpiry: 0,
      OverdueSecondsAutoDeleteStale: 0,
    });
  });

  it('count an API that is not ready, and say nothing of the pool then', async () => {
    expect(metricsFrom('api', await statusLines(false))).toEqual({ ApiNotReady: 1 });
  });

  it('count allocations by how they ended', async () => {
    expect(metricsFrom('api', await requestLines('allocated'))).toEqual({ Allocations: 1 });
    expect(metricsFrom('api', await requestLines('pool_empty'))).toEqual({ AllocationsPoolEmpty: 1 });
    expect(metricsFrom('api', await requestLines('contended'))).toEqual({ AllocationsContended: 1 });
  });

  it('gain nothing from other requests', async () => {
    expect(metricsFrom('api', await otherRequestLines())).toEqual({});
  });

  it('report zero for counts and nothing for levels while no line matches', () => {
    for (const definition of Object.values<LogMetricDefinition>(LOG_METRICS)) {
      expect(definition.defaultValue).toBe(definition.value.kind === 'each_line' ? 0 : undefined);
    }
  });
});

describe('the test’s own reading of CloudWatch’s filter syntax', () => {
  const line = { action: 'status', pool: { available: 0 }, text: '5' };

  it.each([
    ['{ $.action = "status" }', true],
    ['{ $.action = "job" }', false],
    ['{ $.action = "status" && $.pool.available >= 0 }', true],
    ['{ $.action = "status" && $.pool.available >= 1 }', false],
    ['{ $.action = "status" && $.pool.stale >= 0 }', false],
    ['{ $.text >= 0 }', false],
    ['{ $.none.at.all = "x" }', false],
  ])('finds %s to be %s', (pattern, expected) => {
    expect(matches(pattern, line)).toBe(expected);
  });

  it.each(['$.action = "job"', '{ $.action = job }', '{ $.a = "b" || $.c = "d" }', '{ $.a IS NULL }'])(
    'refuses what it does not know: %s',
    (pattern) => {
      expect(() => matches(pattern, line)).toThrow();
    },
  );
});
