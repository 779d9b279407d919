import {
  ProcessStartError,
  type ManagedProcess,
  type ProcessExit,
} from '../../../local/processes/managed-process';
import { keepRunning } from '../../../local/processes/respawn';
import { waitUntil } from '../wait-until';

/** A process that starts when its next plan says so. */
class PlannedProcess {
  readonly role = 'api-1';
  readonly pid = 42;
  starts = 0;
  private listener: (exit: ProcessExit) => void = () => undefined;

  constructor(private readonly plans: ('up' | 'fails')[]) {}

  onUnexpectedExit(listener: (exit: ProcessExit) => void): void {
    this.listener = listener;
  }

  start(): Promise<void> {
    this.starts++;
    return this.plans.shift() === 'fails'
      ? Promise.reject(new ProcessStartError('no port'))
      : Promise.resolve();
  }

  die(): void {
    this.listener({ code: null, signal: 'SIGKILL' });
  }
}

function keep(process: PlannedProcess): { events: string[]; stop: () => void } {
  const events: string[] = [];
  const onEvent = (message: string): void => void events.push(message);
  return {
    events,
    stop: keepRunning(process as unknown as ManagedProcess, { onEvent, firstDelayMs: 2, maxDelayMs: 8 }),
  };
}

it('starts a process again that has died, and says so', async () => {
  const process = new PlannedProcess(['up']);
  const { events } = keep(process);
  process.die();

  await waitUntil(() => events.length === 2);
  expect(events).toEqual([
    'api-1 ended unexpectedly, by SIGKILL. It is started again in 0.002 s.',
    'api-1 runs again (pid 42).',
  ]);
});

it('says that it runs again only when who writes its pid down has done so', async () => {
  const process = new PlannedProcess(['up']);
  const told: string[] = [];
  keepRunning(process as unknown as ManagedProcess, {
    onEvent: (message) => told.push(message),
    onRestarted: () => told.push('written down'),
    firstDelayMs: 2,
  });
  process.die();

  await waitUntil(() => told.length === 3);
  expect(told.slice(1)).toEqual(['written down', 'api-1 runs again (pid 42).']);
});

it('tries ever more slowly while it fails, up to a limit', async () => {
  const process = new PlannedProcess(['fails', 'fails', 'fails', 'fails', 'up']);
  const { events } = keep(process);
  process.die();

  await waitUntil(() => events.some((event) => event.includes('runs again')));
  expect(events.join()).toMatch(/0\.002 s.*0\.004 s.*0\.008 s.*0\.008 s.*0\.008 s/);
});

it('leaves it dead once its care is over', async () => {
  const process = new PlannedProcess([]);
  const { events, stop } = keep(process);
  process.die();
  stop();
  process.die();

  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(process.starts).toBe(0);
  expect(events).toHaveLength(1);
});
