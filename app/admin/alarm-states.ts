/** An alarm as it is now. */
export interface AlarmState {
  /** As CloudWatch calls it. */
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Unix seconds: when it entered this state. */
  since?: number;
  /** Why it is in this state, in CloudWatch's words. */
  reason?: string;
  /** What the alarm means and what the system does about it, in our own words. */
  description?: string;
  /** What to do about it, as a path in this repository. */
  runbook?: string;
}

/** The alarms of this environment. */
export interface AlarmStates {
  /** The names of all alarms that there should be. */
  readonly names: readonly string[];

  /** Those of them that exist. Ends within its own time limit; throws {@link AlarmsUnreadableError}. */
  list(): Promise<AlarmState[]>;
}

/** Alarms could not be read. The message says why, in words for people. */
export class AlarmsUnreadableError extends Error {
  override readonly name = 'AlarmsUnreadableError';
}
