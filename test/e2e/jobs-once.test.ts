import { setTimeout as delay } from 'node:timers/promises';
import { JOB_NAMES } from '../../app/store/job-store';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { waitUntil } from '../local/wait-until';
import { Admin, portalDeletions, setFaults } from './support/admin-client';
import { closeConnections, tally, Track } from './support/broker-client';
import { earlyRuns, loggedRuns, type LoggedRun } from './support/job-runs';
import { scanTable } from './support/table-scan';

/*
 * Jobs in one place at a time, however many processes could run them.
 */

jest.setTimeout(600_000);

const QUICK_JOBS = {
  SYNC_INTERVAL_SEC: '3',
  CLEANUP_INTERVAL_SEC: '2',
  AUTO_EXPIRY_INTERVAL_SEC: '2',
  AUTO_DELETE_STALE_INTERVAL_SEC: '5',
  CLEANUP_BATCH_DELAY_SEC: '0',
};

let system: LocalSystem;

/** The runner that a process has logged last. */
function lastRunnerIn(stdout: string): unknown {
  const line = stdout
    .split('\n')
    .findLast((each) => each.includes('"msg":"who runs the jobs"') && each.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as { runner: unknown }).runner;
}

/** The lease of each job, or null. */
async function leases(admin: Admin): Promise<({ holder: string } | null)[]> {
  const { body } = await admin.get('/jobs');
  return (body.jobs as { lease: { holder: string } | null }[]).map(({ lease }) => lease);
}

afterEach(async () => {
  closeConnections();
  await system.stop();
});

async function releaseSome(track: Track, from: number, count: number): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    const { body } = await track.allocate(`student-${index}`);
    await track.markForDeletion(`student-${index}`, body.sandbox_id);
  }
}

it('two workers and three API processes run each job once when it is due, whoever has the word', async () => {
  system = await startLocalSystem({
    sandboxCount: 80,
    apiTaskCount: 3,
    workerCount: 2,
    environment: QUICK_JOBS,
  });
  const admin = new Admin(system);
  const track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
  const runsBy = (service: string): LoggedRun[] =>
    loggedRuns(system).filter((run) => run.service === service);
  const eachJobRan = (service: string, times: number): boolean =>
    JOB_NAMES.every((job) => runsBy(service).filter((run) => run.job === job).length >= times);
  /** Hands the jobs over, and waits until every process knows it and no run is under way. The second it then is. */
  const handOver = async (runner: string): Promise<number> => {
    await admin.setRunner(runner);
    const processes = [...system.apis, ...system.workers].map(({ process }) => process);
    await waitUntil(() => processes.every(({ stdout }) => lastRunnerIn(stdout) === runner));
    // A run may have been about to begin: each of its calls to the table ends within this time.
    await delay(10_000);
    if (runner === 'none')
      await waitUntil(async () => (await leases(admin)).every((lease) => lease === null));
    return Math.floor(Date.now() / 1_000);
  };

  // First with the workers, then with the API processes, and work to do all the time.
  for (let index = 0; index < 20; index += 1) {
    await releaseSome(track, index, 1);
    await delay(1_000);
  }
  await waitUntil(() => eachJobRan('worker', 3));
  expect(runsBy('api')).toEqual([]);

  const handedOverAt = await handOver('api');
  for (let index = 20; index < 40; index += 1) {
    await releaseSome(track, index, 1);
    await delay(1_000);
  }
  await waitUntil(() => eachJobRan('api', 3));
  await waitUntil(async () => (await portalDeletions(system)).length >= 40);
  expect(runsBy('worker').filter(({ started_at: startedAt }) => startedAt > handedOverAt)).toEqual([]);

  const frozenAt = await handOver('none');
  // Every job is due in this time.
  await delay(8_000);
  expect(loggedRuns(system).filter(({ started_at: startedAt }) => startedAt > frozenAt)).toEqual([]);

  const runs = loggedRuns(system);
  for (const job of JOB_NAMES) {
    expect(earlyRuns(runs, job)).toEqual([]);
  }
  expect(runs.filter(({ outcome }) => outcome !== 'success')).toEqual([]);
  const deleted = (await portalDeletions(system)).map(({ csp_id: id }) => id);
  expect(deleted).toHaveLength(40);
  expect(new Set(deleted).size).toBe(deleted.length);
});

it('a worker killed in the middle of a cleanup is replaced after its lease, and nothing is lost', async () => {
  system = await startLocalSystem({
    sandboxCount: 80,
    apiTaskCount: 1,
    workerCount: 2,
    environment: { ...QUICK_JOBS, JOB_LEASE_SEC: '3' },
    // A portal that takes its time, so that there is a middle to be killed in.
    workerEnvironment: { CLEANUP_PER_SANDBOX_DELAY_SEC: '1', CLEANUP_BATCH_SIZE: '100' },
  });
  const track = new Track([system.apis[0]?.url ?? ''], system.brokerApiToken);
  const runner = async (): Promise<string | undefined> => {
    const { body } = await new Admin(system).get('/jobs');
    const jobs = body.jobs as { name: string; lease: { holder: string } | null }[];
    return jobs.find(({ name }) => name === 'cleanup')?.lease?.holder;
  };
  const deletionCount = async (): Promise<number> => (await portalDeletions(system)).length;
  let released = 0;
  // A machine may be so slow that a cleanup ends before this test can stop its portal: then there is another one.
  do {
    await setFaults(system, {});
    await releaseSome(track, released, 10);
    const enough = released + 2;
    released += 10;
    await waitUntil(async () => (await deletionCount()) >= enough && (await runner()) !== undefined);
    // From here on DELETE is not answered: who runs the cleanup stands in the middle of it.
    await setFaults(system, { calls: 'delete', latency_ms: 600_000 });
  } while ((await deletionCount()) > released - 2);
  await waitUntil(async () => (await runner()) !== undefined);
  const holder = (await runner()) ?? '';
  const victim = system.workers.find(({ process }) => holder.includes(`/${process.pid ?? 'none'}/`));

  await victim?.process.kill('SIGKILL');
  const deletedByVictim = await deletionCount();
  await setFaults(system, {});
  await waitUntil(async () => (await deletionCount()) >= released);

  expect(victim).toBeDefined();
  expect(deletedByVictim).toBeLessThan(released);
  await waitUntil(async () =>
    (await scanTable(system)).sandboxes.every(({ status }) => status === 'available' || status === 'deleted'),
  );
  const { sandboxes, claims } = await scanTable(system);
  expect(sandboxes.filter(({ status }) => status === 'deleted')).toHaveLength(released);
  expect(claims).toEqual([]);
});

it('a worker told to end by SIGTERM finishes the item in hand, gives its leases back and exits with 0', async () => {
  system = await startLocalSystem({
    sandboxCount: 20,
    apiTaskCount: 1,
    workerCount: 1,
    environment: QUICK_JOBS,
    // So long a delay between two deletions that the run cannot be over before it is told to end.
    workerEnvironment: { CLEANUP_PER_SANDBOX_DELAY_SEC: '600', CLEANUP_BATCH_SIZE: '100' },
  });
  const track = new Track([system.apis[0]?.url ?? ''], system.brokerApiToken);
  await releaseSome(track, 0, 10);
  await waitUntil(async () => (await portalDeletions(system)).length >= 1);

  const exit = await system.workers[0]?.process.kill('SIGTERM');

  expect(exit).toEqual({ code: 0, signal: null });
  const { body } = await new Admin(system).get('/jobs');
  const jobs = body.jobs as { name: string; lease: unknown; last_run: { outcome: string } }[];
  expect(jobs.map(({ lease }) => lease)).toEqual([null, null, null, null]);
  expect(jobs.find(({ name }) => name === 'cleanup')?.last_run.outcome).toBe('stopped');
  const deleted = (await portalDeletions(system)).length;
  const { sandboxes } = await scanTable(system);
  // No list has shown yet that the last ones are gone.
  const requested = sandboxes.filter(
    ({ status }) => status === 'deletion_unconfirmed' || status === 'deleted',
  );
  expect(requested).toHaveLength(deleted);
});

it('an admin who asks for a job that is being run is told so', async () => {
  system = await startLocalSystem({
    sandboxCount: 5,
    apiTaskCount: 2,
    // The portal holds the deletion for as long as it takes, and no attempt is given up before the test itself is.
    environment: { CSP_TIMEOUT_READ_SEC: '300' },
  });
  const track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
  await releaseSome(track, 0, 3);
  const admin = new Admin(system);
  await setFaults(system, { calls: 'delete', hold: true });

  const first = admin.post('/cleanup');
  // Whoever has a lease has begun; its run cannot end before the portal answers.
  await waitUntil(async () => (await leases(admin)).some((lease) => lease !== null));
  const second = await admin.start('/cleanup');
  const elsewhere = await new Admin(system, 1).start('/cleanup');
  expect(await portalDeletions(system)).toEqual([]);
  await setFaults(system, {});

  expect(tally([second, elsewhere])).toEqual({ '409 JOB_RUNNING': 2 });
  expect((await first).body).toMatchObject({ status: 'completed', deleted: 3, failed: 0 });
  expect(await portalDeletions(system)).toHaveLength(3);
});
