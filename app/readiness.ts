import type { Clock } from './allocation/clock';
import { accessFaultOf, type AccessFault } from './store/dynamo-errors';
import type { SandboxStore } from './store/sandbox-store';

/** How long a result stands: however often `/readyz` is asked, the table is not. */
const RESULT_LIFETIME_MS = 2_000;
const CHECK_TIMEOUT_MS = 1_500;

/** Whether the table answers, and if not, why: `unreachable` is a brownout or the network. */
export type TableState = 'ok' | 'unreachable' | AccessFault;

/** Whether the table can be reached, asked at most once in two seconds and shared by all who want to know. */
export class Readiness {
  #last?: { startedAtMs: number; result: Promise<TableState> };

  constructor(
    private readonly store: Pick<SandboxStore, 'ping'>,
    private readonly clock: Clock,
  ) {}

  /** Never throws: a table that refuses us is as unreachable as one that is silent. */
  async isTableReachable(): Promise<boolean> {
    return (await this.tableState()) === 'ok';
  }

  /** Never throws. */
  async tableState(): Promise<TableState> {
    const nowMs = this.clock.monotonicMs();
    if (!this.#last || nowMs - this.#last.startedAtMs >= RESULT_LIFETIME_MS) {
      this.#last = { startedAtMs: nowMs, result: this.#check() };
    }
    return this.#last.result;
  }

  async #check(): Promise<TableState> {
    try {
      await this.store.ping({ signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
      return 'ok';
    } catch (error) {
      return accessFaultOf(error) ?? 'unreachable';
    }
  }
}
