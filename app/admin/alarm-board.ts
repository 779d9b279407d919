import type { Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import { AlarmsUnreadableError, type AlarmState, type AlarmStates } from './alarm-states';

/** How long an answer stands: however many people look, CloudWatch is asked seldom. */
const RESULT_LIFETIME_MS = 10_000;

/** The alarms, or why they cannot be told. Times are Unix seconds. */
export type AlarmOverview =
  | {
      isAvailable: true;
      /** Those that need somebody first, then by name. */
      alarms: AlarmState[];
      /** Names that should be there and are not. */
      missing: string[];
    }
  | { isAvailable: false; reason: string };

const ORDER: Record<AlarmState['state'], number> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

/** The alarms as people look at them. */
export class AlarmBoard {
  #last?: { askedAtMs: number; result: Promise<AlarmOverview> };

  /** @param states undefined where there is no AWS. */
  constructor(
    private readonly states: AlarmStates | undefined,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Never throws for alarms that cannot be read: that is an answer, too. */
  async overview(): Promise<AlarmOverview> {
    const nowMs = this.clock.monotonicMs();
    if (!this.#last || nowMs - this.#last.askedAtMs >= RESULT_LIFETIME_MS) {
      this.#last = { askedAtMs: nowMs, result: this.#ask() };
    }
    return this.#last.result;
  }

  async #ask(): Promise<AlarmOverview> {
    if (!this.states) {
      return { isAvailable: false, reason: 'This system runs outside AWS: it has no CloudWatch alarms.' };
    }
    try {
      const found = await this.states.list();
      const names = new Set(found.map(({ name }) => name));
      return {
        isAvailable: true,
        alarms: found.sort(
          (one, other) => ORDER[one.state] - ORDER[other.state] || (one.name < other.name ? -1 : 1),
        ),
        missing: this.states.names.filter((name) => !names.has(name)),
      };
    } catch (error) {
      if (!(error instanceof AlarmsUnreadableError)) throw error;
      this.logger.warn({ err: error }, 'the alarms could not be read');
      return { isAvailable: false, reason: error.message };
    }
  }
}
