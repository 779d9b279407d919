import type { StoredRollbackEntry } from '../app/store/rollback-history';
import { stepLines } from '../alarms/rollback/rollback-message';
import type { CliContext } from './context';
import { EXIT_CODES, type ExitCode } from './exit-code';
import { withSnakeCaseKeys } from './text/snake-case';
import { fullTime } from './text/times';

const PAGE_SIZE = 100;

/** What was done so far, newest first, by alarms and by people. */
export async function historyCommand(context: CliContext, { limit }: { limit: number }): Promise<ExitCode> {
  const { platform, terminal, isJson, nowMs } = context;
  const entries: StoredRollbackEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await platform.history.list({ limit: Math.min(limit - entries.length, PAGE_SIZE), cursor });
    entries.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && entries.length < limit);

  if (isJson) {
    terminal.out(JSON.stringify(withSnakeCaseKeys({ entries }), null, 2));
  } else if (entries.length === 0) {
    terminal.out('Nothing was done so far.');
  } else {
    terminal.out(entries.map((entry) => entryText(entry, nowMs())).join('\n\n'));
  }
  return EXIT_CODES.done;
}

/** One entry in one line: what, when, by whom. */
export function entryHeadline({ action, atMs, cause }: StoredRollbackEntry, nowMs: number): string {
  const words = action.replaceAll('_', ' ');
  const who = cause.kind === 'alarm' ? `alarm ${cause.name}` : cause.name;
  return `${words}, ${fullTime(atMs, nowMs)}, by ${who}`;
}

function entryText(entry: StoredRollbackEntry, nowMs: number): string {
  const { cause, steps, durationMs, attempts, isFinished } = entry;
  const seconds = (durationMs / 1000).toFixed(1);
  const often = attempts > 1 ? `, in ${attempts} attempts` : '';
  return [
    entryHeadline(entry, nowMs),
    `  reason: ${cause.reason}`,
    `  ${isFinished ? 'finished' : 'NOT FINISHED'} after ${seconds} s${often}`,
    ...stepLines(steps),
  ].join('\n');
}
