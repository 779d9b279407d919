import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import type { DeletionFailedSandbox, PendingDeletionSandbox, Sandbox } from '../allocation/sandbox';
import { bury, failDeletion } from '../allocation/transitions';
import {
  CspAccountIdInvalidError,
  CspCircuitOpenError,
  CspRejectedError,
  CspUnavailableError,
  type CspClient,
} from '../csp/csp-client';
import { rowsByStatus, type InventoryStore } from '../store/inventory-store';
import type { SandboxStore } from '../store/sandbox-store';
import type { Job, JobContext, JobReport } from './job';
import type { Pause } from './pause';
import { writePatiently } from './write-patiently';

export interface CleanupOptions {
  batchSize: number;
  batchDelayMs: number;
  perSandboxDelayMs: number;
  /** After so many refused attempts a sandbox is left for a person. */
  maxAttempts: number;
}

export interface CleanupDependencies {
  csp: CspClient;
  store: Pick<SandboxStore, 'getSandbox'>;
  inventory: Pick<InventoryStore, 'listByStatus' | 'save'>;
  clock: Clock;
  random: Random;
  pause: Pause;
}

type DueSandbox = PendingDeletionSandbox | DeletionFailedSandbox;

/** What one attempt showed. `unclear`: it failed, but so may everything else; `unreachable`: the portal is down. */
type Attempt = 'deleted' | 'moved_on' | 'refused' | 'unclear' | 'unreachable';

/**
 * Deletes in the portal what is due, in batches with delays between them. Each row is read again right before its
 * account is destroyed, and becomes a tombstone right after; a run that dies in between is repeated without harm,
 * because deleting what is gone succeeds.
 *
 * An attempt counts against a sandbox only when the portal refused *it*. While the portal fails for everybody, nobody
 * loses an attempt: a failure is charged when the portal has answered another call since, and the run ends as soon as
 * the circuit opens.
 *
 * Before the first deletion the portal must give its list: deleting what is unknown counts as done, so a wrong
 * `CSP_BASE_URL` would otherwise bury every sandbox while its account lives on.
 */
export class CleanupJob implements Job {
  readonly name = 'cleanup';

  constructor(
    private readonly deps: CleanupDependencies,
    private readonly options: CleanupOptions,
  ) {}

  async run(context: JobContext): Promise<JobReport> {
    const counts = { deleted: 0, failed: 0, postponed: 0 };
    const unclear: DueSandbox[] = [];
    const charge = async (sandbox: DueSandbox): Promise<void> => {
      if (await this.#charge(sandbox)) counts.failed += 1;
    };
    const stopped = (): JobReport => ({
      outcome: 'stopped',
      counts: { ...counts, postponed: unclear.length },
    });
    let handled = 0;

    for await (const sandbox of this.#due(context)) {
      if (handled > 0) await this.deps.pause(this.#delayMsAfter(handled), context.signal);
      if (context.signal.aborted) return stopped();
      if (handled === 0 && !(await this.#doesPortalAnswer(context))) return this.#unreachable(counts, 0);
      handled += 1;
      const attempt = await this.#attempt(sandbox, context);
      context.onProgress();
      if (attempt === 'unreachable') return this.#unreachable(counts, unclear.length + 1);
      if (attempt === 'unclear') unclear.push(sandbox);
      if (attempt === 'refused') await charge(sandbox);
      if (attempt === 'deleted') {
        counts.deleted += 1;
        // The portal works, so what failed before failed by itself.
        for (const failed of unclear.splice(0)) await charge(failed);
      }
    }
    if (context.signal.aborted) return stopped();
    if (unclear.length > 0 && !(await this.#doesPortalAnswer(context))) {
      return this.#unreachable(counts, unclear.length);
    }
    for (const failed of unclear) await charge(failed);
    return { outcome: 'success', counts };
  }

  #unreachable(counts: { deleted: number; failed: number }, postponed: number): JobReport {
    const error = 'The portal fails. The rest waits for the next run, and nothing has lost an attempt.';
    return { outcome: 'unavailable', counts: { ...counts, postponed }, error };
  }

  /** What is due, each row once: those that fail in this run get a later due time, or are passed over. */
  async *#due({ signal }: JobContext): AsyncGenerator<DueSandbox> {
    const upTo = nowSeconds(this.deps.clock);
    for (const status of ['pending_deletion', 'deletion_failed'] as const) {
      for await (const rows of rowsByStatus(this.deps.inventory, status, { upTo, signal })) {
        for (const row of rows) if (isToBeDeleted(row)) yield row;
      }
    }
  }

  #delayMsAfter(handled: number): number {
    const { batchSize, batchDelayMs, perSandboxDelayMs } = this.options;
    return handled % batchSize === 0 ? batchDelayMs : perSandboxDelayMs;
  }

  async #attempt(listed: DueSandbox, context: JobContext): Promise<Attempt> {
    const { csp, store, clock, inventory } = this.deps;
    const sandbox = await store.getSandbox(listed.sandboxId);
    if (!sandbox || !isToBeDeleted(sandbox) || sandbox.version !== listed.version) return 'moved_on';
    try {
      // Not given up when the process drains: the item in hand is finished.
      await csp.deleteAccount(sandbox.externalId);
    } catch (error) {
      context.logger.warn(
        { err: error, sandbox_id: sandbox.sandboxId },
        'could not delete a sandbox in the portal',
      );
      if (error instanceof CspCircuitOpenError) return 'unreachable';
      if (error instanceof CspUnavailableError) return 'unclear';
      if (error instanceof CspRejectedError && !isAboutOurToken(error)) return 'refused';
      if (error instanceof CspAccountIdInvalidError) return 'refused';
      throw error;
    }
    const after = bury(sandbox, nowSeconds(clock));
    const outcome = await writePatiently(() => inventory.save(sandbox, after), this.deps);
    if (outcome.kind !== 'written') {
      // Deleted all the same: the next run finds that out, and buries it.
      context.logger.error(
        { sandbox_id: sandbox.sandboxId, outcome: outcome.kind },
        'could not note a deletion',
      );
    }
    return 'deleted';
  }

  /** Counts an attempt against a sandbox. False when its row has moved on. */
  async #charge(sandbox: DueSandbox): Promise<boolean> {
    const after = failDeletion(sandbox, this.options.maxAttempts, nowSeconds(this.deps.clock));
    const outcome = await writePatiently(() => this.deps.inventory.save(sandbox, after), this.deps);
    return outcome.kind === 'written';
  }

  /**
   * Asks for the list, to tell a sandbox that cannot be deleted from a portal that is down. What is wrong with the
   * configuration (the token, the URL) is thrown.
   */
  async #doesPortalAnswer({ signal }: JobContext): Promise<boolean> {
    try {
      await this.deps.csp.listSandboxes({ signal });
      return true;
    } catch (error) {
      if (error instanceof CspUnavailableError || error instanceof CspCircuitOpenError) return false;
      throw error;
    }
  }
}

function isToBeDeleted(sandbox: Sandbox): sandbox is DueSandbox {
  return sandbox.status === 'pending_deletion' || sandbox.status === 'deletion_failed';
}

/** Our token is refused: a fault of the configuration, not of the sandbox. The run fails loudly. */
function isAboutOurToken(error: CspRejectedError): boolean {
  return error.status === 401 || error.status === 403;
}
