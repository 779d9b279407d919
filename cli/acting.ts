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

/** Asks whether to act. A no is told. */
export async function agreed({ terminal, signal }: CliContext): Promise<boolean> {
  const isAgreed = await terminal.confirm('Go on?', signal);
  if (!isAgreed) terminal.note('Nothing was changed.');
  return isAgreed;
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
  const user = userInfo().username;
  if (!platform.aws) return user;
  try {
    return await platform.aws.identity.arn();
  } catch {
    terminal.note(`AWS does not say who you are: it is recorded as done by ${user}.`);
    return user;
  }
}
