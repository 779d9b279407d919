import { systemClock } from '../../app/allocation/clock';
import { allocate } from '../../app/allocation/transitions';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { waitUntil } from '../local/wait-until';
import { Admin } from '../e2e/support/admin-client';
import { call, closeConnections, Track } from '../e2e/support/broker-client';
import { loggedRuns } from '../e2e/support/job-runs';
import { scanTable } from '../e2e/support/table-scan';

/*
 * Ten thousand sandboxes, and every kind of item in the table: does each part see every one of them?
 */

jest.setTimeout(300_000);

const POOL = 10_000;

let system: LocalSystem;
let admin: Admin;

beforeAll(async () => {
  system = await startLocalSystem({
    sandboxCount: POOL,
    apiTaskCount: 1,
    environment: { METRICS_CACHE_SECONDS: '1', AUTO_EXPIRY_INTERVAL_SEC: '1' },
  });
  admin = new Admin(system);
  // Claims, leases, job runs and the word on who runs the jobs stand between the sandboxes from now on.
  const track = new Track([system.apis[0]?.url ?? ''], system.brokerApiToken);
  for (let student = 0; student < 20; student += 1) await track.allocate(`student-${student}`);
  await admin.setRunner('none');
});

afterAll(async () => {
  closeConnections();
  await system.stop();
});

it('sync sees every sandbox', async () => {
  const { body } = await admin.post('/sync');

  expect(body).toMatchObject({ status: 'completed', listed: POOL, added: 0, missed: 0, stale: 0 });
});

it('stats and gauges count every sandbox', async () => {
  const { body } = await admin.get('/stats');
  const { body: metrics } = await call('GET', `${system.apis[0]?.url ?? ''}/metrics`);

  expect(body).toMatchObject({ total: POOL, available: POOL - 20, allocated: 20 });
  expect(metrics.text).toContain(`\nbroker_pool_total ${POOL}\n`);
  expect(metrics.text).toContain(`\nbroker_pool_allocated 20\n`);
});

it('the admin list, walked to its end, shows every sandbox once', async () => {
  const ids = (await admin.listAll('', 499)).map(({ sandbox_id: id }) => id);

  expect(ids).toHaveLength(POOL);
  expect(new Set(ids).size).toBe(POOL);
});

it('expiry sees every sandbox', async () => {
  const available = (await scanTable(system)).sandboxes.filter(
    (sandbox): sandbox is AvailableSandbox => sandbox.status === 'available',
  );
  const longAgo = Math.floor(systemClock.nowMs() / 1000) - 86_400;
  const waiting = available.values();
  const work = async (): Promise<void> => {
    for (const sandbox of waiting) {
      const caller = `forgetful-${sandbox.sandboxId}`;
      const allocation = { caller, idempotencyKey: caller, allocatedAt: longAgo, expiresAt: longAgo + 3_600 };
      await system.store.allocate(sandbox, allocate(sandbox, allocation));
    }
  };
  await Promise.all(Array.from({ length: 32 }, work));

  // After that it is not due while this test lasts: it would delete what expires.
  await admin.post('/cleanup');
  await admin.setRunner('api');
  const expired = (): number =>
    loggedRuns(system).reduce((sum, { counts }) => sum + (counts.expired ?? 0), 0);
  await waitUntil(() => expired() >= POOL - 20);

  expect((await admin.get('/stats')).body).toMatchObject({ allocated: 20, pending_deletion: POOL - 20 });
  expect((await scanTable(system)).claims).toHaveLength(20);
});
