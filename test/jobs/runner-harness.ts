import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Job, JobContext, JobReport } from '../../app/jobs/job';
import { JobRunner, type JobEvents } from '../../app/jobs/job-runner';
import type { JobName, JobRun, JobStore } from '../../app/store/job-store';
import type { FakeClock } from '../fakes/fake-clock';
import { silentLogger } from '../fakes/loggers';

export const LEASE_TTL_MS = 60_000;

export const INTERVAL_SECONDS: Record<JobName, number> = {
  sync: 600,
  cleanup: 300,
  'auto-expiry': 200,
  'auto-delete-stale': 86_400,
};

/** Timers obey the test from now on, and nothing else does. */
export function useFakeTimers(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
    ],
  });
}

/** Lets time pass for the clock and for timers together, a second at a time, and all that then happens happen. */
export async function passTime(clock: FakeClock, durationMs: number, stepMs = 1_000): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    await clock.advance(stepMs);
    jest.advanceTimersByTime(stepMs);
    await everythingElse();
  }
}

/** A job of the test's own making. */
export class StubJob implements Job {
  /** The context of every run so far. */
  readonly contexts: JobContext[] = [];

  constructor(
    readonly name: JobName = 'cleanup',
    private readonly body: (context: JobContext) => JobReport | Promise<JobReport> = succeed,
  ) {}

  get runCount(): number {
    return this.contexts.length;
  }

  async run(context: JobContext): Promise<JobReport> {
    this.contexts.push(context);
    return this.body(context);
  }
}

export function succeed(): JobReport {
  return { outcome: 'success', counts: { deleted: 1 } };
}

/** Works until it is told to stop, without a sign of life. */
export function untilStopped({ signal }: JobContext): Promise<JobReport> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve({ outcome: 'stopped', counts: {} });
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
}

/** Works until it is told to stop, and reports progress every minute. Needs {@link useFakeTimers}. */
export async function workingUntilStopped(context: JobContext): Promise<JobReport> {
  const progress = setInterval(context.onProgress, 60_000);
  try {
    return await untilStopped(context);
  } finally {
    clearInterval(progress);
  }
}

/** Notes what a runner lets its observers see. */
export class RecordedEvents implements JobEvents {
  readonly leases: [JobName, boolean][] = [];
  readonly runs: JobRun[] = [];

  onLease(job: JobName, isHeld: boolean): void {
    this.leases.push([job, isHeld]);
  }

  onRun(run: JobRun): void {
    this.runs.push(run);
  }
}

/** A runner as one process has it. */
export function newRunner(
  store: JobStore,
  clock: FakeClock,
  {
    holder = 'a',
    random = () => 0,
    events = new RecordedEvents(),
    logger = silentLogger,
  }: { holder?: string; random?: () => number; events?: JobEvents; logger?: typeof silentLogger } = {},
): JobRunner {
  return new JobRunner(
    { store, clock, random, logger, events },
    { holder, leaseTtlMs: LEASE_TTL_MS, intervalSeconds: INTERVAL_SECONDS },
  );
}
