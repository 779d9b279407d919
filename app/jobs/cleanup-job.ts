import { nowSeconds, type Clock, type Random } from '../allocation/clock';
import {
  isGivenUp,
  isInDeletion,
  type DeletionUnconfirmedSandbox,
  type SandboxInDeletion,
} from '../allocation/sandbox';
import { shuffled } from '../allocation/search-turn';
import { failDeletion, maxDeletionDelaySeconds } from '../allocation/transitions';
import { CspCircuitOpenError, CspUnavailableError, type CspClient, type PortalList } from '../csp/csp-client';
import { rowsByStatus, UnreadShards, type InventoryStore } from '../store/inventory-store';
import type { SandboxStore } from '../store/sandbox-store';
import { concludePass } from './conclude-pass';
import { DeletionAttempts, type AttemptPace } from './deletion-attempts';
import { DeletionConfirmation, type ConfirmationResult } from './deletion-confirmation';
import { DeletionPermit } from './deletion-permit';
import type { Job, JobContext, JobReport } from './job';
import type { Pause } from './pause';
import type { PortalCheck } from './portal-check';
import { reportBacklog } from './report-backlog';
import { reportSkipped } from './report-skipped';
import { RowWriter } from './row-writer';
import { rowsDueForDeletion } from './rows-due-for-deletion';
import { TableFaults } from './table-faults';
import { UnconfirmedDeletions } from './unconfirmed-deletions';

export interface CleanupOptions extends AttemptPace {
  /** After so many failed attempts a sandbox is left for a person. */
  maxAttempts: number;
  /** Begins the names of the accounts that are ours. Empty: all of them. */
  namePrefix?: string;
}

export interface CleanupDependencies {
  csp: CspClient;
  store: Pick<SandboxStore, 'getSandbox'>;
  inventory: Pick<InventoryStore, 'listByStatus' | 'save' | 'accountHolder'>;
  portal: Pick<PortalCheck, 'fault'>;
  clock: Clock;
  random: Random;
  pause: Pause;
}

/** So few that fail may be stubborn ones that are left over: they are charged although nothing was confirmed. */
const MAX_CHARGED_WITHOUT_PROOF = 2;

const UNREACHABLE =
  'The portal does not delete. What is postponed waits for the next run, and loses no attempt by it.';
const NOTHING_CONFIRMED =
  'The portal deletes nothing: its list still names accounts whose deletion it accepted, or it refuses. None was ' +
  'confirmed as deleted in this run, so no sandbox loses an attempt by it.';

/** What one run counts, and the rows that it leaves unconfirmed. */
interface Run {
  counts: { deleted: number; failed: number; postponed: number; unreadable: number; notOurs: number };
  unconfirmed: UnconfirmedDeletions;
  writer: RowWriter;
  faults: TableFaults;
}

/**
 * Deletes in the portal what was given back, and believes a deletion only when a list that was requested after it does
 * not name the account any more (docs/adr/0013). Until then the sandbox is `deletion_unconfirmed`.
 *
 * A run asks for the list first, and confirms by it what earlier runs have requested. Then it requests what is due, in
 * random order, so that a few stubborn sandboxes cannot keep the others waiting for ever; what is unconfirmed and still
 * listed is requested again. If it has requested anything, it asks for the list once more.
 *
 * An attempt counts against a sandbox, whether the portal refused it or still lists it in a later run, only when other
 * deletions were confirmed in the same run, or when it is one of the last one or two. While the portal fails for
 * everybody, nobody loses an attempt (docs/adr/0006).
 *
 * A row for which the table does not answer waits for the next run, and keeps no other waiting.
 */
export class CleanupJob implements Job {
  readonly name = 'cleanup';
  readonly #attempts: DeletionAttempts;
  readonly #confirmation: DeletionConfirmation;

  constructor(
    private readonly deps: CleanupDependencies,
    private readonly options: CleanupOptions,
  ) {
    this.#attempts = new DeletionAttempts(deps, options);
    this.#confirmation = new DeletionConfirmation(deps, options.namePrefix ?? '');
  }

  async run(context: JobContext): Promise<JobReport> {
    const unread = new UnreadShards();
    // Read before the list is requested: each of these deletions was answered before it.
    const unconfirmed = new UnconfirmedDeletions(await this.#unconfirmed(unread, context));
    const writer = new RowWriter({ ...this.deps, logger: context.logger });
    const counts = { deleted: 0, failed: 0, postponed: 0, unreadable: 0, notOurs: 0 };
    const faults = new TableFaults(context.logger);
    const run: Run = { counts, unconfirmed, writer, faults };
    try {
      const report = await this.#work(await this.#due(unread, context), run, context);
      return concludePass(faults.conclude(report), unread);
    } finally {
      unconfirmed.report(nowSeconds(this.deps.clock), context.logger);
      reportSkipped(this.name, { skipped: skippedCount(run) }, context.logger);
    }
  }

  async #work(due: SandboxInDeletion[], run: Run, context: JobContext): Promise<JobReport> {
    const { counts, unconfirmed } = run;
    counts.postponed = due.length;
    const fault = await this.deps.portal.fault();
    if (fault !== undefined) return report(run, 'guarded', fault);
    if (due.length === 0 && unconfirmed.count === 0) return report(run, 'success');
    const first = await this.#confirmByList(run, context);
    if (!first) return ended(run, context, 'unavailable', UNREACHABLE);

    const again = unconfirmed.rows.filter((row) => this.#isDue(row));
    const attempts = await this.#attempts.run(
      shuffled([...due, ...again], this.deps.random),
      {
        doesPortalList: async () => (await this.#list(context)) !== undefined,
        permit: new DeletionPermit(this.deps.inventory, this.options.namePrefix ?? '', first.list),
        ...run,
      },
      context,
    );
    const failing = [...attempts.failedTwice, ...attempts.suspects];
    counts.unreadable += attempts.unreadableCount;
    counts.notOurs += attempts.notOursCount;
    counts.postponed = attempts.leftCount + failing.length + attempts.unansweredCount;
    for (const row of attempts.sent) unconfirmed.add(row);
    for (const sandbox of attempts.invalid) await this.#charge(sandbox, run, context);
    if (attempts.end === 'stopped') return report(run, 'stopped');
    if (attempts.end === 'table_down') return report(run, 'success');

    const last = attempts.sent.length > 0 ? await this.#confirmByList(run, context) : first;
    if (!last) return ended(run, context, 'unavailable', UNREACHABLE);
    if (context.signal.aborted) return report(run, 'stopped');
    const { doubt } = last;
    const requestedBefore = new Set(again.map(({ sandboxId }) => sandboxId));
    const stillListed =
      last === first ? [] : last.stillListed.filter((row) => requestedBefore.has(row.sandboxId));
    const isProved = counts.deleted > 0;
    // A deletion whose answer could not be noted was asked for, too: that many at once are not the rows' fault.
    const sentCount = attempts.sent.filter((row) => unconfirmed.has(row)).length + attempts.unansweredCount;
    const undecided = sentCount + failing.length;
    const isLeftOver = attempts.end === 'done' && undecided <= MAX_CHARGED_WITHOUT_PROOF;
    if (doubt === undefined && (isProved || isLeftOver)) {
      const ownFault = attempts.end === 'done' ? failing : attempts.failedTwice;
      for (const sandbox of ownFault) if (await this.#charge(sandbox, run, context)) counts.postponed -= 1;
      for (const row of stillListed) await this.#charge(row, run, context);
    }
    if (attempts.end === 'unreachable') return report(run, 'unavailable', UNREACHABLE);
    if (doubt !== undefined)
      return report(run, 'guarded', `${doubt} Nothing was confirmed as deleted by it.`);
    const isBroken = !isProved && failing.length + stillListed.length > MAX_CHARGED_WITHOUT_PROOF;
    return isBroken ? report(run, 'unavailable', NOTHING_CONFIRMED) : report(run, 'success');
  }

  /** Every row whose deletion an earlier run has requested, and none has confirmed. */
  async #unconfirmed(unread: UnreadShards, run: JobContext): Promise<DeletionUnconfirmedSandbox[]> {
    const unconfirmed: DeletionUnconfirmedSandbox[] = [];
    for await (const rows of rowsByStatus(this.deps.inventory, 'deletion_unconfirmed', { unread, run })) {
      unconfirmed.push(...rows.filter((row) => row.status === 'deletion_unconfirmed'));
    }
    return unconfirmed;
  }

  /** Every other row that is due. */
  async #due(unread: UnreadShards, run: JobContext): Promise<SandboxInDeletion[]> {
    const { inventory, clock } = this.deps;
    const { maxAttempts } = this.options;
    const due: SandboxInDeletion[] = [];
    const pages = rowsDueForDeletion(inventory, { nowSeconds: nowSeconds(clock), maxAttempts, unread, run });
    for await (const rows of pages) due.push(...rows.filter(isInDeletion));
    reportBacklog(due, nowSeconds(clock), run.logger);
    return due;
  }

  /** A time that is further ahead than any that a run would write holds nothing back. */
  #isDue({ nextAttemptAt }: DeletionUnconfirmedSandbox): boolean {
    const now = nowSeconds(this.deps.clock);
    return nextAttemptAt <= now || nextAttemptAt > now + maxDeletionDelaySeconds(this.options.maxAttempts);
  }

  /** Requests the list, and confirms by it what is unconfirmed. `undefined` when the portal is out of reach. */
  async #confirmByList(
    run: Run,
    context: JobContext,
  ): Promise<(ConfirmationResult & { list: PortalList }) | undefined> {
    const { counts, unconfirmed } = run;
    const list = await this.#list(context);
    if (!list) return undefined;
    const result = await this.#confirmation.confirm(list, unconfirmed.rows, run, context);
    for (const row of result.confirmed) unconfirmed.remove(row);
    counts.deleted += result.confirmed.length;
    return { ...result, list };
  }

  /** Counts an attempt against a sandbox. False when its row has moved on, or the table does not answer. */
  async #charge(sandbox: SandboxInDeletion, run: Run, { logger }: JobContext): Promise<boolean> {
    const { sandboxId } = sandbox;
    const { writer, faults } = run;
    if (faults.isTableDown) return false;
    const after = failDeletion(sandbox, this.options.maxAttempts, nowSeconds(this.deps.clock));
    const outcome = await faults.attempt(sandboxId, () =>
      writer.write(sandboxId, () => this.deps.inventory.save(sandbox, after)),
    );
    if (outcome?.kind !== 'written') return false;
    run.counts.failed += 1;
    if (after.status === 'deletion_unconfirmed') run.unconfirmed.add(after);
    else run.unconfirmed.remove(after);
    if (after.status === 'deletion_failed' && isGivenUp(after)) {
      // An alarm counts these lines (alarms/log-metrics.ts).
      logger.error(
        {
          action: 'deletion',
          outcome: 'given_up',
          sandbox_id: sandboxId,
          attempts: after.deletionRetryCount,
          reason: sandbox.status === 'deletion_unconfirmed' ? 'still_listed' : 'refused',
        },
        'a deletion was given up: the account in the portal is left for a person',
      );
    }
    return true;
  }

  /**
   * The portal's list; `undefined` when the portal is out of reach, or the run is to stop. What is wrong with the
   * configuration (the token, the URL) is thrown.
   */
  async #list({ signal, onProgress }: JobContext): Promise<PortalList | undefined> {
    try {
      const list = await this.deps.csp.listSandboxes({ signal });
      onProgress();
      return list;
    } catch (error) {
      const isOutOfReach = error instanceof CspUnavailableError || error instanceof CspCircuitOpenError;
      if (isOutOfReach || signal.aborted) return undefined;
      throw error;
    }
  }
}

function skippedCount({ counts: { unreadable, notOurs }, writer }: Run): number {
  return unreadable + notOurs + writer.refusedCount;
}

function report(run: Run, outcome: JobReport['outcome'], error?: string): JobReport {
  const { counts, unconfirmed } = run;
  const { deleted, failed, postponed } = counts;
  return {
    outcome,
    counts: {
      deleted,
      unconfirmed: unconfirmed.count,
      failed,
      postponed,
      skipped: skippedCount(run),
    },
    ...(error === undefined ? {} : { error }),
  };
}

/** A run that could not go on: told to stop, or for the reason given. */
function ended(run: Run, { signal }: JobContext, outcome: JobReport['outcome'], error: string): JobReport {
  return signal.aborted ? report(run, 'stopped') : report(run, outcome, error);
}
