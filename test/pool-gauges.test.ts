import { Metrics } from '../app/metrics';
import { PoolGauges } from '../app/pool-gauges';
import { StoreUnavailableError, type KnownCounts, type StatusCounts } from '../app/store/sandbox-store';
import { FakeClock } from './fakes/fake-clock';
import { recordingLogger } from './fakes/loggers';

const CACHE_MS = 60_000;
const COUNTS: StatusCounts = {
  available: 50,
  allocated: 30,
  pending_deletion: 20,
  deletion_unconfirmed: 4,
  deletion_failed: 2,
  stale: 1,
};
const NO_ANSWER = new StoreUnavailableError('countByStatus', { cause: new Error('no connection') });

function newBench(countByStatus: () => Promise<KnownCounts>): {
  clock: FakeClock;
  counted: jest.Mock;
  gauges: PoolGauges;
  valueOf: (name: string) => Promise<number | undefined>;
  logLines: { level: number }[];
} {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const counted = jest.fn(countByStatus);
  const { logger, lines } = recordingLogger();
  return {
    clock,
    counted,
    gauges: new PoolGauges({ countByStatus: counted }, metrics, clock, logger, CACHE_MS),
    valueOf: async (name) => (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value,
    logLines: lines,
  };
}

describe('PoolGauges', () => {
  it('show nothing, not zero, before the first count', async () => {
    const { valueOf } = newBench(() => Promise.resolve(COUNTS));

    expect(await valueOf('broker_pool_available')).toBeNaN();
    expect(await valueOf('broker_pool_total')).toBeNaN();
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBeNaN();
  });

  it('show what was counted', async () => {
    const { gauges, valueOf } = newBench(() => Promise.resolve(COUNTS));

    await gauges.refresh();

    expect(await valueOf('broker_pool_available')).toBe(50);
    expect(await valueOf('broker_pool_allocated')).toBe(30);
    expect(await valueOf('broker_pool_pending_deletion')).toBe(20);
    expect(await valueOf('broker_pool_deletion_failed')).toBe(2);
    expect(await valueOf('broker_pool_stale')).toBe(1);
    expect(await valueOf('broker_pool_total')).toBe(107);
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBe(0);
  });

  it('show the other statuses when one could not be counted, and neither its last value nor a total', async () => {
    const answers: KnownCounts[] = [COUNTS, { ...COUNTS, available: 49, stale: undefined }];
    const { clock, gauges, valueOf } = newBench(() => Promise.resolve(answers.shift() ?? {}));
    await gauges.refresh();
    await clock.advance(CACHE_MS);

    await gauges.refresh();

    expect(await valueOf('broker_pool_available')).toBe(49);
    expect(await valueOf('broker_pool_stale')).toBeNaN();
    expect(await valueOf('broker_pool_total')).toBeNaN();
  });

  it('count once for 200 who ask at once, all of whom see the result', async () => {
    let finish: (counts: StatusCounts) => void = () => undefined;
    const { counted, gauges, valueOf } = newBench(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const seen = Array.from({ length: 200 }, async () => {
      await gauges.refresh();
      return valueOf('broker_pool_available');
    });

    finish(COUNTS);

    expect(new Set(await Promise.all(seen))).toEqual(new Set([50]));
    expect(counted).toHaveBeenCalledTimes(1);
  });

  it('count once a minute, however often they are read, and tell how old they are', async () => {
    const { clock, counted, gauges, valueOf } = newBench(() => Promise.resolve(COUNTS));
    await gauges.refresh();

    for (let second = 1; second < 60; second += 1) {
      await clock.advance(1_000);
      await gauges.refresh();
      expect(await valueOf('broker_pool_gauges_age_seconds')).toBe(second);
    }
    expect(counted).toHaveBeenCalledTimes(1);

    await clock.advance(1_000);
    await gauges.refresh();
    expect(counted).toHaveBeenCalledTimes(2);
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBe(0);
  });

  it('leave no timer behind when the count that they show is done', async () => {
    const { clock, gauges } = newBench(() => Promise.resolve(COUNTS));
    await gauges.refresh();
    const sleepersBefore = clock.sleeperCount;

    for (let scrape = 0; scrape < 100; scrape += 1) await gauges.refresh();

    expect(clock.sleeperCount).toBe(sleepersBefore);
  });

  it('answer with their last values while a count takes long, and with the new ones later', async () => {
    let finish: (counts: StatusCounts) => void = () => undefined;
    const slow = new Promise<StatusCounts>((resolve) => {
      finish = resolve;
    });
    const answers = [Promise.resolve(COUNTS), slow];
    const { clock, counted, gauges, valueOf } = newBench(() => answers.shift() ?? Promise.reject(NO_ANSWER));
    await gauges.refresh();
    await clock.advance(CACHE_MS);

    await clock.passUntil(gauges.refresh());
    expect(await valueOf('broker_pool_available')).toBe(50);
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBeGreaterThanOrEqual(60);

    finish({ ...COUNTS, available: 7 });
    await clock.passUntil(gauges.refresh());
    expect(await valueOf('broker_pool_available')).toBe(7);
    expect(counted).toHaveBeenCalledTimes(2);
  });

  it('keep their last values after a failed count, and grow older', async () => {
    const answers = [Promise.resolve(COUNTS)];
    const { clock, gauges, valueOf, logLines } = newBench(() => answers.shift() ?? Promise.reject(NO_ANSWER));
    await gauges.refresh();

    await clock.advance(CACHE_MS + 5_000);
    await gauges.refresh();

    expect(await valueOf('broker_pool_available')).toBe(50);
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBe(65);
    expect(logLines).toMatchObject([{ level: 40 }]);
  });

  it('count no more often because a count failed', async () => {
    const { clock, counted, gauges, valueOf } = newBench(() => Promise.reject(NO_ANSWER));

    await gauges.refresh();
    await clock.advance(CACHE_MS - 1);
    await gauges.refresh();
    expect(counted).toHaveBeenCalledTimes(1);
    expect(await valueOf('broker_pool_gauges_age_seconds')).toBeNaN();

    await clock.advance(1);
    await gauges.refresh();
    expect(counted).toHaveBeenCalledTimes(2);
  });

  it('hand out a count while it is young enough, and count anew when it is not', async () => {
    const answers = [COUNTS, { ...COUNTS, available: 7 }];
    const { clock, counted, gauges } = newBench(() => Promise.resolve(answers.shift() ?? COUNTS));
    const startMs = clock.nowMs();

    expect(await gauges.noOlderThan(300_000)).toEqual({ counts: COUNTS, countedAtMs: startMs });
    await clock.advance(299_999);
    expect(await gauges.noOlderThan(300_000)).toEqual({ counts: COUNTS, countedAtMs: startMs });
    expect(counted).toHaveBeenCalledTimes(1);

    await clock.advance(1);
    expect((await gauges.noOlderThan(300_000))?.counts.available).toBe(7);
  });

  it('hand out no count that is too old when no new one can be had', async () => {
    const answers = [Promise.resolve(COUNTS)];
    const { clock, gauges } = newBench(() => answers.shift() ?? Promise.reject(NO_ANSWER));
    await gauges.refresh();

    await clock.advance(300_001);
    expect(await gauges.noOlderThan(300_000)).toBeUndefined();
  });
});
