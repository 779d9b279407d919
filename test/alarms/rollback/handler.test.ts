import { RollbackIncompleteError, type AlarmResponse } from '../../../alarms/rollback/conclude-alarm';
import type { AlarmEvent } from '../../../alarms/rollback/alarm-event';
import { handleEvent, handler } from '../../../alarms/rollback/handler';
import { recordingLogger } from '../../fakes/loggers';
import { cloudWatchEvent } from './cloudwatch-event';
import { RollbackWorld, workerAlarm } from './rollback-world';

function handle(
  event: unknown,
  respond: (event: AlarmEvent) => Promise<AlarmResponse>,
): { lines: { msg: string }[]; handled: Promise<void> } {
  const { logger, lines } = recordingLogger();
  return {
    lines,
    handled: handleEvent(event, { responder: { respond }, alarmNamePrefix: 'sandbox-broker-dev', logger }),
  };
}

it('rolls the worker back on CloudWatch’s event, and logs it', async () => {
  const world = new RollbackWorld();
  const { lines, handled } = handle(cloudWatchEvent(), (event) => world.deliver(event));

  await handled;

  expect(world.desiredCount).toBe(0);
  expect(lines).toEqual([
    expect.objectContaining({
      action: 'rollback',
      outcome: 'acted',
      asked: 'rollback_worker',
      alarmName: 'sandbox-broker-dev-worker-cpu-high',
      alarmAt: '2026-05-01T12:00:00.985Z',
      durationMs: 2_500,
    }),
  ]);
});

it('logs why it does nothing about another event', async () => {
  const { lines, handled } = handle(cloudWatchEvent({ value: 'OK' }), () => {
    throw new Error('is not asked');
  });

  await handled;

  expect(lines).toEqual([expect.objectContaining({ outcome: 'ignored', reason: 'its state is OK' })]);
});

it.each<[string, unknown, Error]>([
  ['what is no event', {}, new Error('Invalid input')],
  [
    'an act that is not complete',
    cloudWatchEvent(),
    new RollbackIncompleteError(workerAlarm(), ['worker_service'], true),
  ],
])('throws and logs %s, so that Lambda tries again', async (_what, event, error) => {
  const { lines, handled } = handle(event, () => Promise.reject(error));

  await expect(handled).rejects.toThrow(error.message.slice(0, 20));
  expect(lines).toEqual([expect.objectContaining({ action: 'rollback', outcome: 'failed' })]);
});

it('fails, with everything that is missing, in an environment that lacks its configuration', async () => {
  await expect(handler(cloudWatchEvent())).rejects.toThrow(/ECS_CLUSTER is required.*\n.*WORKER_SERVICE/);
});
