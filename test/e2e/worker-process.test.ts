import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { waitUntil } from '../local/wait-until';
import { callServer, closeConnections } from './support/broker-client';
import { loggedRuns } from './support/job-runs';

/*
 * The worker as a process: what it tells the machines that watch it.
 */

jest.setTimeout(60_000);

let system: LocalSystem;

afterEach(async () => {
  closeConnections();
  await system.stop();
});

it('tells Prometheus of every job that it has run', async () => {
  system = await startLocalSystem({ sandboxCount: 5, apiTaskCount: 1, workerCount: 1 });
  await waitUntil(() => loggedRuns(system).length >= 4);

  const url = system.workers[0]?.url ?? '';
  const { status } = await callServer('GET', `${url}/healthz`);
  const text = String((await callServer('GET', `${url}/metrics`)).body.text);

  expect(status).toBe(200);
  for (const sample of [
    'broker_sync_total{outcome="success"} 1',
    'broker_sync_sandboxes_synced_total 0',
    'broker_sync_sandboxes_stale_total 0',
    'broker_sync_duration_seconds_count 1',
    'broker_cleanup_total{outcome="success"} 1',
    'broker_cleanup_deleted_total 0',
    'broker_cleanup_failed_total 0',
    'broker_cleanup_duration_seconds_count 1',
    'broker_expiry_total{outcome="success"} 1',
    'broker_expiry_orphaned_total 0',
    'broker_csp_circuit_breaker_state 0',
    'broker_job_lease_held{job="sync"} 0',
  ]) {
    expect(text).toContain(`\n${sample}\n`);
  }
  expect(text).toMatch(/\nbroker_job_last_success_timestamp_seconds\{job="sync"\} \d{10}\n/);
});
