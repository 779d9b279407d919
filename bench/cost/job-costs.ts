import { composeWorker } from '../../app/compose';
import type { JobSystem } from '../../app/compose-jobs';
import type { Job } from '../../app/jobs/job';
import { allocate } from '../../app/allocation/transitions';
import { createLogger } from '../../app/logger';
import type { JobRun } from '../../app/store/job-store';
import { QUEUE_POSITION_LIMIT, SHARD_COUNT } from '../../app/store/table';
import { LOCAL_AWS_ENVIRONMENT } from '../../local/engine/local-credentials';
import type { LocalSystem } from '../../local/local-system';
import { parseWorkerConfig } from '../../worker/config';
import type { Measured } from './measured';
import { usageOf, type TestBed } from './test-bed';
import { minus, times } from './usage';

/** How many sandboxes expire, are deleted or are added, to know what one of them costs. */
const CHANGE_COUNT = 50;
const SILENT = createLogger({ service: 'bench', level: 'silent' });
const HOUR_SECONDS = 3_600;

/** The jobs as the worker composes them, in this process: run when we say so, each under its lease. */
export class MeteredJobs {
  readonly #worker: JobSystem & { close: () => void };

  constructor(private readonly bed: Pick<TestBed, 'system' | 'meter'>) {
    const { system, meter } = bed;
    const config = parseWorkerConfig({
      ...LOCAL_AWS_ENVIRONMENT,
      DDB_ENDPOINT_URL: meter.url,
      DDB_TABLE_NAME: system.tableNames.table,
      DDB_GSI1_NAME: system.tableNames.statusIndex,
      DDB_GSI2_NAME: system.tableNames.trackIndex,
      DDB_GSI3_NAME: system.tableNames.nameIndex,
      CSP_BASE_URL: system.cspUrl,
      CSP_API_TOKEN: system.cspApiToken,
      CLEANUP_BATCH_DELAY_SEC: '0',
    });
    this.#worker = composeWorker(config, SILENT);
  }

  /** What runs use that find nothing to do. The pool must be as the portal lists it, and nothing in it be due. */
  async idleRuns(): Promise<{ sync: Measured; cleanup: Measured; expiry: Measured; deleteStale: Measured }> {
    const { sync, cleanup, autoExpiry, autoDeleteStale } = this.#worker.jobs;
    // The bench writes rows without guards; and the first sync of a process looks at the guard of each row.
    await this.#run(sync);
    return {
      sync: await this.#measure('sync_unchanged', 'sync, nothing changed', sync, {}),
      cleanup: await this.#measure('cleanup_idle', 'cleanup, nothing due', cleanup, { deleted: 0 }),
      expiry: await this.#measure('expiry_idle', 'auto-expiry, nothing due', autoExpiry, { expired: 0 }),
      deleteStale: await this.#measure(
        'delete_stale_idle',
        'auto-delete-stale, nothing due',
        autoDeleteStale(),
        { deleted: 0 },
      ),
    };
  }

  /** What each expired, deleted and added sandbox costs, beyond a run right before that finds nothing. */
  async changes(addAccounts: TestBed['addAccounts']): Promise<Measured[]> {
    const { sync, cleanup, autoExpiry } = this.#worker.jobs;
    const { system } = this.bed;
    const idleCleanup = await this.#measure('cleanup_idle', '', cleanup, { deleted: 0 });

    const idleExpiry = await this.#measure('expiry_idle', '', autoExpiry, { expired: 0 });
    await expireSome(system, CHANGE_COUNT);
    const expiry = await this.#measure('expiry', 'expiry of a sandbox', autoExpiry, {
      expired: CHANGE_COUNT,
    });

    const deletion = await this.#measure('deletion', 'deletion of a sandbox', cleanup, {
      deleted: CHANGE_COUNT,
    });

    await this.#run(sync);
    const idleSync = await this.#measure('sync_unchanged', '', sync, { added: 0 });
    await addAccounts(CHANGE_COUNT, { inPool: false });
    const added = await this.#measure('sync_added', 'sync, each new sandbox', sync, { added: CHANGE_COUNT });
    return [each(expiry, idleExpiry), each(deletion, idleCleanup), each(added, idleSync)];
  }

  /** How many writes a sync makes: the job alone, without lease and record. */
  async writesOfSync(): Promise<number> {
    const { meter } = this.bed;
    meter.take();
    const context = { signal: new AbortController().signal, onProgress: () => undefined, logger: SILENT };
    const { outcome } = await this.#worker.jobs.sync.run(context);
    if (outcome !== 'success') throw new Error(`The sync ended with ${outcome}`);
    return meter.take().filter(({ usage }) => usage.writeUnits > 0).length;
  }

  /** Deletes in the portal what was given back. */
  async cleanUp(): Promise<void> {
    await this.#run(this.#worker.jobs.cleanup);
  }

  close(): void {
    this.#worker.close();
  }

  async #measure(name: string, title: string, job: Job, counts: Record<string, number>): Promise<Measured> {
    let run: JobRun | undefined;
    const usage = await usageOf(this.bed.meter, async () => {
      run = await this.#run(job);
    });
    for (const [what, expected] of Object.entries(counts)) {
      const actual = run?.counts[what];
      if (actual !== expected) throw new Error(`${job.name}: ${what} is ${String(actual)}, not ${expected}`);
    }
    return { name, title, usage };
  }

  async #run(job: Job): Promise<JobRun> {
    const result = await this.#worker.runner.runNow(job);
    if (result.kind !== 'ran' || result.run.outcome !== 'success') {
      throw new Error(`${job.name} did not run well: ${JSON.stringify(result)}`);
    }
    return result.run;
  }
}

/** One of the changes that a run has made, without what the run costs by itself. */
function each(run: Measured, idleRun: Measured): Measured {
  return { ...run, usage: times(minus(run.usage, idleRun.usage), 1 / CHANGE_COUNT) };
}

/** Gives sandboxes to callers whose time is over, straight in the table. */
async function expireSome({ store }: LocalSystem, count: number): Promise<void> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  let expired = 0;
  for (let shard = 0; shard < SHARD_COUNT && expired < count; shard += 1) {
    const segment = { by: 'queuePosition', shard, from: 0, to: QUEUE_POSITION_LIMIT } as const;
    const { items } = await store.findAvailable(segment, { limit: count - expired });
    for (const candidate of items) {
      const caller = `gone-${expired}`;
      const allocatedAt = nowSeconds - 6 * HOUR_SECONDS;
      const expiresAt = nowSeconds - 2 * HOUR_SECONDS;
      const allocation = { caller, idempotencyKey: caller, trackName: 'bench', allocatedAt, expiresAt };
      const { kind } = await store.allocate(candidate, allocate(candidate, allocation));
      if (kind !== 'allocated') throw new Error(`A sandbox could not be made to expire: ${kind}`);
      expired += 1;
    }
  }
  if (expired < count) throw new Error(`Only ${expired} sandboxes could be made to expire`);
}
