/* eslint-disable jest/no-export -- a suite for delivery.test.ts to run */
import { waitUntil } from '../../../local/wait-until';
import type { EcsTask } from '../../ecs/ecs-task';
import type { DeployedSystem } from '../deployed-system';

/** What becomes of tasks that die, hang, or are asked to go. */
export function describeTaskFailures(system: () => DeployedSystem): void {
  const api = (): EcsTask[] => system().agent.healthyTasksOf(system().broker.names.apiService);
  const workers = (): EcsTask[] => system().agent.healthyTasksOf(system().broker.names.workerService);

  it('replaces a worker that was killed', async () => {
    const [worker] = workers();
    worker?.crash();
    await waitUntil(() => worker?.status === 'stopped' && workers().length === 1);

    expect(worker?.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(workers()[0]?.id).not.toBe(worker?.id);
  });

  it('goes on serving while a killed API task is replaced', async () => {
    const [victim] = api();
    victim?.crash();
    await waitUntil(() => victim?.status === 'stopped');

    expect((await system().track.allocate('student-5')).status).toBe(201);
    await waitUntil(() => api().length === 2);
    expect(api().map(({ id }) => id)).not.toContain(victim?.id);
  });

  it('replaces a task whose health check fails, and stops it in order', async () => {
    const [victim] = api();
    // It hangs: its port is open, and nobody answers.
    victim?.crash('SIGSTOP');
    await waitUntil(() => victim?.health === 'unhealthy' && api().length === 2);
    expect(system().events).toContain(`${victim?.id ?? ''} is unhealthy and is replaced`);

    // Awake again, it finds the SIGTERM that it was sent.
    victim?.crash('SIGCONT');
    await waitUntil(() => victim?.status === 'stopped');
    expect(victim?.exit).toEqual({ code: 0, signal: null });
  });

  it('keeps what a stopped task has said', async () => {
    const { logLines, broker } = system();

    await waitUntil(async () =>
      (await logLines(broker.names.apiLogGroup)).some(({ msg }) => msg === 'ended'),
    );
    expect((await logLines(broker.names.apiLogGroup)).map(({ msg }) => msg)).toContain('draining');
  });
}
