import { readFile } from 'node:fs/promises';
import {
  loggedAllocations,
  replayAllocation,
  type LoggedAllocation,
  type ReplayOutcome,
} from '../app/store/allocation-replay';
import { agreed, type ActingOptions } from './acting';
import type { CliContext } from './context';
import { EXIT_CODES, type ExitCode } from './exit-code';
import { describeTarget, TargetError } from './target';

export interface ReplayOptions extends ActingOptions {
  /** Log lines of the API, one JSON document a line. */
  file: string;
}

/**
 * Writes the allocations of a log into the table, and tells what became of each. Lines that cannot be read, and
 * allocations that contradict the table, make it end as partly failed. May be repeated.
 *
 * @throws TargetError if the file cannot be read.
 */
export async function replayCommand(context: CliContext, options: ReplayOptions): Promise<ExitCode> {
  const { terminal, target, platform, signal, isJson } = context;
  const { allocations, unreadableLines } = loggedAllocations(await linesOf(options.file));
  const found = `${allocations.length} allocations, ${unreadableLines.length} unreadable lines`;
  if (!options.isDryRun && !options.isConfirmed) {
    terminal.note(`${describeTarget(target)}: replay ${found}. The API must be closed, and the jobs frozen.`);
    if (!(await agreed(context))) return EXIT_CODES.failed;
  }
  const results: { allocation: LoggedAllocation; outcome: ReplayOutcome | 'dry_run' }[] = [];
  for (const allocation of allocations) {
    if (signal.aborted) break;
    const outcome = options.isDryRun
      ? 'dry_run'
      : await replayAllocation(allocation, platform.replay, Math.random);
    results.push({ allocation, outcome });
    if (!isJson) terminal.out(`${outcome.padEnd(12)} ${allocation.sandboxId} for ${allocation.caller}`);
  }
  const leftCount = allocations.length - results.length;
  const isIncomplete =
    unreadableLines.length > 0 ||
    leftCount > 0 ||
    results.some(({ outcome }) => outcome === 'contradicted' || outcome === 'failed');
  const exitCode = isIncomplete ? EXIT_CODES.partlyFailed : EXIT_CODES.done;
  if (isJson) {
    const list = results.map(({ allocation, outcome }) => ({
      sandbox_id: allocation.sandboxId,
      caller: allocation.caller,
      allocated_at: allocation.allocatedAt,
      outcome,
    }));
    const lines = unreadableLines;
    terminal.out(
      JSON.stringify({ target, exit_code: exitCode, results: list, unreadable_lines: lines }, null, 2),
    );
  } else {
    terminal.out(`Replayed (${describeTarget(target)}): ${summary(results.map(({ outcome }) => outcome))}`);
    if (unreadableLines.length > 0) terminal.out(`Unreadable lines: ${unreadableLines.join(', ')}`);
  }
  return exitCode;
}

async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TargetError(`The log lines cannot be read: ${why}`, { cause: error });
  }
}

function summary(outcomes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing';
}
