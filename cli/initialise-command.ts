import { systemClock } from '../app/allocation/clock';
import { guardTable } from '../app/jobs/guard-table';
import { bindingFault, type FoundBinding } from '../app/store/portal-binding';
import { agreed, personOf, type ActingOptions } from './acting';
import type { CliContext } from './context';
import { EXIT_CODES, type ExitCode } from './exit-code';
import { describeTarget } from './target';

export interface InitialiseOptions extends ActingOptions {
  /** As `portalIdentity` spells it. */
  portal: string;
  /** The portal that the table is bound to now, if it is to be replaced. */
  replaces?: string;
}

/**
 * Guards the account of each row, then binds the table to its portal: from then on sync adds accounts, and cleanup deletes them. A table of another portal
 * stays as it is, unless that one is named. May be repeated.
 */
export async function initialiseCommand(context: CliContext, options: InitialiseOptions): Promise<ExitCode> {
  const { platform, target, nowMs } = context;
  const { portal } = options;
  const found = await platform.bindings.find();
  if (bindingFault(found, portal) === undefined) {
    return tell(context, EXIT_CODES.done, 'unchanged', `bound to ${portal} already`);
  }
  const refusal = refusalOf(found, options);
  if (refusal !== undefined) return tell(context, EXIT_CODES.failed, 'refused', refusal);
  const what = `bind the table to ${portal}`;
  if (options.isDryRun) return tell(context, EXIT_CODES.done, 'dry_run', `would ${what}`);
  const initialisedBy = await personOf(context, options);
  if (!options.isConfirmed) {
    context.terminal.note(
      `${describeTarget(target)}: ${what}. The next sync adds every account that the table does not know. ` +
        'If the table was restored, replay the allocations first (docs/runbooks/restore-the-table.md).',
    );
    if (!(await agreed(context))) return EXIT_CODES.failed;
  }
  const unguarded = await guardRows(context);
  if (unguarded !== undefined) return tell(context, EXIT_CODES.failed, 'incomplete', unguarded);
  const binding = {
    portal,
    initialisedAt: Math.floor(nowMs() / 1000),
    initialisedBy,
    tableId: found.tableId,
  };
  const isBound = await platform.bindings.bind(binding, found.binding);
  return isBound
    ? tell(context, EXIT_CODES.done, 'bound', `bound to ${portal}`)
    : tell(context, EXIT_CODES.failed, 'refused', 'somebody else bound it meanwhile: repeat the command');
}

/** Guards the account of each row first: see `guardTable`. Why it has to be repeated, if it has. */
async function guardRows({ platform, terminal, nowMs, signal }: CliContext): Promise<string | undefined> {
  const { inventory, logger } = platform;
  const clock = { ...systemClock, nowMs };
  const run = { signal, onProgress: () => undefined };
  const { error, unguarded, conflictCount } = await guardTable(
    { inventory, logger, clock, random: Math.random },
    run,
  );
  if (unguarded.length > 0) {
    terminal.note(
      `Rows without a guard, because their account cannot be read or the table refused it (correct or remove them): ${unguarded.join(', ')}`,
    );
  }
  if (conflictCount > 0) terminal.note(`Rows whose account belongs to another row: ${conflictCount}`);
  return error;
}

function refusalOf({ binding }: FoundBinding, { portal, replaces }: InitialiseOptions): string | undefined {
  const current = binding?.portal;
  if (current === undefined || current === portal || current === replaces) return undefined;
  return `the table belongs to ${current}: if that portal has moved, say --replaces ${current}`;
}

function tell(context: CliContext, exitCode: ExitCode, outcome: string, text: string): ExitCode {
  const { terminal, target, isJson } = context;
  terminal.out(
    isJson
      ? JSON.stringify({ target, exit_code: exitCode, outcome, detail: text }, null, 2)
      : `Initialise (${describeTarget(target)}): ${text}`,
  );
  return exitCode;
}
