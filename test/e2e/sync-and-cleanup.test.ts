import { setTimeout as delay } from 'node:timers/promises';
import { stock } from '../../app/allocation/transitions';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import type { PortalFaultSettings } from '../../local/portal/portal-faults';
import { Admin, portalDeletions, setFaults } from './support/admin-client';
import { closeConnections, sandboxIds, tally, Track } from './support/broker-client';
import { holdings, scanTable } from './support/table-scan';

/*
 * The jobs against a portal that misbehaves and students who do not wait. No worker runs: each job begins when the
 * test asks for it.
 */

jest.setTimeout(120_000);

const FORGIVING_CIRCUIT = { CIRCUIT_BREAKER_TIMEOUT_SEC: '1', CLEANUP_BATCH_DELAY_SEC: '0' };

let system: LocalSystem;
let admin: Admin;
let track: Track;

async function start(sandboxCount: number, environment: Record<string, string> = {}): Promise<void> {
  system = await startLocalSystem({ sandboxCount, environment: { ...FORGIVING_CIRCUIT, ...environment } });
  admin = new Admin(system);
  track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
}

async function release(count: number): Promise<unknown[]> {
  const students = Array.from({ length: count }, (_, index) => `leaving-${index}`);
  return Promise.all(
    students.map(async (student) => {
      const { body } = await track.allocate(student);
      await track.markForDeletion(student, body.sandbox_id);
      return body.sandbox_id;
    }),
  );
}

/** Everything that a job could have written, by sandbox. */
async function rows(): Promise<Record<string, string>> {
  const { sandboxes } = await scanTable(system);
  return Object.fromEntries(sandboxes.map((row) => [row.sandboxId, JSON.stringify(row)]));
}

afterEach(async () => {
  closeConnections();
  await system.stop();
});

it('sync and cleanup, racing with 500 allocations, take from nobody and bring nothing back', async () => {
  await start(700);
  const released = await release(100);
  let isOver = false;
  const repeatedly = async (path: string): Promise<void> => {
    while (!isOver) await admin.post(path);
  };

  const jobs = [repeatedly('/sync'), repeatedly('/cleanup')];
  const students = Array.from({ length: 500 }, (_, index) => `student-${index}`);
  const answers = await Promise.all(students.map((student) => track.allocate(student)));
  isOver = true;
  await Promise.all(jobs);
  await admin.post('/cleanup');
  await admin.post('/sync');

  expect(tally(answers)).toEqual({ '201': 500 });
  const contents = await scanTable(system);
  const { byClaims, bySandboxes } = holdings(contents);
  expect(bySandboxes).toHaveLength(500);
  expect(byClaims).toEqual(bySandboxes);
  const allocated = contents.sandboxes.filter(({ status }) => status === 'allocated');
  expect(new Set(allocated.map(({ sandboxId }) => sandboxId))).toEqual(new Set(sandboxIds(answers)));
  const buried = contents.sandboxes.filter(({ status }) => status === 'deleted');
  expect(new Set(buried.map(({ sandboxId }) => sandboxId))).toEqual(new Set(released));
});

describe('sync', () => {
  it('writes no row when nothing has changed', async () => {
    await start(40);
    const before = await rows();

    const { body } = await admin.post('/sync');

    expect(body).toMatchObject({
      status: 'completed',
      listed: 40,
      added: 0,
      updated: 0,
      missed: 0,
      stale: 0,
    });
    expect(await rows()).toEqual(before);
  });

  it.each<[string, PortalFaultSettings, unknown]>([
    ['is empty', { list: 'empty' }, { status: 'guarded' }],
    ['has less than half', { list: 'halved' }, { status: 'guarded', missed: 0, stale: 0 }],
    ['breaks off', { list: 'malformed' }, { error: { code: 'JOB_FAILED' } }],
    ['is none', { list: 'without_results' }, { error: { code: 'JOB_FAILED' } }],
    ['does not come', { outage: true }, { error: { code: 'PORTAL_UNAVAILABLE' } }],
    ['comes too late', { latency_ms: 3_000 }, { error: { code: 'PORTAL_UNAVAILABLE' } }],
    ['is an error', { error_rate: 1 }, { error: { code: 'PORTAL_UNAVAILABLE' } }],
  ])('marks nothing when the list %s, and students notice nothing', async (_, faults, expected) => {
    await start(40, { CSP_TIMEOUT_READ_SEC: '1', CIRCUIT_BREAKER_THRESHOLD: '100' });
    // One more than the portal has ever listed: half of its list is now less than half of what is known.
    const account = { sandboxId: 'unlisted', name: 'unlisted', externalId: 'identity/accounts/unlisted' };
    await system.store.add(stock(account, 1, 1));
    const before = await rows();
    await setFaults(system, faults);

    const answers = [await admin.post('/sync'), await admin.post('/sync')];

    for (const { body } of answers) expect(body).toMatchObject(expected as object);
    expect(await rows()).toEqual(before);
    expect((await track.allocate('student')).status).toBe(201);
  });
});

describe('cleanup', () => {
  it('costs no sandbox an attempt while the portal is down, and deletes all when it is back', async () => {
    await start(30);
    await release(12);
    await setFaults(system, { outage: true });
    const down = [await admin.post('/cleanup'), await admin.post('/cleanup')];

    expect(tally(down)).toEqual({ '503 PORTAL_UNAVAILABLE': 2 });
    const waiting = await admin.listAll('&status=pending_deletion');
    expect(waiting.map(({ deletion_retry_count: count }) => count)).toEqual(Array(12).fill(0));

    await setFaults(system, {});
    await delay(1_100);
    expect((await admin.post('/cleanup')).body).toMatchObject({
      status: 'completed',
      deleted: 12,
      failed: 0,
    });
    expect((await admin.get('/stats')).body).toMatchObject({ pending_deletion: 0, deletion_failed: 0 });
  });

  it('survives 56 errors in a burst: all are deleted in the end, none is given up', async () => {
    await start(70);
    await release(60);
    await setFaults(system, { fail_next: 56, calls: 'delete' });

    // Until all are deleted, however many runs that takes.
    let waitingCount: number;
    do {
      const { body } = await admin.post('/cleanup');
      // The circuit is open for a second.
      if (body.status !== 'completed') await delay(1_100);
      // One that failed right before the portal recovered waits for its second attempt, which an admin can bring forward.
      for (const failed of await admin.listAll('&status=deletion_failed')) {
        expect(failed).toMatchObject({ deletion_given_up: false });
        await admin.post(`/sandboxes/${failed.sandbox_id}/retry-deletion`);
      }
      waitingCount = (await admin.listAll('&status=pending_deletion')).length;
    } while (waitingCount > 0);

    const { body: stats } = await admin.get('/stats');
    expect(stats).toMatchObject({ deletion_given_up: 0, pending_deletion: 0, deletion_failed: 0 });
    const deletions = await portalDeletions(system);
    expect(deletions.filter(({ outcome }) => outcome === 'failed')).toHaveLength(56);
    const deleted = deletions.filter(({ outcome }) => outcome === 'deleted').map(({ csp_id: id }) => id);
    expect(new Set(deleted).size).toBe(60);
  });

  it('gives up one that the portal refuses every time, shows it, and tries again when told to', async () => {
    await start(30, { DELETION_RETRY_MAX_ATTEMPTS: '1', CIRCUIT_BREAKER_THRESHOLD: '100' });
    const [stubborn] = await release(5);
    await setFaults(system, { failing_accounts: [String(stubborn)] });

    expect((await admin.post('/cleanup')).body).toMatchObject({ status: 'completed', deleted: 4, failed: 1 });
    expect((await admin.post('/cleanup')).body).toMatchObject({ deleted: 0, failed: 0 });
    expect((await admin.get('/stats')).body).toMatchObject({ deletion_failed: 1, deletion_given_up: 1 });
    expect(await admin.listAll('&status=deletion_failed')).toEqual([
      expect.objectContaining({ sandbox_id: stubborn, deletion_given_up: true, deletion_retry_count: 1 }),
    ]);

    await setFaults(system, {});
    expect((await admin.post(`/sandboxes/${String(stubborn)}/retry-deletion`)).status).toBe(200);
    expect((await admin.post('/cleanup')).body).toMatchObject({ deleted: 1, failed: 0 });
    expect((await admin.get('/stats')).body).toMatchObject({ deletion_failed: 0, deletion_given_up: 0 });
  });
});

describe('bulk-delete', () => {
  it('refuses every status whose rows are somebody’s, and none at all', async () => {
    await start(5);
    await track.allocate('student');
    const before = await rows();

    const refused = await Promise.all(
      [
        '?status=allocated',
        '?status=available',
        '?status=pending_deletion',
        '?status=deleted',
        '?status=',
        '',
      ].map((query) => admin.post(`/bulk-delete${query}`)),
    );

    expect(tally(refused)).toEqual({ '400 VALIDATION_ERROR': 6 });
    expect(await rows()).toEqual(before);
  });
});
