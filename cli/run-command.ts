import { requireSomebodyToAsk } from './acting';
import { apiCommand } from './api/api-command';
import type { AwsContext, CliContext } from './context';
import type { ExitCode } from './exit-code';
import { historyCommand } from './history-command';
import { initialiseCommand } from './initialise-command';
import type { Invocation } from './invocation';
import { replayCommand } from './replay-command';
import { statusCommand } from './status/status-command';
import { TargetError } from './target';
import { watchCommand } from './watch/watch-command';
import { workerCommand } from './worker-command';

/**
 * Runs one command to its exit code.
 *
 * @throws NotConfirmedError, TargetError before anything was done; what a platform throws that the command cannot do
 * without.
 */
export async function runCommand(context: CliContext, invocation: Invocation): Promise<ExitCode> {
  switch (invocation.command) {
    case 'status':
      return statusCommand(context, invocation);
    case 'watch':
      return watchCommand(inAws(context, 'watch'), invocation.options);
    case 'history':
      return historyCommand(context, invocation);
    case 'worker':
      requireSomebodyToAsk(context, invocation.options);
      return workerCommand(context, invocation.action, invocation.options);
    case 'rollback_api': {
      const awsContext = inAws(context, 'rollback api');
      requireSomebodyToAsk(context, invocation.options);
      return apiCommand(awsContext, invocation.options);
    }
    case 'initialise':
      requireSomebodyToAsk(context, invocation.options);
      return initialiseCommand(context, invocation.options);
    case 'replay_allocations':
      requireSomebodyToAsk(context, invocation.options);
      return replayCommand(context, invocation.options);
  }
}

function inAws(context: CliContext, command: string): AwsContext {
  const { target, platform } = context;
  if (target.kind === 'aws' && platform.aws) return { ...context, target, aws: platform.aws };
  throw new TargetError(`${command} is only for a deployed environment: the local system has no such thing.`);
}
