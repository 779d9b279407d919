import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** What goes wrong in the simulated portal. Everything left out is in order: setting `{}` ends all faults. */
export const faultsSchema = z.strictObject({
  /** Which calls the next five apply to. */
  calls: z.enum(['all', 'list', 'delete']).default('all'),
  /** No call is answered until other faults are set: then each runs into those. */
  hold: z.boolean().default(false),
  /** Every answer comes this late. */
  latency_ms: z.int().min(0).max(600_000).default(0),
  /** The share of calls that are answered with 500. */
  error_rate: z.number().min(0).max(1).default(0),
  /** So many calls from now on are answered with 500. Counts down. */
  fail_next: z.int().min(0).default(0),
  /** Connections are cut without an answer. */
  outage: z.boolean().default(false),
  /** Deleting these answers 500, always. Each by `csp_id`, whole `id` or its last segment. */
  failing_accounts: z.array(z.union([z.string(), z.int().transform(String)])).default([]),
  /**
   * How the list of accounts comes: `halved` leaves out every second sandbox, `malformed` breaks off in the middle,
   * `without_results` is JSON of another kind, `odd_entries` has entries among the others that nobody can use.
   */
  list: z
    .enum(['normal', 'empty', 'halved', 'malformed', 'without_results', 'odd_entries'])
    .default('normal'),
});

export type PortalFaults = z.output<typeof faultsSchema>;
export type PortalFaultSettings = z.input<typeof faultsSchema>;

/** What a call runs into, before it is looked at any further. */
export type FaultVerdict = 'none' | 'error' | 'cut';

/** Decides call by call what goes wrong, as set. */
export class FaultInjector {
  private faults: PortalFaults = faultsSchema.parse({});
  /** Says `set` to the calls that are held. */
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(private readonly random: () => number = Math.random) {}

  get current(): PortalFaults {
    return this.faults;
  }

  set(faults: PortalFaults): void {
    this.faults = faults;
    this.changes.emit('set');
  }

  /** Waits for the end of a hold, and as long as the latency says, then tells what becomes of this call. */
  async judge(call: 'list' | 'delete'): Promise<FaultVerdict> {
    while (this.faults.hold && this.appliesTo(call)) await once(this.changes, 'set');
    if (!this.appliesTo(call)) return 'none';
    // A call that is still waiting does not keep a stopped simulator's process alive.
    if (this.faults.latency_ms > 0) await delay(this.faults.latency_ms, undefined, { ref: false });
    if (this.faults.outage) return 'cut';
    if (this.faults.fail_next > 0) {
      this.faults = { ...this.faults, fail_next: this.faults.fail_next - 1 };
      return 'error';
    }
    return this.random() < this.faults.error_rate ? 'error' : 'none';
  }

  /** True if deletions of the account under any of these names are to fail. */
  failsAccount(names: string[]): boolean {
    return this.faults.failing_accounts.some((failing) => names.includes(failing));
  }

  private appliesTo(call: 'list' | 'delete'): boolean {
    return this.faults.calls === 'all' || this.faults.calls === call;
  }
}
