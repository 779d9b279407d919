import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import {
  isGivenUp,
  type DeletionFailedSandbox,
  type PendingDeletionSandbox,
  type Sandbox,
} from '../allocation/sandbox';
import { shuffled } from '../allocation/search-turn';
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
import type { PortalCheck } from './portal-check';
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
  portal: Pick<PortalCheck, 'fault'>;
  clock: Clock;
  random: Random;
  pause: Pause;
}

type DueSandbox = PendingDeletionSandbox | DeletionFailedSandbox;

/** A sandbox, and how often the portal has failed to delete it in this run. */
interface Suspect {
  sandbox: DueSandbox;
  failures: number;
}

/** What one attempt showed. `failed`: the portal did not do it, but answers; `unreachable`: it does not. */
type Attempt = 'deleted' | 'moved_on' | 'refused' | 'failed' | 'unreachable';

/**
 * So many failures in a row are not the sandboxes' fault. Fewer may be those of stubborn ones that happen to come
 * together.
 */
const MAX_FAILURES_IN_A_ROW = 3;

/**
 * Deletes in the portal what is due, in batches with delays between them. Each row is read again right before its
 * account is destroyed, and becomes a tombstone right after; a run that dies in between is repeated without harm,
 * because deleting what is gone succeeds.
 *
 * An attempt counts against a sandbox only when the portal refused *it*. A failure is a suspicion: as soon as another
 * deletion has succeeded the suspect is tried again, and when it fails once more while others succeed, it is charged;
 * so are the last one or two, if the portal still answers. While it fails for everybody, or its circuit is open, the run
 * ends and nobody loses an attempt. What is due is taken in random order, so that a few stubborn sandboxes cannot keep
 * the others waiting for ever.
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
    const isStopping = (): boolean => context.signal.aborted;
    const due = await this.#due();
    const counts = { deleted: 0, failed: 0, postponed: 0 };
    const fault = await this.deps.portal.fault();
    if (fault !== undefined) {
      return { outcome: 'guarded', counts: { ...counts, postponed: due.length }, error: fault };
    }
    if (due.length === 0) return { outcome: 'success', counts };
    if (!(await this.#doesPortalAnswer(context))) {
      const left = { ...counts, postponed: due.length };
      return isStopping() ? stopped(left) : unreachable(left);
    }

    const queue: Suspect[] = due.map((sandbox) => ({ sandbox, failures: 0 }));
    let suspects: Suspect[] = [];
    const charge = async ({ sandbox }: Suspect): Promise<void> => {
      if (await this.#charge(sandbox, context)) counts.failed += 1;
    };
    for (let handled = 0; queue.length > 0; handled += 1) {
      if (handled > 0) await this.deps.pause(this.#delayMsAfter(handled), context.signal);
      const left = { ...counts, postponed: queue.length + suspects.length };
      if (isStopping()) return stopped(left);
      const next = queue.shift();
      if (!next) break;
      const attempt = await this.#attempt(next.sandbox, context);
      context.onProgress();
      switch (attempt) {
        case 'unreachable':
          return isStopping() ? stopped(left) : unreachable(left);
        case 'refused':
          await charge(next);
          break;
        case 'failed':
          suspects.push({ ...next, failures: next.failures + 1 });
          if (suspects.length === MAX_FAILURES_IN_A_ROW) return unreachable(left);
          break;
        case 'deleted':
          counts.deleted += 1;
          for (const suspect of suspects.filter(({ failures }) => failures > 1)) await charge(suspect);
          queue.unshift(...suspects.filter(({ failures }) => failures === 1));
          suspects = [];
          break;
        case 'moved_on':
          break;
      }
    }
    for (const suspect of suspects) await charge(suspect);
    return { outcome: 'success', counts };
  }

  /** Everything that is due, each row once, in random order. */
  async #due(): Promise<DueSandbox[]> {
    const upTo = nowSeconds(this.deps.clock);
    const due: DueSandbox[] = [];
    for (const status of ['pending_deletion', 'deletion_failed'] as const) {
      for await (const rows of rowsByStatus(this.deps.inventory, status, upTo)) {
        due.push(...rows.filter(isToBeDeleted));
      }
    }
    return shuffled(due, this.deps.random);
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
      if (error instanceof CspUnavailableError) {
        return (await this.#doesPortalAnswer(context)) ? 'failed' : 'unreachable';
      }
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
  async #charge(sandbox: DueSandbox, { logger }: JobContext): Promise<boolean> {
    const after = failDeletion(sandbox, this.options.maxAttempts, nowSeconds(this.deps.clock));
    const outcome = await writePatiently(() => this.deps.inventory.save(sandbox, after), this.deps);
    const isCharged = outcome.kind === 'written';
    if (isCharged && isGivenUp(after)) {
      // An alarm counts these lines (alarms/log-metrics.ts).
      logger.error(
        {
          action: 'deletion',
          outcome: 'given_up',
          sandbox_id: sandbox.sandboxId,
          attempts: after.deletionRetryCount,
        },
        'a deletion was given up: the account in the portal is left for a person',
      );
    }
    return isCharged;
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
      const isOutOfReach = error instanceof CspUnavailableError || error instanceof CspCircuitOpenError;
      if (isOutOfReach || signal.aborted) return false;
      throw error;
    }
  }
}

function stopped(counts: Record<string, number>): JobReport {
  return { outcome: 'stopped', counts };
}

function unreachable(counts: Record<string, number>): JobReport {
  const error =
    'The portal does not delete. What is postponed waits for the next run, and loses no attempt by it.';
  return { outcome: 'unavailable', counts, error };
}

function isToBeDeleted(sandbox: Sandbox): sandbox is DueSandbox {
  return sandbox.status === 'pending_deletion' || sandbox.status === 'deletion_failed';
}

/** Our token is refused: a fault of the configuration, not of the sandbox. The run fails loudly. */
function isAboutOurToken(error: CspRejectedError): boolean {
  return error.status === 401 || error.status === 403;
}
