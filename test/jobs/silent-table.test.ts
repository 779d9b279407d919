import { AutoDeleteStaleJob } from '../../app/jobs/auto-delete-stale-job';
import { AutoExpiryJob } from '../../app/jobs/auto-expiry-job';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import type { Job } from '../../app/jobs/job';
import { STALL_LIMIT_MS } from '../../app/jobs/stall-limit';
import { SyncJob } from '../../app/jobs/sync-job';
import { SHARD_COUNT } from '../../app/store/table';
import { FakeJobStore } from '../fakes/fake-job-store';
import { observe } from '../fakes/observe';
import { availableSandbox, idsOfShard, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';
import { newRunner, passTime, useFakeTimers } from './runner-harness';

/* Every query of the index ends without an answer, after all that patience allows: no job's failure, and no stall. */

/** Four attempts of ten seconds each, and the delays between them. */
const QUERY_MS = 44_000;

let pool: JobPool;
let store: FakeJobStore;

beforeEach(() => {
  useFakeTimers();
  pool = new JobPool();
  store = new FakeJobStore();
  pool.seedBoth(
    availableSandbox({ sandboxId: idsOfShard(0, 1)[0] }),
    pendingDeletionSandbox({ sandboxId: idsOfShard(1, 1)[0] }),
  );
  for (let shard = 0; shard < SHARD_COUNT; shard += 1) pool.inventory.silentShards.add(`#${shard}`);
  pool.inventory.before = (operation) =>
    operation === 'listByStatus' ? pool.clock.sleep(QUERY_MS) : undefined;
});

afterEach(() => {
  jest.useRealTimers();
});

const CLEANUP_OPTIONS = { batchSize: 100, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };

const JOBS: [string, () => Job][] = [
  ['sync', () => new SyncJob(pool.tools)],
  ['cleanup', () => new CleanupJob(pool.tools, CLEANUP_OPTIONS)],
  ['auto-expiry', () => new AutoExpiryJob(pool.tools, 0, 3_600)],
  ['auto-delete-stale', () => new AutoDeleteStaleJob(pool.tools, 0)],
];

describe.each(JOBS)('%s, while the index does not answer', (name, job) => {
  it('ends unavailable, and is never taken for a run that hangs', async () => {
    const runner = newRunner(store, pool.clock);
    const run = observe(runner.runNow(job()));
    let longestSilenceMs = 0;

    while (run.state === 'pending') {
      await passTime(pool.clock, 1_000);
      const nowMs = pool.clock.monotonicMs();
      longestSilenceMs = Math.max(longestSilenceMs, nowMs - (runner.silentSinceMs(job().name) ?? nowMs));
    }

    expect(run.state).toMatchObject({
      kind: 'ran',
      run: { job: name, outcome: 'unavailable' },
      cause: 'table',
    });
    expect(longestSilenceMs).toBeLessThan(STALL_LIMIT_MS / 2);
    expect(pool.csp.calls.delete).toBe(0);
  });

  it('begins no further query once its lease cannot be renewed', async () => {
    store.failing.add('renewLease');
    const runner = newRunner(store, pool.clock);
    const run = observe(runner.runNow(job()));

    await passTime(pool.clock, 2 * QUERY_MS);

    expect(run.state).toMatchObject({ kind: 'ran' });
    expect(run.state).not.toMatchObject({ run: { outcome: 'failed' } });
    expect(pool.inventory.listCount).toBeLessThanOrEqual(2);
  });
});
