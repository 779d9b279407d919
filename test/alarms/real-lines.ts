import { AllocationContendedError, NoSandboxesAvailableError } from '../../app/errors';
import { HttpCspClient } from '../../app/csp/http-csp-client';
import { CleanupJob } from '../../app/jobs/cleanup-job';
import type { JobReport } from '../../app/jobs/job';
import { OverdueJobs } from '../../app/jobs/overdue-jobs';
import { SyncJob } from '../../app/jobs/sync-job';
import { Lifecycle } from '../../app/lifecycle';
import type { Logger } from '../../app/logger';
import { Metrics } from '../../app/metrics';
import { PoolGauges } from '../../app/pool-gauges';
import { Readiness } from '../../app/readiness';
import { StatusReport } from '../../app/status-report';
import type { JobName } from '../../app/store/job-store';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { replyWith, startScriptedPortal } from '../csp/scripted-portal';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { recordingLogger } from '../fakes/loggers';
import { deletedSandbox, deletionUnconfirmedSandbox, pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { CountingStore, startTestApi, type TestApi } from '../http/test-api';
import { JobPool } from '../jobs/job-pool';
import { INTERVAL_SECONDS, LEASE_TTL_MS, newRunner, StubJob } from '../jobs/runner-harness';
import { waitUntil } from '../local/wait-until';
import type { LogLine } from './filter-pattern';

/* Lines of the log as the real code writes them. Nothing here may make a line up: it is what the alarms rest on. */

async function linesOf(write: (logger: Logger) => Promise<unknown>): Promise<LogLine[]> {
  const { logger, lines } = recordingLogger();
  await write(logger);
  return lines.map((line): LogLine => ({ ...line }));
}

/** All lines of a run that ends like this, or throws. */
export function jobRunLines(
  job: JobName,
  end: JobReport['outcome'] | 'throws' | 'no_table',
): Promise<LogLine[]> {
  const body = (): JobReport => {
    if (end === 'throws') throw new Error('broken');
    if (end === 'no_table') throw new StoreUnavailableError('getSandbox', { cause: new Error('no answer') });
    return { outcome: end, counts: {} };
  };
  return linesOf((logger) =>
    newRunner(new FakeJobStore(), new FakeClock(), { logger }).runNow(new StubJob(job, body)),
  );
}

/** What cleanup says of a sandbox that the portal refuses to delete, at its first attempt of so many. */
export function refusedDeletionLines(maxAttempts: number): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const pool = new JobPool();
    pool.seedBoth(pendingDeletionSandbox({ sandboxId: '17', deletionRetryCount: 0 }));
    pool.csp.answer = (call) => (call === 'delete' ? 409 : undefined);
    const options = { batchSize: 1, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts };
    await pool.run(new CleanupJob(pool.tools, options), { logger });
  });
}

/** What cleanup says when sandboxes have been due for deletion for so many seconds. */
export function backlogLines(agesSeconds: readonly number[]): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const pool = new JobPool();
    agesSeconds.forEach((age, index) => {
      const externalId = `identity/accounts/${index}`;
      const deletionRequestedAt = pool.now - age;
      pool.seedBoth(pendingDeletionSandbox({ sandboxId: String(index), externalId, deletionRequestedAt }));
    });
    const options = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
    await pool.run(new CleanupJob(pool.tools, options), { logger });
  });
}

/** What cleanup says of a deletion that has been unconfirmed for so long. */
export function unconfirmedDeletionLines(ageSeconds: number): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const pool = new JobPool();
    pool.seedBoth(
      deletionUnconfirmedSandbox({ deletionSentAt: pool.now - ageSeconds, nextAttemptAt: pool.now + 60 }),
    );
    const options = { batchSize: 1, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
    await pool.run(new CleanupJob(pool.tools, options), { logger });
  });
}

/** What a sync that finds so many accounts listed after their deletion, and its runner, say. */
export function listedAfterDeletionLines(count: number): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const pool = new JobPool();
    for (let index = 0; index < count; index += 1) {
      pool.seedBoth(deletedSandbox({ sandboxId: String(index), externalId: `identity/accounts/${index}` }));
    }
    const run = newRunner(new FakeJobStore(), pool.clock, { logger }).runNow(new SyncJob(pool.tools));
    await pool.clock.passUntil(run);
  });
}

/** What a sync says that meets so many entries that it cannot use. */
export function skippedItemLines(count: number): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const pool = new JobPool();
    pool.csp.list = (accounts) => ({
      accounts,
      unusable: Array.from({ length: count }, (_, index) => ({
        index,
        reasons: 'odd',
        sandboxId: `${index}`,
      })),
    });
    await pool.run(new SyncJob(pool.tools), { logger });
  });
}

/** What the portal's client says when its circuit opens, and when it closes again. */
export function circuitLines(): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const portal = await startScriptedPortal(replyWith(500), replyWith(204));
    const client = new HttpCspClient({
      baseUrl: portal.url,
      apiToken: 'portal-token',
      connectTimeoutMs: 5_000,
      readTimeoutMs: 5_000,
      circuitBreaker: { threshold: 1, openMs: 1 },
      retry: { maxAttempts: 1, initialDelayMs: 1, maxDelayMs: 1 },
      logger,
    });
    const remove = (): Promise<unknown> => client.deleteAccount('identity/accounts/17');
    await remove().catch(() => undefined);
    await waitUntil(() =>
      remove().then(
        () => true,
        () => false,
      ),
    );
    await portal.stop();
  });
}

/** One report of an API process whose table answers, or does not. */
export function statusLines(isTableReachable: boolean): Promise<LogLine[]> {
  return linesOf(async (logger) => {
    const clock = new FakeClock();
    const store = new CountingStore();
    if (!isTableReachable) store.onPing = () => Promise.reject(new Error('no connection'));
    const lifecycle = new Lifecycle();
    lifecycle.started();
    const report = new StatusReport(
      {
        lifecycle,
        readiness: new Readiness(store, clock),
        gauges: new PoolGauges(store, new Metrics(), clock, logger, 60_000),
        overdueJobs: new OverdueJobs(new FakeJobStore(), clock, {
          intervalSeconds: INTERVAL_SECONDS,
          leaseTtlMs: LEASE_TTL_MS,
        }),
        circuitState: () => 'closed',
        logger,
      },
      { intervalMs: 1, maxPoolAgeMs: 1_000 },
    );
    await report.now();
  });
}

/** The lines of requests: an allocation that ends like this, a probe, an unknown route and an admin's call. */
export async function requestLines(allocation: 'allocated' | 'pool_empty' | 'contended'): Promise<LogLine[]> {
  const api = await startTestApi();
  const { service } = api;
  if (allocation === 'pool_empty') {
    service.onAllocate = () => Promise.reject(new NoSandboxesAvailableError(undefined));
  }
  if (allocation === 'contended') service.onAllocate = () => Promise.reject(new AllocationContendedError());
  await api.callAsTrack('/v1/allocate', { method: 'POST' });
  return linesAfter(api, 1);
}

/** The lines of other requests, whose names or outcomes might look like one of ours. */
export async function otherRequestLines(): Promise<LogLine[]> {
  const api = await startTestApi();
  await api.call('/readyz');
  await api.call('/v1/status');
  await api.callAsTrack('/v1/sandboxes/17');
  await api.callAsTrack('/v1/sandboxes/17/mark-for-deletion', { method: 'POST' });
  await api.callAsTrack('/v1/admin/jobs');
  return linesAfter(api, 5);
}

async function linesAfter(api: TestApi, count: number): Promise<LogLine[]> {
  const lines = (): LogLine[] => api.logLines.filter(({ msg }) => msg === 'request');
  await waitUntil(() => lines().length >= count);
  await api.stop();
  return lines();
}
