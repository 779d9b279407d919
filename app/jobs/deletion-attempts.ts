import { nowSeconds, type Clock } from '../allocation/clock';
import {
  assertNever,
  isInDeletion,
  type DeletionUnconfirmedSandbox,
  type SandboxInDeletion,
} from '../allocation/sandbox';
import { awaitConfirmation } from '../allocation/transitions';
import {
  CspAccountIdInvalidError,
  CspCircuitOpenError,
  CspRejectedError,
  CspUnavailableError,
  type CspClient,
} from '../csp/csp-client';
import type { InventoryStore } from '../store/inventory-store';
import { CorruptItemError } from '../store/items';
import type { SandboxStore } from '../store/sandbox-store';
import type { DeletionPermit } from './deletion-permit';
import type { JobContext } from './job';
import type { Pause } from './pause';
import type { RowWriter } from './row-writer';
import type { TableFaults } from './table-faults';

/** The delays between the requests of one run. */
export interface AttemptPace {
  batchSize: number;
  batchDelayMs: number;
  perSandboxDelayMs: number;
}

export interface AttemptDependencies {
  csp: Pick<CspClient, 'deleteAccount'>;
  store: Pick<SandboxStore, 'getSandbox'>;
  inventory: Pick<InventoryStore, 'save'>;
  clock: Clock;
  pause: Pause;
}

/** What one run works with. */
export interface AttemptTools {
  /** Asked after each failure; false when the portal is out of reach. */
  doesPortalList: () => Promise<boolean>;
  permit: DeletionPermit;
  writer: RowWriter;
  faults: TableFaults;
}

/** What became of the sandboxes that were due. */
export interface AttemptsResult {
  /**
   * `unreachable`: three failures in a row, an open circuit, or no list. `table_down`: the table answers for no row. The
   * rest was not tried.
   */
  end: 'done' | 'stopped' | 'unreachable' | 'table_down';
  /** Rows whose deletion the portal accepted, now or before, or whose account it did not find; each as it is now. */
  sent: DeletionUnconfirmedSandbox[];
  /** Rows whose external id names no account. */
  invalid: SandboxInDeletion[];
  /** Rows that failed, and failed again after the portal had accepted another deletion. */
  failedTwice: SandboxInDeletion[];
  /** Rows that failed at the end of the run, at most two; when it ended early, at most three. */
  suspects: SandboxInDeletion[];
  /** Rows that were not tried. */
  leftCount: number;
  /** Rows for which the table did not answer, before or after the request. */
  unansweredCount: number;
  /** Rows that cannot be read. */
  unreadableCount: number;
  /** Rows whose accounts are not theirs to delete. */
  notOursCount: number;
}

/**
 * What one request showed. `failed`: the portal did not do it, but lists; `unreachable`: it does not. `unanswered`: the
 * table did not answer, `isSent` if that was after the portal had accepted the deletion.
 */
type Attempt =
  | { kind: 'sent'; row?: DeletionUnconfirmedSandbox }
  | { kind: 'unanswered'; isSent: boolean }
  | { kind: 'moved_on' | 'unreadable' | 'not_ours' | 'invalid' | 'failed' | 'unreachable' };

/** A sandbox, and how often its deletion has failed in this run. */
interface Candidate {
  sandbox: SandboxInDeletion;
  failures: number;
}

/**
 * So many failures in a row are not the sandboxes' fault. Fewer may be those of stubborn ones that happen to come
 * together.
 */
const MAX_FAILURES_IN_A_ROW = 3;
const CONFLICT = 409;

/**
 * Requests deletions in the portal, in batches with delays between them. Each row is read again right before its account
 * is destroyed, and becomes `deletion_unconfirmed` right after; a run that dies in between is repeated without harm.
 *
 * Any failure, whatever its status, is a suspicion only: as soon as the portal has accepted another deletion, the
 * suspect is tried again. Whom to charge is for the caller to decide, when a list has told what was really deleted.
 */
export class DeletionAttempts {
  constructor(
    private readonly deps: AttemptDependencies,
    private readonly pace: AttemptPace,
  ) {}

  async run(
    due: readonly SandboxInDeletion[],
    tools: AttemptTools,
    context: JobContext,
  ): Promise<AttemptsResult> {
    const queue: Candidate[] = due.map((sandbox) => ({ sandbox, failures: 0 }));
    let suspects: Candidate[] = [];
    const result: Omit<AttemptsResult, 'end' | 'suspects' | 'leftCount'> = {
      sent: [],
      invalid: [],
      failedTwice: [],
      unansweredCount: 0,
      unreadableCount: 0,
      notOursCount: 0,
    };
    /** The portal has accepted a deletion: those that failed before get another try. */
    const retrySuspects = (): void => {
      result.failedTwice.push(
        ...suspects.filter(({ failures }) => failures > 1).map(({ sandbox }) => sandbox),
      );
      queue.unshift(...suspects.filter(({ failures }) => failures === 1));
      suspects = [];
    };
    const ended = (end: AttemptsResult['end'], leftCount: number): AttemptsResult => ({
      ...result,
      end,
      suspects: suspects.map(({ sandbox }) => sandbox),
      leftCount,
    });
    for (let handled = 0; queue.length > 0; handled += 1) {
      if (tools.faults.isTableDown) return ended('table_down', queue.length);
      if (handled > 0) await this.deps.pause(this.#delayMsAfter(handled), context.signal);
      const next = context.signal.aborted ? undefined : queue.shift();
      if (!next) return ended('stopped', queue.length);
      const attempt = await this.#attempt(next.sandbox, tools, context);
      context.onProgress();
      switch (attempt.kind) {
        case 'unreachable':
          return ended(isStopping(context) ? 'stopped' : 'unreachable', queue.length + 1);
        case 'failed':
          suspects.push({ ...next, failures: next.failures + 1 });
          if (suspects.length === MAX_FAILURES_IN_A_ROW) return ended('unreachable', queue.length);
          break;
        case 'sent':
          if (attempt.row) result.sent.push(attempt.row);
          retrySuspects();
          break;
        case 'unanswered':
          result.unansweredCount += 1;
          if (attempt.isSent) retrySuspects();
          break;
        case 'invalid':
          result.invalid.push(next.sandbox);
          break;
        case 'moved_on':
          break;
        case 'not_ours':
          result.notOursCount += 1;
          break;
        case 'unreadable':
          result.unreadableCount += 1;
          break;
        default:
          assertNever(attempt);
      }
    }
    return ended('done', 0);
  }

  #delayMsAfter(handled: number): number {
    const { batchSize, batchDelayMs, perSandboxDelayMs } = this.pace;
    return handled % batchSize === 0 ? batchDelayMs : perSandboxDelayMs;
  }

  async #attempt(listed: SandboxInDeletion, tools: AttemptTools, context: JobContext): Promise<Attempt> {
    let isSent = false;
    const onSent = (): void => {
      isSent = true;
    };
    const attempt = await tools.faults.attempt(listed.sandboxId, () =>
      this.#request(listed, tools, onSent, context),
    );
    return attempt ?? { kind: 'unanswered', isSent };
  }

  /** @param onSent called once the portal has accepted the deletion, before it is noted. */
  async #request(
    listed: SandboxInDeletion,
    { doesPortalList, permit, writer }: AttemptTools,
    onSent: () => void,
    { logger }: JobContext,
  ): Promise<Attempt> {
    const { csp, store, clock, inventory } = this.deps;
    const sandbox = await store.getSandbox(listed.sandboxId).catch((error: unknown) => {
      if (!(error instanceof CorruptItemError)) throw error;
      logger.error({ err: error, sandbox_id: listed.sandboxId }, 'skipped a row that cannot be read');
      return 'unreadable' as const;
    });
    if (sandbox === 'unreadable') return { kind: 'unreadable' };
    if (!sandbox || !isInDeletion(sandbox) || sandbox.version !== listed.version) return { kind: 'moved_on' };
    const { sandboxId } = sandbox;
    const refusal = await permit.refusal(sandbox);
    if (refusal !== undefined) {
      logger.warn(
        { sandbox_id: sandboxId, reason: refusal },
        'did not delete an account that is not the row’s own',
      );
      return { kind: 'not_ours' };
    }
    try {
      // Not given up when the process drains: the item in hand is finished.
      const answer = await csp.deleteAccount(sandbox.externalId);
      logger.info({ sandbox_id: sandboxId, answer }, 'requested the deletion of an account in the portal');
    } catch (error) {
      if (!isOfPortal(error)) throw error;
      logger.warn({ err: error, sandbox_id: sandboxId }, 'could not delete a sandbox in the portal');
      if (error instanceof CspCircuitOpenError) return { kind: 'unreachable' };
      if (error instanceof CspAccountIdInvalidError) return { kind: 'invalid' };
      // "Already being deleted", to a DELETE that was accepted before: the list tells whether it is true.
      if (!isConflict(error) || sandbox.status !== 'deletion_unconfirmed') {
        // Any refusal, 401 and 403 too: whether our token is refused, the list tells.
        return { kind: (await doesPortalList()) ? 'failed' : 'unreachable' };
      }
    }
    onSent();
    const row = awaitConfirmation(sandbox, nowSeconds(clock));
    const outcome = await writer.write(sandboxId, () => inventory.save(sandbox, row));
    if (outcome.kind === 'written') return { kind: 'sent', row };
    // The request was made all the same: the next run makes it again.
    logger.error({ sandbox_id: sandboxId, outcome: outcome.kind }, 'could not note a deletion');
    return { kind: 'sent' };
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof CspRejectedError && error.status === CONFLICT;
}

function isOfPortal(error: unknown): boolean {
  return (
    error instanceof CspCircuitOpenError ||
    error instanceof CspUnavailableError ||
    error instanceof CspRejectedError ||
    error instanceof CspAccountIdInvalidError
  );
}

/** Read anew after an await: the compiler takes what it was before for still true. */
function isStopping({ signal }: JobContext): boolean {
  return signal.aborted;
}
