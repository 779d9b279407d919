import { userInfo } from 'node:os';
import type { CliContext } from './context';

/** The options of every command that changes something. */
export interface ActingOptions {
  /** Who asks, if not whoever is signed in. */
  by?: string;
  isDryRun: boolean;
  /** `--yes`: do not ask. */
  isConfirmed: boolean;
}

/** Nobody is there to say yes. */
export class NotConfirmedError extends Error {
  override readonly name = 'NotConfirmedError';

  constructor() {
    super('There is no terminal to ask on: say --yes to act, or --dry-run to look.');
  }
}

/** @throws NotConfirmedError before anything was asked, if a question would come that nobody could answer. */
export function requireSomebodyToAsk({ terminal }: CliContext, options: ActingOptions): void {
  if (!options.isDryRun && !options.isConfirmed && !terminal.isInteractive) throw new NotConfirmedError();
}

/** Asks whether to act. A no is told; it is the whole result. */
export async function agreed({ terminal, signal, isJson }: CliContext): Promise<boolean> {
  const isAgreed = await terminal.confirm('Go on?', signal);
  if (isAgreed) return true;
  terminal.note('Nothing was changed.');
  if (isJson) terminal.out(JSON.stringify({ error: 'Nothing was changed: the answer was no.' }));
  return false;
}

/**
 * Who asks, as others will read it: by the option, else the ARN that AWS knows, else the user of this machine. Not to
 * know an ARN is no reason not to act.
 */
export async function personOf(
  { platform, terminal }: CliContext,
  { by }: Pick<ActingOptions, 'by'>,
): Promise<string> {
  if (by !== undefined) return by;
  if (!platform.aws) return localUser();
  try {
    return await platform.aws.identity.arn();
  } catch {
    const user = localUser();
    terminal.note(`AWS does not say who you are: it is recorded as done by ${user}.`);
    return user;
  }
}

/** A container may run under a number that has no name: to have none is no reason not to act. */
function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'an unknown user';
  }
}
