/** An alarm as it is now. */
export interface AlarmState {
  /** As CloudWatch calls it. */
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Milliseconds since the Unix epoch. */
  sinceMs?: number;
  reason: string;
}

/** The alarms of one environment. Every call ends within its own time limit. */
export interface AlarmStates {
  /** All of them, by name. */
  list(): Promise<AlarmState[]>;
}
