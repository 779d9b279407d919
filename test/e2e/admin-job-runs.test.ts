import { request } from 'node:http';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { waitUntil } from '../local/wait-until';
import { Admin, setFaults } from './support/admin-client';
import { closeConnections, tally, type Answer } from './support/broker-client';

/*
 * Runs that outlast the call that started them, with a slow portal. Behind the load balancer each further call may reach
 * another process: here it always does. No worker runs.
 */

jest.setTimeout(60_000);

/** Longer than the call waits, and shorter than the portal's client does. */
const PORTAL_LATENCY_MS = 3_000;

let system: LocalSystem;
let first: Admin;
let other: Admin;

beforeEach(async () => {
  system = await startLocalSystem({
    sandboxCount: 5,
    apiTaskCount: 2,
    environment: { JOB_LEASE_SEC: '3' },
    apiEnvironment: { ADMIN_WAIT_SEC: '1' },
  });
  first = new Admin(system, 0);
  other = new Admin(system, 1);
});

afterEach(async () => {
  closeConnections();
  await system.stop();
});

function runOf({ body }: Answer): Record<string, unknown> {
  return body.run as Record<string, unknown>;
}

it('a call whose run takes long answers 202 with a run that any process can follow to its end', async () => {
  await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });

  const answer = await first.start('/sync');
  const seen = await other.get(`/jobs/runs/${String(runOf(answer).id)}`);
  const overview = await other.get('/jobs');
  const refused = await other.start('/sync');
  const ended = await other.follow(runOf(answer).id);

  const { id } = runOf(answer);
  expect(answer).toMatchObject({
    status: 202,
    headers: { location: `/v1/admin/jobs/runs/${String(id)}`, 'retry-after': '2' },
    body: { status: 'running', run: { job: 'sync', status: 'running', result: null } },
  });
  expect(seen).toMatchObject({ status: 200, body: { id, status: 'running', result: null } });
  expect((overview.body.jobs as unknown[])[0]).toMatchObject({ name: 'sync', lease: { run_id: id } });
  expect(refused.body.error).toMatchObject({ code: 'JOB_RUNNING', details: { run_id: id } });
  const { started_at: startedAt, run_by: runBy } = runOf(answer);
  expect(ended).toMatchObject({
    id,
    status: 'ended',
    started_at: startedAt,
    run_by: runBy,
    result: { outcome: 'success', counts: { listed: 5 }, started_at: startedAt },
  });
});

it('a quick run is answered with 200 and its counts, unless the caller prefers not to wait', async () => {
  const quick = await first.post('/sync');
  await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });
  const preferred = await first.start('/sync', { Prefer: 'respond-async' });

  expect(quick).toMatchObject({ status: 200, body: { status: 'completed', listed: 5 } });
  expect(preferred).toMatchObject({ status: 202, headers: { 'preference-applied': 'respond-async' } });
  await other.follow(runOf(preferred).id);
});

it('a run of which the portal is not there ends so after the answer, and says why', async () => {
  await setFaults(system, { outage: true });

  const ended = await other.follow(runOf(await first.start('/sync', { Prefer: 'respond-async' })).id);

  expect(ended).toMatchObject({
    status: 'ended',
    result: { outcome: 'unavailable', error: expect.any(String) as string },
  });
});

it('a client that leaves does not stop the run', async () => {
  await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });
  const leaving = request(`${system.apis[0]?.url ?? ''}/v1/admin/sync`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${system.brokerAdminToken}` },
  });
  leaving.on('error', () => undefined);
  leaving.end();
  let id: unknown;
  await waitUntil(async () => {
    const [sync] = (await other.get('/jobs')).body.jobs as { lease: { run_id: string } | null }[];
    id = sync?.lease?.run_id;
    return id !== undefined;
  });

  leaving.destroy();

  expect(await other.follow(id)).toMatchObject({ status: 'ended', result: { outcome: 'success' } });
});

it('a run whose process is killed is lost and not running for ever; after the next run it is superseded', async () => {
  await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });
  const { id } = runOf(await first.start('/sync', { Prefer: 'respond-async' }));
  await system.apis[0]?.process.kill('SIGKILL');
  await setFaults(system, {});

  const lost = await other.follow(id);
  const next = await other.post('/sync');
  const superseded = await other.follow(id);

  expect(lost).toMatchObject({
    status: 'lost',
    result: null,
    message: expect.stringContaining('no record') as string,
  });
  expect(next.status).toBe(200);
  expect(superseded).toMatchObject({ status: 'superseded', result: null });
});

it('an id of no run is nobody’s', async () => {
  const ids = ['sync-1', 'sync', 'no-job-1', encodeURIComponent('sync-1/../x')];

  const answers = await Promise.all(ids.map((id) => first.get(`/jobs/runs/${id}`)));

  expect(tally(answers)).toEqual({ '404 RUN_NOT_FOUND': ids.length });
});
