import { DataStack } from '../../stacks/data-stack';
import { type Environment, ENVIRONMENTS } from '../../stacks/environments';
import { NetworkStack } from '../../stacks/network-stack';
import { RollbackStack } from '../../stacks/rollback-stack';
import { ServiceStack } from '../../stacks/service-stack';
import { resources, type SynthesizedStack, synthesizeStack } from './synthesized';

/** The service stack with the stacks below it, as main.ts makes them. */
export function synthesizeServiceStack(environment: Environment = ENVIRONMENTS.dev): SynthesizedStack {
  return synthesizeStack((app) => {
    const settings = { environment, stateBucket: undefined };
    const network = new NetworkStack(app, settings);
    const data = new DataStack(app, settings);
    return new ServiceStack(app, settings, { network, data });
  });
}

/** The rollback stack with the stacks below it, as main.ts makes them. */
export function synthesizeRollbackStack(environment: Environment = ENVIRONMENTS.dev): SynthesizedStack {
  return synthesizeStack((app) => {
    const settings = { environment, stateBucket: undefined };
    const network = new NetworkStack(app, settings);
    const data = new DataStack(app, settings);
    const service = new ServiceStack(app, settings, { network, data });
    return new RollbackStack(app, settings, { data, service });
  });
}

/** One statement of a policy, as IAM reads it. */
export interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string[]>>;
}

/** What a role may do: all statements of all its policies. The role is named by its `name`. */
export function statementsOf(stack: SynthesizedStack, roleName: string): Statement[] {
  const roleIds = Object.entries(resources<{ name: string }>(stack, 'aws_iam_role'))
    .filter(([, role]) => role.name === roleName)
    .map(([id]) => id);
  if (roleIds.length !== 1) throw new Error(`Expected one role ${roleName}, found ${roleIds.length}.`);
  const reference = `\${aws_iam_role.${roleIds[0]}.name}`;
  return Object.values(resources<{ role: string; policy: string }>(stack, 'aws_iam_role_policy'))
    .filter(({ role }) => role === reference)
    .flatMap(({ policy }) => (JSON.parse(policy) as { Statement: Statement[] }).Statement);
}

/** Which resources each action may touch, by the last part of their addresses. */
export function resourcesByAction(statements: Statement[]): Record<string, string[]> {
  return Object.fromEntries(
    statements.flatMap(({ Action, Resource }) => Action.map((action) => [action, Resource] as const)),
  );
}
