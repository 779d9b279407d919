import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { NetworkStack } from '../../../stacks/network-stack';
import { guardWithServiceVariables } from '../../../stacks/variables/declare-service-variables';
import { synthesizeRollbackStack, synthesizeServiceStack } from '../service-stack-fixture';
import { resources, type SynthesizedStack, synthesizeStack } from '../synthesized';

const GIVEN_BOUNDARY = '${var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn}';

const boundariesOf = (stack: SynthesizedStack): (string | undefined)[] =>
  Object.values(resources<{ permissions_boundary?: string }>(stack, 'aws_iam_role')).map(
    ({ permissions_boundary }) => permissions_boundary,
  );

/** A network stack with a role that somebody has added. */
function synthesizeWithRole({ isGuarded }: { isGuarded: boolean }): SynthesizedStack {
  return synthesizeStack((app) => {
    const environment = ENVIRONMENTS.dev;
    const stack = new NetworkStack(app, { environment, stateBucket: undefined });
    if (isGuarded) guardWithServiceVariables(stack, environment);
    new IamRole(stack, 'added', { assumeRolePolicy: '{}' });
    return stack;
  });
}

describe('the roles of the stacks', () => {
  it.each([
    ['service', synthesizeServiceStack, 4],
    ['rollback', synthesizeRollbackStack, 1],
  ])('have the boundary of the variable in the %s stack, all of them', (_name, synthesize, count) => {
    expect(boundariesOf(synthesize())).toEqual(Array.from({ length: count }, () => GIVEN_BOUNDARY));
  });

  it('have it in a stack that gets its first role', () => {
    expect(boundariesOf(synthesizeWithRole({ isGuarded: true }))).toEqual([GIVEN_BOUNDARY]);
  });

  it('cannot be made in a stack that does not know the variable', () => {
    expect(() => synthesizeWithRole({ isGuarded: false })).toThrow(
      /has the role .*added, but no variable permissions_boundary_arn/,
    );
  });
});
