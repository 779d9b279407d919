import type { JobsControl } from '../../app/store/job-store';
import type {
  RollbackCause,
  RollbackEntry,
  RollbackHistory,
  RollbackStep,
  StepReport,
  StoredRollbackEntry,
} from '../../app/store/rollback-history';
import type { AlarmEvent } from './alarm-event';
import type { Announcer } from './announcer';
import type { RollbackDependencies } from './rollback-dependencies';
import { rollbackMessage, type AlarmOutcome } from './rollback-message';
import { failedSteps, settle, type Settled } from './steps';
import { RECORD_CALL_MS } from './time-budget';

interface ConclusionDependencies extends Pick<RollbackDependencies, 'nowMs' | 'logger'> {
  history: RollbackHistory;
  announcer: Announcer;
  environmentName: string;
}

/**
 * What became of an alarm's event. `finished_before`: it was delivered once more. `acted`: every step is done, and on-call
 * people know.
 */
export type AlarmResponse =
  | { kind: 'ignored'; reason: string }
  | { kind: 'finished_before' }
  | { kind: 'acted'; steps: StepReport[]; durationMs: number };

/** What one attempt has come to, before it is recorded and told. */
export interface AlarmAttempt {
  steps: StepReport[];
  runner?: JobsControl['runner'];
  /** It has changed something itself, or cannot rule that out. */
  hasChanged: boolean;
}

/**
 * Records what an attempt has done, tells people, and records that they were told. In this order nothing is lost on the
 * way; at worst people are told twice.
 *
 * @param found what earlier attempts at this event have recorded, if that could be read.
 * @throws RollbackIncompleteError when a step has failed or nobody could be told, and when an event that was finished
 * long ago has changed something once more, because nobody could tell in time that it was: what people had put right
 * since may be undone.
 */
export async function concludeAlarm(
  { history, announcer, environmentName, logger, nowMs }: ConclusionDependencies,
  event: AlarmEvent,
  found: Settled<StoredRollbackEntry | undefined>,
  { steps: tried, runner, hasChanged }: AlarmAttempt,
): Promise<AlarmResponse> {
  const earlier = found.isKnown ? found.value : undefined;
  const steps = withEarlierWork(tried, earlier?.steps ?? []);
  const durationMs = nowMs() - event.atMs;
  const entry: RollbackEntry = {
    atMs: event.atMs,
    cause: causeOf(event),
    action: event.action,
    steps: [...steps],
    durationMs,
    attempts: (earlier?.attempts ?? 0) + 1,
    announcedFailures: earlier?.announcedFailures?.filter((step) => step !== 'unknown'),
    isFinished: false,
  };
  const saved = await settle(history.save(entry, callLimit()));
  if (saved.isKnown && !saved.value) {
    if (!hasChanged) return { kind: 'finished_before' };
    const undone = [...tried, ACTED_AGAIN];
    const isTold = await tell(event, { steps: undone, runner, durationMs });
    throw new RollbackIncompleteError(event, failedSteps(undone), isTold);
  }
  if (!saved.isKnown) {
    logger.error({ err: saved.error, step: 'history' }, 'a step failed');
    steps.push({ step: 'history', outcome: 'failed', detail: saved.why });
  }

  const failures = failedSteps(steps);
  // Nobody needs to read again that the very same steps have failed.
  const isKnownToPeople = earlier?.announcedFailures?.join() === failures.join();
  const isTold = isKnownToPeople || (await tell(event, { steps, runner, durationMs }));
  if (isTold) {
    const told = { ...entry, announcedFailures: failures, isFinished: failures.length === 0 };
    const noted = await settle(history.save(told, callLimit()));
    // All is done; at worst a second delivery tells people once more.
    if (!noted.isKnown) logger.warn({ err: noted.error }, 'cannot record that people were told');
  }
  if (failures.length > 0 || !isTold) throw new RollbackIncompleteError(event, failures, isTold);
  return { kind: 'acted', steps, durationMs };

  async function tell(about: AlarmEvent, outcome: AlarmOutcome): Promise<boolean> {
    const published = await settle(announcer.publish(rollbackMessage(about, outcome, environmentName)));
    if (!published.isKnown) logger.error({ err: published.error }, 'cannot tell on-call people');
    return published.isKnown;
  }
}

/** There is an entry, so nothing can be recorded; only people can say what is to hold. */
const ACTED_AGAIN: StepReport = {
  step: 'history',
  outcome: 'failed',
  detail: 'this alarm was dealt with before, and has now acted once more: undo it if the worker is to run',
};

/** How the history names an alarm. */
export function causeOf({ alarmName, reason }: AlarmEvent): RollbackCause {
  return { kind: 'alarm', name: alarmName, reason };
}

/** Something is still to be done: what fails loudly makes the event be delivered again. */
export class RollbackIncompleteError extends Error {
  override readonly name = 'RollbackIncompleteError';

  constructor(
    event: AlarmEvent,
    readonly failures: RollbackStep[],
    readonly isTold: boolean,
  ) {
    const missing = [...failures, ...(isTold ? [] : ['announcement'])].join(', ');
    super(`${event.action} for ${event.alarmName} is not complete: ${missing}`);
  }
}

/** What an earlier attempt has done is not called unchanged. */
function withEarlierWork(steps: StepReport[], earlier: StoredRollbackEntry['steps']): StepReport[] {
  return steps.map((now) => {
    const before = earlier.find(({ step }) => step === now.step);
    const isDoneBefore = now.outcome === 'unchanged' && before?.outcome === 'done';
    return isDoneBefore ? { ...now, outcome: 'done', detail: before.detail } : now;
  });
}

/** `AbortSignal.timeout` keeps no process alive. */
function callLimit(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(RECORD_CALL_MS) };
}
