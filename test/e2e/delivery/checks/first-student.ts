/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { portalDeletions } from '../../support/admin-client';
import { waitUntil } from '../../../local/wait-until';
import { taskDefinitionOf } from '../../deployment/support/deployed-broker';
import { LAB_DURATION_HOURS, type DeployedSystem } from '../deployed-system';

/** From services that have just been deployed to a student's sandbox, and back to the portal. */
export function describeFirstStudent(system: () => DeployedSystem, sandboxCount: number): void {
  it('becomes two healthy API tasks and one healthy worker', async () => {
    const { agent, broker } = system();
    await waitUntil(
      () =>
        agent.healthyTasksOf(broker.names.apiService).length === 2 &&
        agent.healthyTasksOf(broker.names.workerService).length === 1,
    );

    expect(agent.tasksOf(broker.names.apiService)).toHaveLength(2);
    expect(agent.stoppedTasks()).toEqual([]);
  });

  it.each([
    // 90 % of 1024 and of 512 MiB, less 60.
    ['apiService', '861'],
    ['workerService', '400'],
  ] as const)('gives the heap of the %s what its memory bears', async (service, oldSpaceMib) => {
    const { containerDefinitions } = await taskDefinitionOf(system().broker, service);

    expect(containerDefinitions?.[0]?.environment).toContainEqual({
      name: 'NODE_OPTIONS',
      value: `--max-old-space-size=${oldSpaceMib} --max-semi-space-size=16`,
    });
  });

  it('fills the pool from the portal by itself, and gives a student a sandbox', async () => {
    const { admin, track } = system();
    await waitUntil(async () => (await admin.get('/stats')).body.available === sandboxCount);

    const answer = await track.allocate('student-1');

    expect(answer.status).toBe(201);
    // What TF_VAR_lab_duration_hours said.
    expect(answer.body.expires_at).toBe(Number(answer.body.allocated_at) + LAB_DURATION_HOURS * 3_600);
    expect(await track.allocate('student-1')).toMatchObject({
      status: 200,
      body: { sandbox_id: answer.body.sandbox_id },
    });
    expect((await track.get('student-1', answer.body.sandbox_id)).status).toBe(200);
    expect((await track.get('student-2', answer.body.sandbox_id)).status).toBe(403);
  });

  it('deletes a released sandbox in the portal', async () => {
    const { admin, track, portal } = system();
    const { body } = await track.allocate('student-2');
    expect((await track.markForDeletion('student-2', body.sandbox_id)).status).toBe(200);

    // As an admin who does not wait for the worker's next cleanup.
    expect(await admin.post('/cleanup')).toMatchObject({ status: 200, body: { deleted: 1 } });

    const deletions = await portalDeletions({ cspUrl: portal.url });
    expect(deletions).toHaveLength(1);
    expect(deletions[0]).toMatchObject({ csp_id: Number(body.sandbox_id), outcome: 'deleted' });
  });

  it('takes back what a student kept for too long', async () => {
    const { admin, table, track } = system();
    const { body } = await track.allocate('student-3');
    await table.letExpire(String(body.sandbox_id));
    await table.makeDue('auto-expiry');

    await waitUntil(async () => (await admin.listAll('&status=pending_deletion')).length === 1);
    expect((await track.markForDeletion('student-3', body.sandbox_id)).status).toBe(200);
  });

  it('gives another sandbox to a student whose own was taken out of the table by hand', async () => {
    const { table, track } = system();
    const { body } = await track.allocate('student-4');
    await table.removeRow(String(body.sandbox_id));

    const answer = await track.allocate('student-4');
    expect(answer.status).toBe(201);
    expect(answer.body.sandbox_id).not.toBe(body.sandbox_id);
  });

  it('answers admins: lists by caller and status, statistics, jobs and each job at once', async () => {
    const { admin } = system();

    expect(await admin.listAll('&caller=student-1')).toHaveLength(1);
    expect(await admin.listAll('&status=available')).toHaveLength(sandboxCount - 5);
    for (const path of [
      '/sync',
      '/sync?initialise=true',
      '/cleanup',
      '/auto-delete-stale?grace_period_hours=0',
    ]) {
      expect(await admin.post(path)).toMatchObject({ status: 200, body: { status: 'completed' } });
    }
    expect((await admin.post('/bulk-delete?status=stale')).status).toBe(200);
    expect((await admin.setRunner('worker')).status).toBe(200);
    expect((await admin.get('/jobs')).status).toBe(200);
    expect((await admin.get('/rollbacks')).body).toMatchObject({ worker_stop: null });
    expect((await admin.get('/alarms')).body).toMatchObject({ available: true, missing: [] });
  });

  it('writes its logs to the log groups that the alarms read', async () => {
    const { logLines, broker } = system();

    for (const group of [broker.names.apiLogGroup, broker.names.workerLogGroup]) {
      await waitUntil(async () => (await logLines(group)).some(({ msg }) => msg === 'listening'));
    }
    const runs = (await logLines(broker.names.workerLogGroup)).filter(({ action }) => action === 'job');
    expect(runs.map(({ outcome }) => outcome)).toContain('success');
  });
}
